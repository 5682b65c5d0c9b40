"""What the owner is told: notices that wait to be sent, and what was told before. Sends nothing itself."""
