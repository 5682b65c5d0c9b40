"""Edits of the shop's files from a browser, each with the earlier version beside it."""
