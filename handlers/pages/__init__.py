"""HTML made of values: knows no request and no Quart."""
