"""Kills servers at random under a live load and counts what was lost: `uv run just kills`.

Twenty people talk to two servers over one users directory; every half second or so one of the servers is killed by
SIGKILL and started again. A person whose connection breaks sends the same message to the other server, from the same
view, as a browser behind a proxy does. Afterwards everything that anybody was told is looked for in the files.
"""

import argparse
import http.client
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from commands import check_users
from memory.conversations.turns import recover_if_dead
from memory.integrity.check import check_all
from memory.storage.users import Users
from settings import ROOT, Environment
from tests.faults.invariants import Witness, broken
from tests.faults.live import Browser, House, Server, now, values_for
from tests.support.upstream import running

COUNT = 40
WHOLE = " ".join(f"word{n}" for n in range(1, COUNT + 1))
_BROKEN = (OSError, http.client.HTTPException)


@dataclass
class Figures:
    """What happened."""

    kills: int = 0
    questions: int = 0
    complete: int = 0
    interrupted: int = 0
    refused: int = 0
    recovery_seconds: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    tmp_files: int = 0
    asked: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        slowest = max(self.recovery_seconds, default=0.0)
        return (
            f"{self.kills} kills, {self.questions} messages accepted, {self.complete} replies shown whole, "
            f"{self.interrupted} interrupted, {self.refused} tries refused or broken off; "
            f"lost, doubled or invalid: {len(self.troubles)}; longest wait of a person for the other server: {slowest:.1f} s; "
            f"temporary files left: {self.tmp_files}"
        )


class Person(threading.Thread):
    """Somebody who asks one thing after another, at whichever server answers, until told to stop."""

    def __init__(self, browser: Browser, servers: list[Server], figures: Figures, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._browser, self._servers, self._figures, self._over = browser, servers, figures, over
        self._after = 0
        self.error: str | None = None

    def run(self) -> None:
        number = 0
        try:
            while not self._over.is_set():
                number += 1
                question = self.question(number)
                reply_id = self._send(question)
                if reply_id is not None:
                    self._after = int(reply_id.partition("-")[0])
                    self._follow(question, reply_id)
        except Exception as error:
            self.error = f"{self._browser.name}: {error!r}"

    def question(self, number: int) -> str:
        return f"say-200-{COUNT} {self._browser.name} {number}"

    def _elsewhere(self) -> None:
        self._browser.port = random.choice(self._servers).port

    def _send(self, question: str) -> str | None:
        """Send until it is accepted, from the same view of the conversation each time."""
        while not self._over.is_set():
            self._elsewhere()
            try:
                answer, reply_id = self._browser.send(question, self._after)
            except _BROKEN:
                self._figures.refused += 1
                time.sleep(0.05)
                continue
            if reply_id is not None:
                self._figures.questions += 1
                self._figures.asked.append(question)
                return reply_id
            self._figures.refused += 1
            if answer.status == 200:  # more was said than this view has: it is loaded anew
                self._look()
                return None
            time.sleep(0.05)
        return None

    def _look(self) -> None:
        page = self._browser.get("/").text
        found = re.search(r'name="after" value="(\d+)"', page)
        self._after = int(found[1]) if found else self._after

    def _follow(self, question: str, reply_id: str) -> None:
        """Follow the reply to its end, wherever it can be followed."""
        broke: float | None = None
        last = time.monotonic() + 60
        while time.monotonic() < last:
            self._elsewhere()
            try:
                shown = self._browser.follow(question, reply_id)
            except _BROKEN:
                shown = None
            if shown is not None:
                if broke is not None:
                    self._figures.recovery_seconds.append(time.monotonic() - broke)
                if shown == WHOLE:
                    self._figures.complete += 1
                else:
                    self._figures.interrupted += 1
                return
            broke = broke or time.monotonic()
            time.sleep(0.05)
        raise AssertionError(f"the reply {reply_id} did not come to its end")


def run(root: Path, *, people: int, kills: int, pause: tuple[float, float] = (0.3, 0.8), seed: int = 1) -> Figures:
    """Do it; return the figures. Raises nothing for what was lost: that stands among the troubles."""
    random.seed(seed)
    figures, witness, over = Figures(), Witness(), threading.Event()
    with running() as upstream:
        house = House(root, values_for(upstream, memory={"high_tokens": 600, "summary_tokens": 300}))
        try:
            servers = list(house.two_servers())
            talking = [
                Person(house.browser(f"ana{n}", servers[n % 2], witness), servers, figures, over) for n in range(people)
            ]
            for person in talking:
                person.start()
            while figures.kills < kills:
                time.sleep(random.uniform(*pause))
                victim = servers[figures.kills % 2]
                os.kill(victim.pid(), signal.SIGKILL)
                victim.process.wait(timeout=10)
                figures.kills += 1
                victim.start()
                if figures.kills % 100 == 0:
                    print(figures, file=sys.stderr, flush=True)
            over.set()
            for person in talking:
                person.join(90)
                if person.is_alive() or person.error:
                    figures.troubles.append(person.error or f"{person.name} does not come to an end")
            codes = [server.end() for server in servers]
            if codes != [0, 0]:
                figures.troubles.append(f"exit codes {codes}")
        finally:
            house.close()
    figures.troubles += verdict(house, witness, figures, dict.fromkeys(figures.asked, WHOLE))
    return figures


def verdict(house: House, witness: Witness, figures: Figures, whole: dict[str, str]) -> list[str]:
    """Return what does not hold afterwards, once each person has come back."""
    users = Users(house.users.root)
    for name in users.names():
        recover_if_dead(users.folder(name), now())
    figures.tmp_files = len(list(users.root.glob("*/.*.tmp")))
    troubles = broken(users.root, witness, whole)
    troubles += [str(error) for report in check_all(users.root) for error in report.errors]
    if figures.tmp_files > figures.kills:
        troubles.append(f"I5: {figures.tmp_files} temporary files")
    for server in house.servers:
        if "Traceback" in server.log():
            troubles.append(f"a traceback in the log of {server.port}: {server.log()[-2000:]}")
    place = Environment(users=users.root, prompts=ROOT / "prompts", host="", port=1, secret_key=None, environ={})
    check_users(place, repairs=False)
    return troubles


def main() -> int:
    parser = argparse.ArgumentParser(prog="kills", description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="storekeeper-kills-") as root:
        figures = run(Path(root), people=chosen.people, kills=chosen.kills, seed=chosen.seed)
    print(f"{figures}; {time.monotonic() - started:.0f} s.")
    for trouble in figures.troubles[:40]:
        print(f"  {trouble}")
    return 1 if figures.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
