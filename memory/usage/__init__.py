"""What calls of models cost: the ledger of each user, and the day's budgets."""
