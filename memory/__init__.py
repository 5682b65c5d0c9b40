"""Everything remembered about a user, and how it is fitted into a prompt.

Files of users are opened in memory.storage only. Functions here block (they read and write files, wait for locks, count tokens or
hash): call them in a thread. These do not, and say so nowhere else: memory.text, memory.timestamps, memory.i18n,
conversations.records, context.quoting and memory.facts work on texts at hand; `Folder.may_have` is one system call.
Knows nothing of HTTP and never calls a model.
"""
