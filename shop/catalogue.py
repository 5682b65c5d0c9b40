"""The index of the shop's data that answers use: built anew in another process when a file changes, else kept.

Several processes share one index file: one of them builds it, the others open what it built. A build that fails, or
that finds nothing, leaves the last good index in use, also across restarts. All functions but `current` block.
"""

import fcntl
import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from settings import ROOT, child_environment
from shop.answers import own
from shop.answers.own import AnswersFile, OwnAnswers
from shop.search.index import Index, IndexUnusable
from shop.snapshot import Snapshot

log = logging.getLogger("storekeeper.shop")

STORE, SYNONYMS = "store", "synonyms.csv"
BUILD_SECONDS = 600.0
"""How long one build may take; 50,000 products take about 15 s of one core, and one hostile file has 90 s."""
RETRY_SECONDS = 60.0
"""After which a build that failed is tried again though no file has changed: a full disk may have been cleared."""
MOST_CHARS = 64_000
"""Of products in a prompt: more than 8,000 tokens have."""


_KEPT = "the last good data"


class NotBuilt(Exception):
    """No index could be built; str() says why, for the owner."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one build reads and writes.

    `last_good` is the index whose data stand in for those of files that cannot be used any more. `feed` is a file that
    is read like one of the store's, if it exists.
    """

    store: Path
    target: Path
    last_good: Path
    feed: Path | None
    currency: str


Build = Callable[[Work], None]


class Catalogue:
    """The shop's data as they are in use. `build` makes an index or raises NotBuilt."""

    def __init__(self, prompts: Path, *, build: Build | None = None) -> None:
        self._prompts, self._build = prompts, build or build_in_child
        self._currency, self._most_chars, self._has_feed = "", MOST_CHARS, False
        self._answers = AnswersFile(prompts / STORE / own.FILE)
        self._lock = threading.Lock()
        self._place: Path | None = None
        self._snapshot: Snapshot | None = None
        self._signature = self._failed = self._logged = self._problem = ""
        self._retry = 0.0
        self._code = _code()

    def configure(self, currency: str, *, most_chars: int = MOST_CHARS, has_feed: bool = False) -> None:
        """Read the files in this way from the next look on; until then the data in use stay.

        Up to `most_chars` of products are written out as text, for a prompt that holds all of them.
        """
        with self._lock:
            if (currency, most_chars, has_feed) != (self._currency, self._most_chars, self._has_feed):
                self._currency, self._most_chars, self._has_feed = currency, most_chars, has_feed
                self._signature = ""

    @property
    def current(self) -> Index | None:
        """The index in use, None before the first one. Does not block."""
        return self._snapshot.index if self._snapshot is not None else None

    @property
    def snapshot(self) -> Snapshot | None:
        """The data in use with their texts, None before the first ones. Does not block."""
        return self._snapshot

    @property
    def problem(self) -> str:
        """Return why the files as they are now could not be read, "" where they could. Does not block."""
        return self._problem

    @property
    def place(self) -> Path:
        """The directory of the index and of what belongs to it: `.storekeeper` beside prompts/."""
        if self._place is None:
            self._place = _writable(self._prompts)
        return self._place

    @property
    def feed(self) -> Path:
        """Where the last good feed is kept, if there is one; it counts with `has_feed` only."""
        return self.place / "feed"

    def own_answers(self) -> OwnAnswers:
        """Return the owner's own answers as their file has them now: no index has to be built for them."""
        return self._answers.current(self._snapshot.index.lexicon if self._snapshot is not None else None)

    def signature(self) -> str:
        """Return what identifies the files' state, and that of the code that reads them: names, sizes, times of change."""
        store = self._prompts / STORE
        today = str(date.today())  # sale prices begin and end
        seen = [
            _state(self._prompts / SYNONYMS),
            self._feed_state(),
            self._currency,
            today,
            self._code,
        ]
        with suppress(OSError):
            names = sorted(name for name in os.listdir(store) if not name.startswith("."))
            seen += [_state(store / name) for name in names]
        return hashlib.sha256("\0".join(seen).encode("utf-8", "surrogateescape")).hexdigest()

    def _feed_state(self) -> str:
        """Return the state of the feed; without a place for it there is none, which the reading of the files tells."""
        try:
            return _state(self.feed) if self._has_feed else ""
        except OSError:
            return ""

    def is_behind(self) -> bool:
        """True if files have changed since they were last read; False where they could not be. Blocks."""
        return self.signature() not in (self._signature, self._failed)

    def refresh(self) -> bool:
        """Read the files again if they have changed; True if another index is in use now."""
        with self._lock:
            return self._refreshed()

    def wait(self, seconds: float) -> Snapshot | None:
        """Return the data in use. Before the first ones, wait for the thread that reads the files, or read them here."""
        if self._snapshot is None and self._lock.acquire(timeout=seconds):
            try:
                self._refreshed()
            finally:
                self._lock.release()
        return self._snapshot

    def _refreshed(self) -> bool:
        """Read the files if need be; where the disk takes no index, that is logged, and no answer fails for it."""
        signature = self.signature()
        if signature == self._signature:
            self._problem = ""
        if signature == self._signature or (signature == self._failed and time.monotonic() < self._retry):
            return False
        try:
            return self._refresh(signature)
        except OSError as error:
            self._fail(signature, str(error), is_kept=self._snapshot is not None)
            return False

    def _fail(self, signature: str, reason: str, *, is_kept: bool) -> None:
        """Keep in mind that these files could not be read now; each reason is logged once."""
        self._failed, self._retry, self._problem = signature, time.monotonic() + RETRY_SECONDS, reason
        logged, self._logged = self._logged, f"{signature} {reason}"
        if logged != self._logged:
            log.error("shop_not_read", extra={"error": reason, "kept": _KEPT if is_kept else ""})

    def _refresh(self, signature: str) -> bool:
        target = self.place / "catalogue.sqlite"
        with _one_builder(self.place):
            self._problem = ""
            if _built(target) != signature:
                self._make(target, signature)
            try:
                return self._open(target)
            except IndexUnusable as error:
                log.warning("shop_index_unusable", extra={"error": str(error)})
                _forget(target)
                self._make(target, signature)
                return self._open(target)

    def _make(self, target: Path, signature: str) -> None:
        """Put a new index into the place of the last one, unless it cannot be built or has nothing in it."""
        for left in target.parent.glob("catalogue.*.new*"):  # of a process that died
            left.unlink(missing_ok=True)
        made = target.with_suffix(f".{os.getpid()}.new")  # a build that outlives its process must not write into it
        work = Work(self._prompts / STORE, made, target, self.feed if self._has_feed else None, self._currency)
        try:
            self._build(work)
            _check(made, has_last=target.exists())
            os.replace(made, target)
            _note(target, signature)
            self._logged = ""
        except NotBuilt as error:
            self._fail(signature, str(error), is_kept=target.exists())
        finally:
            made.unlink(missing_ok=True)

    def _open(self, target: Path) -> bool:
        """Use the index on the disk, if it is another one than that in use."""
        built = _built(target)
        if not built or (self._snapshot is not None and built == self._signature):
            return False
        snapshot = Snapshot.of(Index.open(target), self._currency, self._most_chars)
        self._snapshot, self._signature = snapshot, built  # the last one is closed when nobody reads it any more
        return True


def build_in_child(work: Work) -> None:
    """Build an index in a process of its own, which bounds its memory and time. NotBuilt when it fails."""
    command = [
        sys.executable,
        "-m",
        "shop.build",
        str(work.store),
        str(work.target),
        "--last-good",
        str(work.last_good),
    ]
    if work.feed is not None and work.feed.exists():
        command += ["--feed", str(work.feed)]
    if work.currency:
        command += ["--currency", work.currency]
    try:
        child = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True, env=child_environment(),
        )  # fmt: skip
    except OSError as error:
        raise NotBuilt(f"the process that reads the files could not be started: {error}") from error
    try:
        _, output = child.communicate(timeout=BUILD_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # with what it started
        child.communicate()
        raise NotBuilt(f"reading the files took more than {BUILD_SECONDS:.0f} s") from None
    if child.returncode:
        last = output.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise NotBuilt(f"the process that reads the files ended with {child.returncode}: {last or 'no message'}")


def _check(made: Path, *, has_last: bool) -> None:
    """NotBuilt for an index in which there is nothing, where the last good one has something."""
    try:
        index = Index.open(made)
    except IndexUnusable as error:
        raise NotBuilt(f"the process that reads the files left no index: {error}") from error
    try:
        if has_last and not index.count and not index.texts():
            errors = [f"{one.file}: {one.error}" for one in index.reports() if one.error]
            raise NotBuilt("; ".join(errors) or "there is no file with anything in it")
    finally:
        index.close()


def _built(target: Path) -> str:
    """Return the signature of the files that the index was built of, "" where there is no index."""
    try:
        found = json.loads(target.with_suffix(".json").read_bytes())
        return str(found["signature"]) if target.exists() else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _forget(target: Path) -> None:
    target.unlink(missing_ok=True)
    target.with_suffix(".json").unlink(missing_ok=True)


def _note(target: Path, signature: str) -> None:
    beside = target.with_suffix(".json")
    beside.with_suffix(".json.new").write_text(json.dumps({"signature": signature}))
    os.replace(beside.with_suffix(".json.new"), beside)


@contextmanager
def _one_builder(place: Path) -> Iterator[None]:
    """Hold the lock of all processes that share the index."""
    descriptor = os.open(place / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _writable(prompts: Path) -> Path:
    """Return `.storekeeper` beside prompts/, or where nothing can be written there, a private directory of this machine's."""
    beside = prompts.parent / ".storekeeper"
    try:
        return _tried(beside)
    except OSError as error:
        name = hashlib.sha256(str(prompts).encode()).hexdigest()[:12]
        shared = Path(tempfile.gettempdir()) / f"storekeeper-{os.getuid()}-{name}"
        log.info("shop_index_elsewhere", extra={"wanted": str(beside), "error": str(error), "used": str(shared)})
    try:
        if _tried(shared).lstat().st_uid == os.getuid() and not shared.is_symlink():
            return shared
    except OSError:
        log.warning("shop_index_not_shared", extra={"refused": str(shared)})
    return Path(tempfile.mkdtemp(prefix="storekeeper-"))  # somebody else has the name: this process reads for itself


def _tried(place: Path) -> Path:
    """Return the directory, made if need be. OSError where nothing can be written to it."""
    place.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryFile(dir=place):
        return place


def _state(path: Path) -> str:
    """Return what distinguishes one state of a file from another; a link's is that of the file it leads to."""
    try:
        found = path.stat()
    except OSError:
        return f"{path.name} -"
    return f"{path.name} {found.st_ino} {found.st_size} {found.st_mtime_ns}"


def _code() -> str:
    """Return the state of the code that makes an index: after an update it is made anew."""
    return " ".join(_state(path) for path in sorted(Path(__file__).parent.rglob("*.py")))
