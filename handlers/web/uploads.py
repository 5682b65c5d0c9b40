"""The bodies of requests: bounded to the byte however they come, larger only where a file is sent in."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import IO, Any, cast

from quart import Request as QuartRequest
from quart.datastructures import FileStorage
from quart.formparser import FormDataParser, ParserFunc
from quart.wrappers.request import Body as QuartBody
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.sansio.multipart import Epilogue, Event, MultipartDecoder, NeedData, State

from handlers.desk import logo
from handlers.desk.shop_files import MOST_BYTES as MOST_DATA_BYTES
from memory.conversations import photos
from memory.conversations.imports import MOST_BYTES

LARGEST_BODY = 320 * 1024
IMPORT_PATH, MESSAGE_PATH, DATA_PATH = "/conversations/import", "/messages", "/admin/data/upload"
SETUP_DATA_PATH, SETUP_SHOP_PATH = "/admin/setup/data/upload", "/admin/setup/shop"
LARGER = {
    IMPORT_PATH: MOST_BYTES + 64 * 1024,
    MESSAGE_PATH: photos.MOST_BYTES + LARGEST_BODY,
    DATA_PATH: MOST_DATA_BYTES + 64 * 1024,
    SETUP_DATA_PATH: MOST_DATA_BYTES + 64 * 1024,
    SETUP_SHOP_PATH: logo.MOST_BYTES + 64 * 1024,
}
"""Paths whose body may have more bytes than others', where a file is sent in: the file, and the form around it."""
UPLOAD_SECONDS = 180
"""How long a body with a file may take to come."""
_LARGEST_HEAD = 8 * 1024
"""Bytes of the lines that stand before a file or a field in a form, its name among them."""


def most_bytes(method: str, path: str, content_type: str) -> int:
    """Return the most bytes that the body of such a request may have."""
    has_file = method == "POST" and content_type.startswith("multipart/form-data")
    return LARGER.get(path, LARGEST_BODY) if has_file else LARGEST_BODY


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


class _Heads(MultipartDecoder):
    """Reads along to see the head of each part, which is bounded: werkzeug takes a microsecond for each character of it."""

    def next_event(self) -> Event:
        if self.state is State.PART and len(self.buffer) > _LARGEST_HEAD:
            head = self.buffer[:_LARGEST_HEAD]
            if not any(blank in head for blank in (b"\r\n\r\n", b"\n\n", b"\r\r")):
                raise BadRequest
        return super().next_event()

    async def checked(self, body: QuartBody) -> AsyncIterator[bytes]:
        """Yield the body's bytes. BadRequest before those that end a head that is too large."""
        async for data in body:
            self.receive_data(data)
            while not isinstance(self.next_event(), Epilogue | NeedData):
                pass
            yield data


class _FormParser(FormDataParser):
    def get_parse_func(self, mimetype: str, options: dict[str, str]) -> ParserFunc | None:
        parse = super().get_parse_func(mimetype, options)
        boundary = options.get("boundary", "")
        if parse is None or mimetype != "multipart/form-data" or not boundary.isascii():
            return parse

        async def checked(
            parser: FormDataParser, body: QuartBody, kind: str, length: int | None, options: dict[str, str]
        ) -> Any:
            heads = _Heads(boundary.encode()).checked(body)
            return await parse(parser, cast(QuartBody, heads), kind, length, options)

        return checked


class Request(QuartRequest):
    """A request whose body may be larger on some paths; the limit counts before anybody looks at the body."""

    body_class = Body

    def __init__(
        self,
        method: str,
        scheme: str,
        path: str,
        query_string: bytes,
        headers: Headers,
        *others: Any,
        max_content_length: int | None = None,
        **named: Any,
    ) -> None:
        limit = most_bytes(method, path, headers.get("Content-Type", ""))
        super().__init__(method, scheme, path, query_string, headers, *others, max_content_length=limit, **named)
        self.max_content_length = limit
        if self.takes_file:
            self.body_timeout = UPLOAD_SECONDS
        self._sent_in = list[IO[bytes]]()
        self.on_form: Callable[[], Awaitable[None]] | None = None
        """Called once, when the form has come whole and before anybody is given it."""

    @property
    async def form(self) -> MultiDict[str, str]:
        """The fields of the form."""
        found = await super().form
        await self._pass_form()
        return found

    @property
    async def files(self) -> MultiDict[str, FileStorage]:
        """The files of the form."""
        found = await super().files
        await self._pass_form()
        return found

    async def _pass_form(self) -> None:
        on_form, self.on_form = self.on_form, None
        if on_form is not None:
            await on_form()

    @property
    def takes_file(self) -> bool:
        """True if a file may come with it, and its body may be larger and later than others'."""
        return self.max_content_length != LARGEST_BODY

    form_data_parser_class = _FormParser

    def make_form_data_parser(self) -> FormDataParser:
        parser = super().make_form_data_parser()
        parser.stream_factory = self._open_file
        return parser

    def _open_file(self, *_: object) -> IO[bytes]:
        file = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=512 * 1024))  # noqa: SIM115  (close_files does)
        self._sent_in.append(file)
        return file

    async def drain(self, most_bytes: int) -> None:
        """Wait until the browser has sent all of a body that is too large, so that it reads the answer.

        One said to have many times the bytes that it may have is a mistake or a lie, and nobody waits for its end.
        """
        if (self.content_length or 0) < 8 * most_bytes:
            await cast(Body, self.body).drained(UPLOAD_SECONDS)

    def close_files(self) -> None:
        """Close the files that came with the form, also one that came in part."""
        for file in self._sent_in:
            file.close()
