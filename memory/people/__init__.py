"""Accounts, passwords, invites, and leaving."""
