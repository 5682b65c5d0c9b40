"""Checks everybody's files with a parser of its own, and repairs them."""
