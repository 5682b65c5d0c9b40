"""What check-users finds in good, damaged and hand-edited directories, and what it puts right."""

import ast
import errno
import os
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from commands import check_users
from memory.context import compaction, summary
from memory.context.summary import Covered, Segment, Summary
from memory.conversations import archive, feedback, history, turns
from memory.conversations.feedback import Feedback
from memory.conversations.records import Receipt, Record
from memory.conversations.turns import Accepted, EditMessage, NewMessage, Regenerate
from memory.integrity import check, history_check, repair
from memory.integrity.check import check_all, check_user
from memory.integrity.history_check import read_history
from memory.storage.folders import Folder
from memory.storage.layout import SUMMARY, TURN_LOCK
from memory.storage.users import Users
from memory.usage import ledger
from settings import ROOT, Environment
from tests.support.shop import NOON
from tests.support.turns import accept


def say(folder: Folder, action: NewMessage | Regenerate | EditMessage, answer: str, minute: int = 0) -> None:
    """Play one turn by the product's own functions."""
    now = NOON + timedelta(minutes=minute)
    taken = accept(folder, action, now, 0)
    assert isinstance(taken, Accepted)
    taken.spool.head(Record(taken.reply_id.number, now, "assistant", "", "m"))
    taken.spool.add(answer)
    taken.spool.flush()
    turns.finish(taken, now, "stop", "m", None, Receipt(5, 0, 2, None, 0.1, 0.1, 1))
    ledger.note(folder, ledger.LedgerEntry(now, "chat", "m", 5, 0, 2, None, 0.1, "stop"))
    taken.lock.release()


@pytest.fixture
def folder(users: Users) -> Folder:
    """Ana's directory: some turns, one answered again, one edited, notes, and a conversation set aside."""
    folder = users.folder("ana")
    say(folder, NewMessage("Do you ship to Recife?\n\n  Really?"), "Yes.\n\n- 3 days\n    code")
    archive.set_aside(folder)
    for minute in range(6):
        say(folder, NewMessage(f"Question {minute} ção"), f"Answer {minute}", minute)
    say(folder, Regenerate(), "Another answer", 7)
    say(folder, EditMessage(9, "Something else"), "A third answer", 8)
    feedback.note(folder, Feedback(NOON + timedelta(minutes=9), NOON, 2, "m", "up", "=quick, kind"))
    entries = list(reversed(list(history.backwards(folder))))
    notes = Segment(1, 4, 0, entries[3].end, "model", NOON, "They asked.", "m")
    summary.save(folder, Summary((notes,)), Covered())
    return folder


PRODUCT = ["memory", "handlers", "completions", "shop", "settings"]


def damaged(folder: Folder, name: str, change: Callable[[bytes], bytes]) -> list[str]:
    """Change a file by hand; return what is found wrong."""
    path = folder.path / name
    path.write_bytes(change(path.read_bytes()))
    path.chmod(0o600)
    return [str(finding) for finding in check_user(folder.path).errors]


def test_the_checker_imports_nothing_of_the_product():
    for name in ("check", "findings", "history_check", "photo_check"):
        tree = ast.parse((ROOT / f"memory/integrity/{name}.py").read_text())
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        foreign = {module for module in modules if not module.startswith("memory.integrity.")}

        assert not {module.partition(".")[0] for module in foreign} & set(PRODUCT)


def test_nothing_is_wrong_with_what_the_product_wrote(folder: Folder, users: Users):
    reports = check_all(users.root)

    assert [finding for report in reports for finding in report.findings] == []
    assert [(report.user, report.messages) for report in reports] == [("", 0), ("ana", 17), ("bob", 0)]


def test_the_checker_reads_the_same_records_as_the_product(folder: Folder):
    said, troubles = read_history(folder.read("history.txt"))

    assert troubles == []
    assert [(one.number, one.role, one.text, one.start, one.end) for one in said] == [
        (entry.record.number, entry.record.role, entry.record.text, entry.start, entry.end)
        for entry in reversed(list(history.backwards(folder)))
    ]


DAMAGE: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "a torn end": ("history.txt", lambda data: data[:-3], "the last line has no end"),
    "a torn character": ("history.txt", lambda data: data + b"[16] 2026-11-23T12:09:00Z user\n    \xc3", "no end"),
    "a line of its own": (
        "history.txt",
        lambda data: data.replace(b"    Answer 2", b"Answer 2"),
        "this is no part of a record",
    ),
    "a missing record": (
        "history.txt",
        lambda data: data.replace(data[data.index(b"[3]") : data.index(b"[4]")], b""),
        "between records 2 and 4 one is missing",
    ),
    "a record twice": (
        "history.txt",
        lambda data: data + data[data.rindex(b"\n[") + 1 :],
        "record 15 stands behind record 15",
    ),
    "two answers to a question": (
        "history.txt",
        lambda data: data + b"[16] 2026-11-23T12:09:00Z assistant ending=stop\n    A third answer\n",
        "second answer to the question",
    ),
    "a replaced record that never was": (
        "history.txt",
        lambda data: data + b"[16] 2026-11-23T12:09:00Z user replaces=40\n    x\n",
        "replaces 40",
    ),
    "no such ending": ("history.txt", lambda data: data.replace(b"ending=stop", b"ending=well", 1), "no ending"),
    "a control character": ("history.txt", lambda data: data.replace(b"Question 1", b"Quest\x1bon"), "U+001B"),
    "a byte of Latin-1": ("history.txt", lambda data: data.replace(b"Question 1", b"Quest\xe3o"), "not UTF-8"),
    "notes of other words": ("summary.txt", lambda data: data.replace(b"sha256=", b"sha256=00")[:-2], "does not say"),
    "a history that was edited": ("history.txt", lambda data: data.replace(b"Question 0", b"Questiom 0"), "sha256"),
    "notes that end nowhere": (
        "summary.txt",
        lambda data: data.replace(b"bytes=0..", b"bytes=1.."),
        "where those from byte 0 on were due",
    ),
    "an empty summary": ("summary.txt", lambda data: b"", "does not say which bytes"),
    "no account": ("account.toml", lambda data: b"", "does not hold what it should in: name, role"),
    "notes of a newer format": ("summary.txt", lambda data: data.replace(b"format=1", b"format=2"), "has format 2"),
    "an account of a newer format": ("account.toml", lambda data: data.replace(b"t = 1", b"t = 2"), "has format 2"),
    "an account of no format": ("account.toml", lambda data: data.replace(b"t = 1", b"t = 0"), "in: format"),
    "another's account": ("account.toml", lambda data: data.replace(b'"ana"', b'"eve"'), "in: name"),
    "an account that is none": ("account.toml", lambda data: data[:20], "cannot be read"),
    "a torn line of usage": ("usage.csv", lambda data: data[:-12] + b"\n", "line 10 cannot be read"),
    "a word on an answer that is none": (
        "feedback.csv",
        lambda data: data.replace(b",up,", b",upp,"),
        "line 2 cannot be read",
    ),
    "feedback without its columns": ("feedback.csv", lambda data: data.partition(b"\n")[2], "names of its columns"),
    "negative tokens": ("usage.csv", lambda data: data.replace(b",5,0,2,", b",-5,0,2,", 1), "line 2 cannot be read"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_told_in_plain_words(folder: Folder, what: str):
    name, change, says = DAMAGE[what]

    found = damaged(folder, name, change)

    assert any(says in one and one.startswith("ana/") for one in found), found


@pytest.mark.parametrize(
    "change",
    [lambda data: b"\xef\xbb\xbf" + data, lambda data: data.replace(b"\n", b"\r\n")],
    ids=["a byte order mark", "CRLF"],
)
def test_what_an_editor_leaves_is_a_note(users: Users, change: Callable[[bytes], bytes]):
    folder = users.folder("bob")
    say(folder, NewMessage("Hello"), "Good day")

    assert damaged(folder, "history.txt", change) == []
    assert check_user(folder.path).messages == 2
    assert any("editor" in str(finding) for finding in check_user(folder.path).findings)


@pytest.mark.parametrize("pair", ["prompt=x", "calls=-1", "cost=NaN"])
def test_a_receipt_that_cannot_be_read_is_a_note(users: Users, pair: str):
    folder = users.folder("bob")
    say(folder, NewMessage("Hello"), "Good day")

    assert damaged(folder, "history.txt", lambda data: data.replace(b" calls=1", f" calls=1 {pair}".encode())) == []
    assert any("the receipt of record 2" in str(finding) for finding in check_user(folder.path).findings)


def test_a_file_that_others_can_read_is_found(folder: Folder):
    (folder.path / "account.toml").chmod(0o644)

    assert [str(one) for one in check_user(folder.path).errors] == [
        f"ana/account.toml: can be read by others; chmod 600 {folder.path}/account.toml"
    ]


def test_a_link_is_found_and_not_followed(folder: Folder, tmp_path: Path):
    (tmp_path / "elsewhere").write_text("secret")
    (folder.path / "history.txt").unlink()
    (folder.path / "history.txt").symlink_to(tmp_path / "elsewhere")

    assert "ana/history.txt: is a link; links are not followed." in [str(one) for one in check_user(folder.path).errors]


def test_an_unknown_file_is_a_note(folder: Folder):
    (folder.path / "shopping list").touch(mode=0o600)

    report = check_user(folder.path)

    assert report.errors == []
    assert [str(one) for one in report.findings] == ["ana/shopping list: is nothing that is known here."]


def test_a_reply_that_is_being_written_is_no_error(folder: Folder):
    taken = accept(folder, NewMessage("Hello"), NOON + timedelta(minutes=20), 0)
    assert isinstance(taken, Accepted)

    assert check_user(folder.path).errors == []

    taken.spool.close()
    taken.lock.release()
    assert [one.repair for one in check_user(folder.path).errors] == ["spool"]


def _run(place: Environment, capsys: pytest.CaptureFixture[str], *, repairs: bool = False) -> tuple[int, str]:
    code = check_users(place, repairs=repairs)
    return code, capsys.readouterr().out


def test_repair_loses_nothing(folder: Folder, place: Environment, capsys: pytest.CaptureFixture[str]):
    taken = accept(folder, NewMessage("Hello"), NOON + timedelta(minutes=20), 0)
    assert isinstance(taken, Accepted)
    taken.spool.head(Record(17, NOON, "assistant", "", "m"))
    taken.spool.add("Half an ans")
    taken.spool.flush()
    taken.spool.close()
    taken.lock.release()
    notes = folder.read(SUMMARY)
    (folder.path / SUMMARY).write_bytes(notes.replace(b"sha256=", b"sha256=f", 1))
    old = folder.path / ".account.toml.0123.tmp"
    old.touch(mode=0o600)
    os.utime(old, (time.time() - 2 * check.OLD_SECONDS,) * 2)
    (folder.path / ".usage.csv.4567.tmp").touch(mode=0o600)
    before = _run(place, capsys)

    repaired = _run(place, capsys, repairs=True)

    assert before[0] == 1
    assert before[1].endswith("2 accounts, 18 messages: 3 errors.\n")
    assert repaired[0] == 0
    assert "closed it as record 17, interrupted." in repaired[1]
    assert repaired[1].endswith("2 accounts, 19 messages: no errors.\n")
    assert not old.exists()
    assert (folder.path / ".usage.csv.4567.tmp").exists()  # it may be somebody's
    assert folder.read(next(p.name for p in folder.path.glob("summary.aside-*"))) != b""
    last = next(history.backwards(folder)).record
    assert (last.text, last.ending) == ("Half an ans", "interrupted")


def test_repair_sets_a_torn_end_aside(folder: Folder, place: Environment, capsys: pytest.CaptureFixture[str]):
    whole = folder.read("history.txt")
    (folder.path / "history.txt").write_bytes(whole + b"[16] 2026-11-23T12:09:00Z us")

    code, _ = _run(place, capsys, repairs=True)

    assert code == 0
    assert folder.read("history.txt") == whole
    (torn,) = folder.path.glob("history.torn-*")
    assert torn.read_bytes() == b"[16] 2026-11-23T12:09:00Z us"


def test_repair_ends_a_last_record_whose_line_feed_is_missing(
    folder: Folder, place: Environment, capsys: pytest.CaptureFixture[str]
):
    by_hand = folder.read("history.txt") + b"[16] 2026-11-23T12:09:00Z user\n    And this"
    (folder.path / "history.txt").write_bytes(by_hand)

    code, out = _run(place, capsys, repairs=True)

    assert code == 0
    assert "ended its last line" in out
    assert folder.read("history.txt") == by_hand + b"\n"
    assert not list(folder.path.glob("history.torn-*"))


def test_garbage_after_the_last_record_is_reported_and_it_counts(
    folder: Folder, place: Environment, capsys: pytest.CaptureFixture[str]
):
    (folder.path / "history.txt").write_bytes(folder.read("history.txt") + b"\0\0\0\n")

    code, out = _run(place, capsys)

    assert code == 1
    assert "this is no part of a record" in out
    assert [finding for finding in out.splitlines() if "history.txt" in finding] == [
        finding for finding in out.splitlines() if "no part of a record" in finding
    ]


def test_repair_keeps_notes_of_a_newer_format(folder: Folder, place: Environment, capsys: pytest.CaptureFixture[str]):
    (found,) = damaged(folder, SUMMARY, lambda data: data.replace(b"format=1", b"format=2"))
    newer = folder.read(SUMMARY)

    assert check_users(place, repairs=True) == 1
    assert found in capsys.readouterr().out
    assert folder.read(SUMMARY) == newer


def test_repair_leaves_what_it_cannot_put_right(folder: Folder, place: Environment, capsys: pytest.CaptureFixture[str]):
    data = folder.read("history.txt").replace(b"    Answer 5", b"Answer 5")
    (folder.path / "history.txt").write_bytes(data)

    code, out = _run(place, capsys, repairs=True)

    assert code == 1
    assert "this is no part of a record" in out
    assert folder.read("history.txt") == data


def test_every_cut_of_the_last_record_is_put_right(
    users: Users, place: Environment, capsys: pytest.CaptureFixture[str]
):
    folder = users.folder("bob")
    say(folder, NewMessage("Olá"), "Não, não há.")
    whole = folder.read("history.txt")
    first = whole.index(b"[2]")

    for cut in range(first + 1, len(whole)):
        (folder.path / "history.txt").write_bytes(whole[:cut])

        assert check_users(place, repairs=True) == 0
        assert folder.read("history.txt").startswith(whole[:first])
    capsys.readouterr()


def test_a_spool_beside_its_kept_record_is_only_removed(
    folder: Folder, place: Environment, capsys: pytest.CaptureFixture[str]
):
    last = next(history.backwards(folder)).record
    spool = b"[15] 2026-11-23T12:08:00Z assistant model=m\n    A third answer"
    (folder.path / "reply.txt").write_bytes(spool)
    (folder.path / "reply.txt").chmod(0o600)
    assert folder.try_lock(TURN_LOCK) is not None

    code, out = _run(place, capsys, repairs=True)

    assert code == 0, out
    assert next(history.backwards(folder)).record == last


def test_what_dead_processes_left_is_swept_away(folder: Folder, users: Users):
    old, young = folder.path / ".summary.txt.0123.tmp", folder.path / ".summary.txt.4567.tmp"
    for path in (old, young):
        path.touch(mode=0o600)
    (users.root / ".new-0123").mkdir()
    (users.root / ".new-0123" / "account.toml").touch()
    past = time.time() - 2 * check.OLD_SECONDS
    os.utime(old, (past, past))
    os.utime(users.root / ".new-0123", (past, past))

    spare = folder.path / ".reply"
    spare.touch()
    os.utime(spare, (past, past))

    assert repair.sweep(users.root, time.time()) == 3
    assert not spare.exists()
    assert (old.exists(), young.exists(), (users.root / ".new-0123").exists()) == (False, True, False)
    assert repair.sweep(users.root, time.time()) == 0


def test_compactions_and_the_checker_agree(users: Users):
    folder = users.folder("bob")
    for n in range(30):
        say(folder, NewMessage(f"Where is order #W{n:05}? " * 20), "It is on its way. " * 20, n)
    sizes, covered = compaction.Sizes.of(1000, 600, "o200k_base"), Covered()
    while (made := compaction.plan(folder, covered, sizes)) is not None and made.kind in ("compact", "backlog"):
        compaction.keep(
            folder,
            covered,
            made,
            compaction.extracted(folder, made, sizes),
            "extractive",
            None,
            NOON + timedelta(hours=1),
        )

    assert folder.exists(SUMMARY)
    assert check_user(folder.path).findings == ()


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"[1] 2026-11-23T12:00:00Z user imported=yes", "has imported='yes'"),
        (b"[1000000000000000] 2026-11-23T12:00:00Z user", "has a number above"),
        (b"[1] 2026-11-23T12:00:00Z user replaces=" + b"9" * 5000, "which is no number"),
        (
            b"[1] 2026-11-23T12:00:00Z user seconds=1.0 prompt=1 cached=0 completion=1 cost=NaN calls=1",
            "receipt of record 1",
        ),
        (b"[1] 2026-11-23T12:00:00Z user seconds=inf prompt=1 cached=0 completion=1 calls=1", "receipt of record 1"),
        (
            b"[1] 2026-11-23T12:00:00Z user seconds=1 prompt=" + b"9" * 5000 + b" cached=0 completion=1 calls=1",
            "receipt of record 1",
        ),
    ],
)
def test_an_impossible_key_is_found(header, says):
    records, troubles = history_check.read_history(header + b"\n    a\n")
    troubles += history_check.check_records(records, has_gaps=True)

    assert [says for one in troubles if says in one.says] == [says]


def test_an_imported_record_is_sound():
    _, troubles = history_check.read_history(b"[1] 2026-11-23T12:00:00Z user imported=1\n    a\n")

    assert troubles == []


@pytest.mark.parametrize("cost", ["NaN", "1E+999", "-1"])
def test_an_impossible_cost_in_the_ledger_is_no_line(cost):
    assert not check._is_usage(f"2026-11-23T11:00:00Z,chat,luna,1,0,1,{cost},1.0,stop".encode(), 9)
    assert check._is_usage(b"2026-11-23T11:00:00Z,chat,luna,1,0,1,0.5,1.0,stop", 9)


def _spoil(place: Path, how: str) -> None:
    match how:
        case "a file":
            place.write_text("x")
        case "a link to nothing":
            place.symlink_to("nothing")
        case "a FIFO":
            os.mkfifo(place)
        case "a link to itself":
            place.symlink_to(place.name)


SPOILT = pytest.mark.parametrize("how", ["a file", "a link to nothing", "a FIFO", "a link to itself"])


@SPOILT
@pytest.mark.parametrize(
    "where", ["bob", "bob/archive", "bob/archive/20261123T120000Z", "bob/history.txt/x", "bob/usage.csv"]
)
def test_unreadable_files_stop_neither_the_check_nor_the_sweep(users: Users, how: str, where: str) -> None:
    carl = users.create("carl", b"")
    say(carl, NewMessage("Olá"), "Oi.")
    place = users.root / where
    if where == "bob":
        shutil.rmtree(place)
    place.parent.mkdir(exist_ok=True)
    _spoil(place, how)
    left = carl.path / ".x.tmp"
    left.write_text("half")
    os.utime(left, (0, 0))

    reports = {report.user: report for report in check_all(users.root)}

    assert reports["carl"].messages == 2
    assert any("bob" in str(finding) or finding.user == "bob" for one in reports.values() for finding in one.findings)
    assert repair.sweep(users.root, time.time()) == 1
    assert not left.exists()


def test_photos_that_cannot_be_read_hide_nothing_else(folder: Folder) -> None:
    messages = check_user(folder.path).messages
    (folder.path / "feedback.csv").write_text("when\n")
    (folder.path / "files").symlink_to("files")

    report = check_user(folder.path)

    assert report.messages == messages > 2
    assert [str(finding) for finding in report.errors if finding.file in ("feedback.csv", "files")] == [
        "ana/files: is a link; links are not followed.",
        "ana/feedback.csv: does not begin with the names of its columns.",
        "ana/files: cannot be read: Too many levels of symbolic links.",
    ]


def test_an_unreadable_directory_is_a_finding_and_is_logged(
    users: Users, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As a broken disk, or other permissions than the root user's of these tests, would have it."""
    users.create("amy", b"")
    left = users.create("carl", b"").path / ".x.tmp"
    left.write_text("half")
    os.utime(left, (0, 0))
    scan = os.scandir

    def broken(path):
        if Path(path).name == "amy":
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", broken)

    reports = {report.user: report for report in check_all(users.root)}

    assert [str(finding) for finding in reports["amy"].errors] == ["amy/amy: cannot be read: Input/output error."]
    assert "carl" in reports
    assert repair.sweep(users.root, time.time()) == 1
    assert "not_swept" in caplog.messages
