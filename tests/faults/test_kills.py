"""SIGKILL, and a disk that refuses, at every change that a turn and its fold make to a person's files, one after the other."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest

from memory.context import summary
from memory.context.summary import Covered
from memory.conversations import history, turns
from memory.conversations.records import Record, print_record
from memory.conversations.turns import Accepted, NewMessage, Regenerate, ReplyInProgress
from memory.integrity.check import check_user
from memory.storage.layout import HISTORY
from memory.storage.users import Users
from settings import ROOT
from tests.faults import dying
from tests.faults.invariants import Witness, broken, records_of
from tests.support.shop import NOON
from tests.support.turns import accept

pytestmark = pytest.mark.timeout(300)

TALK = 24
"""Messages said before: enough that a fold is due after the turn."""


@dataclass(frozen=True, slots=True)
class Death:
    """One process that died, and what it had told until then."""

    users: Users
    name: str
    code: int
    told: list[tuple[str, str]]

    @property
    def words(self) -> list[str]:
        return [what for what, _ in self.told]


@pytest.fixture(scope="module")
def deaths(struck: list[Death]) -> list[Death]:
    """The turns whose process was killed, and the one that was left alone."""
    found = [one for one in struck if not one.name.endswith("refused")]
    assert len(found) > 30
    return found


@pytest.fixture(scope="module")
def refusals(struck: list[Death]) -> list[Death]:
    """The turns of whose changes the disk refused one, each followed by another turn."""
    found = [one for one in struck if one.name.endswith("refused")]
    assert len(found) >= 15
    return found


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory, accounts_of_all: dict[str, bytes]) -> list[Death]:
    """A turn with a fold behind it, struck at each of its changes."""
    root = tmp_path_factory.mktemp("kills")
    users = Users(root / "template")
    users.prepare()
    for name, account in accounts_of_all.items():
        users.create(name, account)
    said = [
        Record(n, NOON - timedelta(hours=1), "user" if n % 2 else "assistant", f"Message {n}, of blue mugs. " * 6,
               ending=None if n % 2 else "stop")
        for n in range(1, TALK + 1)
    ]  # fmt: skip
    path = users.folder("ana").path / HISTORY
    path.write_bytes(b"".join(map(print_record, said)))
    path.chmod(0o600)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.dying", str(users.root), str(root / "dead")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=240,
        check=True,
    )
    ended = [json.loads(line) for line in ran.stdout.splitlines()]
    return [
        Death(Users(Path(one["root"])), f"{one['at']} {one['manner']}", one["code"], [tuple(t) for t in one["told"]])
        for one in ended
    ]


def _witness(death: Death) -> Witness:
    witness, question = Witness(), ""
    for what, text in death.told:
        if what == "asked":
            witness.note_accepted("ana", text)
            question = text
        elif what == "replied":
            witness.note_complete("ana", question, text)
    return witness


def test_every_change_of_a_turn_and_its_compaction_was_struck(deaths: list[Death]):
    """Question, spool, reply, ledger and notes: each was cut off before its beginning and before its end."""
    killed, passed = [d for d in deaths if d.code == -9], [d for d in deaths if d.code == 0]

    assert len(killed) >= 30
    assert [death.code for death in deaths if death.code not in (0, -9)] == []
    assert passed[0].words[-2:] == ["replied", "calls"]
    assert {word for death in killed for word in death.words} == {"asked", "wrote", "replied"}
    assert any(death.words == [] for death in killed)
    assert any((death.users.root / "ana" / "summary.txt").exists() for death in passed)
    assert any(list((death.users.root / "ana").glob("*.tmp")) + list((death.users.root / "ana").glob(".*.tmp"))
               for death in killed)  # fmt: skip


def test_nothing_that_was_told_is_lost_or_doubled(deaths: list[Death]):
    for death in deaths:
        assert broken(death.users.root, _witness(death), {dying.QUESTION: dying.WHOLE}) == [], death.name


def test_bob_is_as_he_was(deaths: list[Death]):
    account = (deaths[0].users.root / "bob" / "account.toml").read_bytes()
    for death in deaths:
        folder = death.users.root / "bob"
        assert [path.name for path in folder.iterdir() if path.name != ".lock"] == ["account.toml"], death.name
        assert (folder / "account.toml").read_bytes() == account


def test_the_next_visit_puts_everything_right(deaths: list[Death]):
    """The message is sent once more from the same view, then another: no manual work, nothing twice."""
    for death in deaths:
        folder, now = death.users.folder("ana"), NOON + timedelta(minutes=1)
        shown = [text for what, text in death.told if what == "wrote"]
        left = turns.recover_if_dead(folder, now)
        if shown:  # what was on a screen is kept
            answer = [one for one in records_of(folder.path) if one.role == "assistant"][-1]
            assert answer.text.startswith(shown[-1]), death.name
            assert left is None or left.ending == "interrupted"

        again = accept(folder, NewMessage(dying.QUESTION, after=TALK), now, 0)
        if isinstance(again, Accepted):
            again.spool.close()
            turns.finish(again, now, "failed", None, "unreachable")
            again.lock.release()
        else:
            assert isinstance(again, ReplyInProgress)
            assert again.same
        other = accept(folder, NewMessage("And another thing"), now, 0)
        assert isinstance(other, Accepted), death.name
        turns.finish(other, now, "failed", None, "unreachable")
        other.lock.release()

        questions = [one.text for one in records_of(folder.path) if one.number > TALK and one.role == "user"]
        assert questions == [dying.QUESTION, "And another thing"], death.name
        assert check_user(folder.path).errors == [], death.name
        assert history.last_number(folder) == TALK + 4, death.name


def test_notes_are_of_this_history_or_none_at_all(deaths: list[Death]):
    for death in deaths:
        folder = death.users.folder("ana")
        if folder.exists("summary.txt"):
            assert summary.load(folder, Covered()).end > 0, death.name
        again = accept(folder, Regenerate(), NOON + timedelta(minutes=2), 0)
        assert isinstance(again, Accepted), death.name
        again.spool.close()
        spool_left = check_user(folder.path)
        assert spool_left.errors == [], death.name  # the reply is being written: its lock is held
        again.lock.release()


# A disk that refuses one call: EIO at each write, fsync, rename and unlink in turn


def test_what_the_disk_refuses_is_told_or_does_not_matter(refusals: list[Death]):
    """Of notes and ledger nobody is told; a question is refused, a reply interrupted or said to be unsaved, never less."""
    outcomes = [next(word for word in one.words if word not in ("asked", "wrote")) for one in refusals]

    assert [one.code for one in refusals] == [0] * len(refusals)
    assert len(refusals) >= 15
    told = ["refused", "interrupted", "unsaved", "replied"]  # question, spool, reply, ledger and summary
    assert [outcome for outcome, _ in groupby(outcomes)] == told


def test_what_was_told_holds_after_a_refusal(refusals: list[Death]):
    for one in refusals:
        assert broken(one.users.root, _witness(one), {dying.QUESTION: dying.WHOLE}) == [], one.name
        assert check_user(one.users.root / "ana").errors == [], one.name


def test_the_next_turn_of_the_same_process_goes_well(refusals: list[Death]):
    for one in refusals:
        assert [what for what, _ in one.told if what not in ("wrote", "calls")][-2:] == ["asked", "replied"], one.name
        said = [said for said in records_of(one.users.root / "ana") if said.number > TALK]
        assert [said[-2].text, said[-1].keys["ending"]] == [dying.NEXT, "stop"], one.name
        assert sum(record.text == dying.QUESTION for record in said) <= 1, one.name
        left = {path.name for path in (one.users.root / "ana").iterdir()}
        assert not left & {"reply.txt", ".stop"}, one.name
        assert not [name for name in left if name.endswith(".tmp")], one.name
