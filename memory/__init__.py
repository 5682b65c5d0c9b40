"""Everything remembered about a person, and how it is fitted into a prompt.

The door to the disk is memory.storage.folders; the rest is pure. Knows nothing of HTTP and never calls a model.
"""
