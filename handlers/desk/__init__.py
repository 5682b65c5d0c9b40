"""What the owner's desk knows and does: no HTML, no Quart."""
