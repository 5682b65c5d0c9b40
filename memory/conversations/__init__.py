"""Conversations as records: appended, read, set aside, searched, exported and imported."""
