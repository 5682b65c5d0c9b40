"""The feed: a file of products at an address, fetched again and again and kept beside the index. It is read like the store's.

One that cannot be read, or has lost more than half of its products, does not replace the last good one. No hop of a request
leads to an address of the machine's own network that is not the owner's wish: see shop/destinations.py.
"""

import asyncio
import fcntl
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin, urlsplit

from settings import VERSION
from shop.destinations import AddressRefused, Destination, resolver_of
from shop.readers.bounded import readings_of
from shop.readers.files import MOST_BYTES
from shop.readers.reading import Terms

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger("storekeeper.shop")

FETCH_SECONDS = 120.0
MOST_REDIRECTS = 5
LEAST_SHARE = 0.5
"""Of the last good feed's products that a new one must have; with fewer it is taken for half a file."""
_RETRY_MINUTES = 5


class FeedRefused(AddressRefused):
    """What came is not used; str() says why, for the owner."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of the last good feed, and when the next one is due, in seconds since 1970."""

    digest: str = ""
    """Of its address, which may hold a secret."""
    etag: str = ""
    modified: str = ""
    products: int = 0
    due: float = 0.0
    error: str = ""
    """Why the last request brought nothing that is used, "" where it did."""


class Feed:
    """The feed of one address, kept at `file`; the processes of a machine that share the file fetch it once."""

    def __init__(self, address: str, file: Path, minutes: int, currency: str = "") -> None:
        self._address, self._file, self._minutes, self._currency = address, file, minutes, currency
        self._digest = hashlib.sha256(address.encode()).hexdigest()
        self._host = urlsplit(address).hostname or ""

    @property
    def host(self) -> str:
        """The address's host; the rest of it may hold a secret."""
        return self._host

    def state(self) -> FeedState:
        """Return what is known of this address; nothing of another one, and of a feed that is gone."""
        with suppress(OSError, ValueError, TypeError):
            state = FeedState(**json.loads(self._beside.read_bytes()))
            if state.digest == self._digest:
                return state if self._file.exists() else FeedState(self._digest, due=state.due, error=state.error)
        return FeedState(self._digest)

    def refresh(self) -> bool:
        """Fetch the feed if it is due; True if another one is kept now. Blocks."""
        with self._one_fetcher() as is_ours:
            state = self.state() if is_ours else None
            if state is None or time.time() < state.due:
                return False
            fetched = self._file.with_name("feed-new")  # without a suffix: it is read by how it looks
            try:
                new = asyncio.run(_fetched(state, self._address, fetched))
                products = self._check(fetched, state) if new is not None else state.products
            except (AddressRefused, OSError) as error:
                log.error("feed_not_used", extra={"host": self._host, "error": str(error), "kept": state.products})
                due = time.time() + 60 * min(self._minutes, _RETRY_MINUTES)
                self._note(replace(state, due=due, error=str(error)))
                return False
            else:
                if new is not None:
                    os.replace(fetched, self._file)
                    log.info("feed_read", extra={"host": self._host, "products": products})
                due = time.time() + 60 * self._minutes
                self._note(replace(new or state, products=products, due=due, error=""))
                return new is not None
            finally:
                fetched.unlink(missing_ok=True)

    def _check(self, fetched: Path, last: FeedState) -> int:
        """Return the products of a file that was fetched. FeedRefused where it cannot take the last one's place."""
        (reading,) = readings_of([fetched], Terms(self._currency, date.today()))
        count = len(reading.products)
        if reading.error or not count:
            raise FeedRefused(reading.error or "There is no product in it.")
        if count < LEAST_SHARE * last.products:
            raise FeedRefused(
                f"It has {count} products, the last one had {last.products}. If that is right, delete {self._beside}."
            )
        return count

    @property
    def _beside(self) -> Path:
        return self._file.with_name("feed.json")

    def _note(self, state: FeedState) -> None:
        new = self._file.with_name("feed.json.new")
        new.write_text(json.dumps(asdict(state)))
        os.replace(new, self._beside)

    @contextmanager
    def _one_fetcher(self) -> Iterator[bool]:
        """Hold the lock of all processes that share the feed; False where another one has it."""
        descriptor = os.open(self._file.with_name("feed.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(descriptor)


async def _fetched(last: FeedState, address: str, target: Path) -> FeedState | None:
    """Fetch into a file; return what its server says of this version, None where it has not changed. FeedRefused."""
    import aiohttp

    try:
        async with asyncio.timeout(FETCH_SECONDS):
            hop = Destination(address)
            for _ in range(MOST_REDIRECTS + 1):
                hop.check()
                found = await _request(hop, last, target)
                if not isinstance(found, Destination):
                    return found
                hop = found
            raise FeedRefused(f"It leads on more than {MOST_REDIRECTS} times.")
    except TimeoutError:
        raise FeedRefused(f"It was not there within {FETCH_SECONDS:.0f} s.") from None
    except aiohttp.ClientError as error:
        refused = error.__cause__ or error.__context__
        raise refused if isinstance(refused, AddressRefused) else FeedRefused(_reason_of(error)) from None


async def _request(hop: Destination, last: FeedState, target: Path) -> FeedState | Destination | None:
    """Make one request: return the feed's state, the next hop, or None where nothing has changed."""
    import aiohttp

    resolver = resolver_of(hop)
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, limit=1)
    headers = {"User-Agent": f"Storekeeper/{VERSION}"}
    headers |= {"If-None-Match": last.etag} if last.etag else {}
    headers |= {"If-Modified-Since": last.modified} if last.modified else {}
    async with (
        aiohttp.ClientSession(connector=connector, trust_env=False) as session,
        session.get(hop.address, headers=headers, allow_redirects=False) as answer,
    ):
        if answer.status in (301, 302, 303, 307, 308) and (to := answer.headers.get("Location")):
            try:
                return Destination(urljoin(hop.address, to), hop.was_public or resolver.is_reached_in_public)
            except ValueError:
                raise FeedRefused("It leads to what is no address of the web.") from None
        if answer.status == 304:
            return None
        if answer.status != 200:
            raise FeedRefused(f"Its server answers with status {answer.status}.")
        with target.open("wb") as file:
            await _save(answer, file)
        return FeedState(last.digest, answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))


async def _save(answer: "aiohttp.ClientResponse", file: BinaryIO) -> None:
    size = 0
    async for piece in answer.content.iter_chunked(1 << 16):
        size += len(piece)
        if size > MOST_BYTES:
            raise FeedRefused(f"It has more than {MOST_BYTES // 1_000_000} MB.")
        file.write(piece)


def _reason_of(error: Exception) -> str:
    """Return what a client says of a failed request, without the address: it may hold a secret."""
    reason = getattr(error, "strerror", None)
    return f"It cannot be fetched: {type(error).__name__}{f' ({reason})' if reason else ''}."
