"""The only code that touches the files of users/ (integrity/check.py apart, on purpose)."""
