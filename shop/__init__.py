"""What is known of the shop: its texts, and answers made of them by code. Imports settings only."""
