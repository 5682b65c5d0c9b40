"""What messages state: values by meaning, the clauses that state them, and what took the place of what. Pure."""
