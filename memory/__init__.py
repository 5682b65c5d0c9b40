"""Everything remembered about a user, and how it is fitted into a prompt.

The door to the disk is memory.storage. Functions here block (they read and write files, wait for locks, count tokens or
hash): call them in a thread. These do not, and say so nowhere else: memory.text, memory.timestamps, memory.i18n,
conversations.records, context.quoting and context.facts work on texts at hand; `Folder.may_have` is one system call.
Knows nothing of HTTP and never calls a model.
"""
