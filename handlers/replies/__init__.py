"""From the question to the kept record: knows no HTML and no Quart. Read turn.py first."""
