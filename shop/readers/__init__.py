"""From the files of prompts/store/ to products and texts, and what the owner is to know of them. Knows nothing of HTTP."""
