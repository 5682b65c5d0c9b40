"""The watch over the shop's files: an edit counts within seconds, in every process, without work on the event loop.

The owner reads in the log what was read, and which file cannot be used; a customer sees neither. What cannot be used stands
among the incidents until it can.
"""

import logging
import threading
import time
from collections.abc import Callable

from handlers.desk import question_runs
from handlers.services import Services
from shop.snapshot import Snapshot

log = logging.getLogger("storekeeper.shop")

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 10.0
"""How long files that change all the time are waited for; then they are read as they are."""
_FEED_LOOK_SECONDS = 5.0


class ShopWatch:
    """Reads the shop's files in a thread, at the start and whenever they have changed, and fetches its feed, until `stop`.

    `current` returns the services with the settings in force.
    """

    def __init__(self, current: Callable[[], Services], look_seconds: float = LOOK_SECONDS) -> None:
        self._current, self._look_seconds = current, look_seconds
        self._stopped = threading.Event()
        self._settled = time.monotonic()
        self._noted: tuple[Snapshot | None, str] | None = None
        """The data, and what could not be read, of which incidents were last made here."""
        self._threads = [
            threading.Thread(target=self._run, name="shop", daemon=True),
            threading.Thread(target=self._run_feed, name="feed", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads at their next look; a build or a request that runs is not waited for."""
        self._stopped.set()

    def join(self, seconds: float) -> None:
        for thread in self._threads:
            thread.join(seconds)

    def _run(self) -> None:
        seen = self._look(None)
        while not self._stopped.wait(self._look_seconds):
            seen = self._look(seen)

    def _run_feed(self) -> None:
        """Fetch the feed whenever it is due; what is kept of it is read like a file that was edited."""
        while not self._stopped.is_set():
            try:
                problem = self._fetch_feed()
            except Exception as error:  # a thread's edge: the last good feed stays
                log.exception("feed_not_used")
                problem = f"It could not be kept: {type(error).__name__}."
            self._note_feed(problem)
            self._stopped.wait(_FEED_LOOK_SECONDS)

    def _fetch_feed(self) -> str:
        """Fetch the feed if it is due; return why what came last is not used, "" where it is or there is no feed."""
        settings = self._current().settings
        if not settings.catalogue.feed:
            return ""
        from shop.feed import Feed  # the readers take 0.1 s to import; without a feed nobody here needs them

        kept = self._current().shop.feed
        feed = Feed(settings.catalogue.feed, kept, settings.catalogue.feed_minutes, settings.currency)
        feed.refresh()
        return feed.state().error

    def _note_feed(self, problem: str) -> None:
        services = self._current()
        if problem:
            services.incidents.note("feed_failing", "", problem, services.now())
        else:
            services.incidents.clear(("feed_failing", ""))

    def _note_files(self, services: Services) -> None:
        """Note the files that cannot be used now, and clear all others; nothing is done while they stay the same."""
        snapshot, problem = services.shop.snapshot, services.shop.problem
        if self._noted is not None and self._noted[0] is snapshot and self._noted[1] == problem:
            return
        reports = snapshot.index.reports() if snapshot is not None else []
        found = {report.file: report.error for report in reports if report.error}
        if problem:
            found[""] = problem
        services.incidents.keep("data_unusable", found, services.now())
        self._noted = snapshot, problem

    def _look(self, seen: str | None) -> str:
        """Read the files if they have changed since they were last read, and not since the last look: one may still be written.

        Return their state. One that never stops being written holds the others up no longer than PATIENCE_SECONDS.
        """
        shop = self._current().shop
        try:
            signature = shop.signature()
            is_settled = seen in (None, signature) or time.monotonic() > self._settled + PATIENCE_SECONDS
            if is_settled:
                self._settled = time.monotonic()
            if is_settled and shop.refresh() and (snapshot := shop.snapshot) is not None:
                _tell(self._current(), snapshot)
                question_runs.run_by_code(self._current())
            self._note_files(self._current())
        except Exception:  # a thread's edge: the data in use stay
            log.exception("shop_not_read")
            return seen or ""
        return signature


def _tell(services: Services, snapshot: Snapshot) -> None:
    """Write into the log what was read, in a line, and a line for each file that cannot be used."""
    index, reports = snapshot.index, snapshot.index.reports()
    counts = {
        "products": index.count,
        "variants": index.variant_count,
        "texts": len(index.texts()),
        "files": len(reports),
    }
    counts["left_out"] = sum(count for report in reports for count in report.left_out.values())
    unusable = [report for report in reports if report.error]
    log.info("shop_read", extra=counts | {"unusable": len(unusable), "sent": _sent(services, snapshot)})
    for report in unusable:
        log.error("shop_file_unusable", extra={"file": report.file, "error": report.error})


def _sent(services: Services, snapshot: Snapshot) -> str:
    """Return how the data go into prompts. Nothing is counted for it: the token tables stay unloaded until a chat is opened."""
    most = services.settings.catalogue.whole_tokens
    return "searched" if snapshot.whole is None else f"whole up to {most} tokens, else searched"
