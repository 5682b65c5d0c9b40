"""The bodies of requests: bounded to the byte however they come, larger only where a file is sent in."""

import asyncio
import tempfile
from typing import IO, Any, cast

from quart import Request as QuartRequest
from quart.formparser import FormDataParser
from quart.wrappers.request import Body as QuartBody
from werkzeug.exceptions import RequestEntityTooLarge

from memory.conversations.imports import MOST_BYTES

LARGEST_BODY = 320 * 1024
IMPORT_PATH = "/conversations/import"
LARGER = {IMPORT_PATH: MOST_BYTES + 64 * 1024}
"""Paths whose body may have more bytes than others': what may be imported, and the form around it."""


class Body(QuartBody):
    """A body that counts all its bytes, also those that were read already. What comes after too many is dropped."""

    def __init__(self, expected_content_length: int | None, max_content_length: int | None) -> None:
        super().__init__(expected_content_length, max_content_length)
        self._received = 0
        self._ended = asyncio.Event()

    async def __anext__(self) -> bytes:
        try:
            return await super().__anext__()
        except StopAsyncIteration:
            if self._must_raise is not None:  # Quart looks for it before it waits only
                raise self._must_raise from None
            raise

    def append(self, data: bytes) -> None:
        self._received += len(data)
        if self._max_content_length is not None and self._received > self._max_content_length:
            self._data.clear()
            self._must_raise = RequestEntityTooLarge()
            super().set_complete()
        else:
            super().append(data)

    def set_complete(self) -> None:
        self._ended.set()
        super().set_complete()

    async def drained(self, timeout_seconds: float) -> None:
        """Wait until the browser has sent all, so that it reads the answer; not for ever."""
        try:
            await asyncio.wait_for(self._ended.wait(), timeout_seconds)
        except TimeoutError:
            return


class Request(QuartRequest):
    """A request whose body may be larger on some paths; the limit counts before anybody looks at the body."""

    body_class = Body

    def __init__(
        self, method: str, scheme: str, path: str, *others: Any, max_content_length: int | None = None, **named: Any
    ) -> None:
        limit = LARGER.get(path, max_content_length) if method == "POST" else max_content_length
        super().__init__(method, scheme, path, *others, max_content_length=limit, **named)
        self.max_content_length = limit
        self._sent_in = list[IO[bytes]]()

    def make_form_data_parser(self) -> FormDataParser:
        parser = super().make_form_data_parser()
        parser.stream_factory = self._open_file
        return parser

    def _open_file(self, *_: object) -> IO[bytes]:
        file = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=512 * 1024))  # noqa: SIM115  (close_files does)
        self._sent_in.append(file)
        return file

    def close_files(self) -> None:
        """Close the files that came with the form, also one that came in part."""
        for file in self._sent_in:
            file.close()
