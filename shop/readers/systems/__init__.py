"""The exports of shop systems, recognised by their headers. Each module reads one system's table."""
