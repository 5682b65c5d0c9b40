"""What the owner is notified of: notices that wait to be sent, and what was sent before. Sends nothing itself."""
