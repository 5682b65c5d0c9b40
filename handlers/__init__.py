"""Everything a browser can ask. Quart is imported here and in server.py only."""
