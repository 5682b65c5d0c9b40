"""Answers made by code: what a question is after, and the cards and lines that say it."""
