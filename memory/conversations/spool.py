"""reply.txt: a reply while it is being written, in the form of history.txt, so that a user can read it too.

It is made empty when the question is accepted; the header follows with the first words, when it is known which model
speaks. When the reply is kept, the file is removed.
"""

import os
from dataclasses import dataclass

from memory.conversations.records import Entry, Record, parse, print_header
from memory.i18n import Phrase
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import REPLY
from memory.text import Normaliser

_WRITING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Spool:
    """The open reply.txt of the reply that this process is writing."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.text = ""
        self._normaliser = Normaliser()
        self._pending = b""
        self._descriptor: int | None = folder.open(REPLY, _WRITING)

    def head(self, record: Record) -> None:
        """Note the header of the words that follow, before the first of them; a second model's header takes the place of the first's."""
        self._pending = print_header(record) + b"    "

    def add(self, piece: str) -> str:
        """Take a piece of the answer; return what of it is settled, normalised."""
        settled = self._normaliser.feed(piece)
        if settled:
            self.text += settled
            self._pending += settled.replace("\n", "\n    ").encode()
        return settled

    def restart(self) -> None:
        """Take back all that was written: it was not the answer. The header follows anew with its first words."""
        self.text, self._pending, self._normaliser = "", b"", Normaliser()
        if self._descriptor is not None:
            try:
                os.ftruncate(self._descriptor, 0)
            except OSError as error:
                raise _not_saved(error) from error

    def flush(self) -> None:
        """Write what is pending with one os.write. StorageError when the disk does not take it; it stays pending."""
        if not self._pending or self._descriptor is None:
            return
        try:
            written = os.write(self._descriptor, self._pending)
        except OSError as error:
            raise _not_saved(error) from error
        self._pending = self._pending[written:]
        if self._pending:
            raise StorageError("The answer couldn't be saved: the disk is full.")

    def remove(self) -> None:
        """Close and remove the file. Call it under the lock, once the reply is kept. An absent file is fine."""
        self.close()
        discard(self.folder)

    def close(self) -> None:
        """Close the file; it stays until it is removed or discarded."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _not_saved(error: OSError) -> StorageError:
    return StorageError("The answer couldn't be saved: %(reason)s.", reason=Phrase(error.strerror or error))


@dataclass(frozen=True, slots=True)
class Spooled:
    """What a spool holds: the words so far, and the model that speaks once it has begun."""

    text: str
    model: str | None
    replaces: int | None
    number: int | None = None
    """The number that its record will have; None before the first words."""


def read(folder: Folder) -> Spooled | None:
    """Read the spool of a reply that some process is writing or left behind; None when there is none."""
    try:
        data = folder.read(REPLY)
    except FileNotFoundError:
        return None
    for item in parse(data):
        if isinstance(item, Entry):
            return Spooled(item.record.text, item.record.model, item.record.replaces, item.record.number)
    return Spooled("", None, None)


def discard(folder: Folder) -> None:
    folder.remove(REPLY)
