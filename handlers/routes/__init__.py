"""Everything a browser can ask, a blueprint a subject. No route imports another."""
