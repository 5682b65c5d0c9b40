"""Looks through the files of users and says in plain words what is wrong with them. Reads only; changes nothing.

It reads with a parser of its own and imports nothing of this project, so that a mistake in how files are written or
read cannot hide itself here. Works on a copy as well as while the server runs.
"""

import contextlib
import csv
import errno
import fcntl
import hashlib
import json
import os
import re
import stat
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from memory.integrity.photo_check import check_photos

Repair = Literal["temporary", "spool", "summary", "torn"]

OLD_SECONDS = 3600.0
"""After this a temporary file is nobody's any more: writing one takes a moment."""

_HEADER = re.compile(rb"\[([1-9][0-9]{0,17})\] ([0-9TZ:-]{20}) (user|assistant)((?: [a-z_]+=[^ ]*)*)")
_SEGMENT = re.compile(rb"\[(\d+)\.\.(\d+)\] bytes=(\d+)\.\.(\d+) method=[a-z]+(?: [a-z_]+=\S+)*")
_COVERS = re.compile(rb"covers=0\.\.(\d+) sha256=([0-9a-f]{64})(?: format=1)?")
_FORMAT = re.compile(rb"(?:^|\s)format=(\d{1,9})(?:\s|$)")
_READS = 1
"""The format of account.toml and summary.txt that this version reads; those that name none have it too."""
_ENDINGS = {"stop", "length", "content_filter", "stopped", "interrupted", "failed"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_COLUMNS = b"time,purpose,model,prompt_tokens,cached_tokens,completion_tokens,cost_usd,seconds,ending"
_RATED = b"time,conversation,number,model,rating,reason"
_VERDICTS = {"supported", "computed", "contradicted", "unsupported"}
_RATINGS = {"up", "down", "none"}
_LARGEST_NUMBER = 10**15 - 1
_MOST_TOKENS, _MOST_CALLS, _MOST_AMOUNT = 10**12, 10**6, 10**9
_COUNTS = ("prompt", "cached", "completion", "calls")
_KNOWN = re.compile(
    r"history\.txt|summary\.txt|reply\.txt|account\.toml|usage\.csv|title\.txt|feedback\.csv|checks\.jsonl|archive|files|\.reply|\.stop|\.lock|\.turn|\.fold|\.export|\.imports?"
    r"|(?:history|reply)\.torn-[\w-]+|usage\.csv\.torn-[\w-]+|summary\.aside-[\w-]+"
)
_SHARED = re.compile(r"\.lock|\.budget|\.throttle|\.secret|\.first-account|\.signups|\.invites|\.corrections|\.checks")
_USER = re.compile(r"[a-z][a-z0-9_-]{2,31}")
_KEPT = re.compile(r"\d{8}T\d{6}Z(?:-\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. A note is no error: an editor's traces, a file that nobody knows.

    `repair` names what `--repair` can do about it without losing a byte.
    """

    user: str
    file: str
    says: str
    is_note: bool = False
    repair: Repair | None = None

    @classmethod
    def error(cls, says: str, repair: Repair | None = None) -> "Finding":
        """Return what is wrong in a file that is named later, with `of`."""
        return cls("", "", says, repair=repair)

    @classmethod
    def note(cls, says: str) -> "Finding":
        """Return what is worth knowing of a file that is named later."""
        return cls("", "", says, is_note=True)

    def of(self, user: str, file: str, *, may_repair: bool) -> "Finding":
        return replace(self, user=user, file=file, repair=self.repair if may_repair else None)

    def __str__(self) -> str:
        return f"{self.user}/{self.file}: {self.says}" if self.user else f"{self.file}: {self.says}"


@dataclass(frozen=True, slots=True)
class Said:
    """One record of history.txt as this module reads it; `start` to `end` are its bytes."""

    number: int
    time: datetime
    role: str
    text: str
    keys: dict[str, str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Report:
    """What one user's files hold: how many messages, and what was found."""

    user: str
    messages: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_note]


def check_all(root: Path) -> list[Report]:
    """Check every user, in the order of their names; what is wrong beside them stands under the name ""."""
    entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    users = [entry.name for entry in entries if _USER.fullmatch(entry.name)]
    beside = list(_beside(root, [entry for entry in entries if entry.name not in users]))
    return [Report("", 0, tuple(beside)), *(check_user(root / name) for name in users)]


def check_user(path: Path) -> Report:
    """Check all files of one user. What cannot be read is a finding, and stops the check of nobody else."""
    try:
        return _check_user(path)
    except OSError as error:
        file = Path(error.filename).name if isinstance(error.filename, str) else ""
        return Report(path.name, 0, (Finding(path.name, file, f"cannot be read: {error.strerror}."),))


def _check_user(path: Path) -> Report:
    name = path.name
    if path.is_symlink() or not path.is_dir():
        return Report(name, 0, (Finding("", name, "is not a directory of its own; it is not served."),))
    with _quiet(path):
        findings = list(_check_names(path, name))
        records, said = _check_conversation(path, name, "")
        findings += said
        for file, look in (
            ("account.toml", _check_account),
            ("usage.csv", _check_usage),
            ("feedback.csv", _check_feedback),
            ("reply.txt", _check_spool),
        ):
            try:
                findings += look(path, name)
            except OSError as error:
                findings.append(Finding(name, file, f"cannot be read: {error.strerror}."))
    messages = len(records)
    try:
        places = sorted(Path(place) for place in os.scandir(path / "archive"))
    except OSError as error:
        places = []
        if error.errno != errno.ENOENT:
            findings.append(Finding(name, "archive", f"cannot be read: {error.strerror}."))
    for place in places:
        if not _KEPT.fullmatch(place.name) or place.is_symlink() or not place.is_dir():
            findings.append(Finding(name, f"archive/{place.name}", "is no conversation set aside.", is_note=True))
            continue
        kept, said = _check_conversation(place, name, f"archive/{place.name}/")
        messages += len(kept)
        records += kept
        findings += said
    named = [said.keys["files"] for said in records if "files" in said.keys and "imported" not in said.keys]
    findings += [Finding(name, *found) for found in check_photos(path, named)]
    return Report(name, messages, tuple(findings))


@contextlib.contextmanager
def _quiet(path: Path) -> Iterator[None]:
    """Hold off the user's writers while looking, where the lock can be had within two seconds."""
    try:
        descriptor = _open(path / ".lock", os.O_RDWR)
    except OSError:  # a copy without one, or one that may only be read: nobody writes there
        yield
        return
    try:
        last = time.monotonic() + 2
        while not _locks(descriptor) and time.monotonic() < last:
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _beside(root: Path, entries: list[os.DirEntry[str]]) -> Iterator[Finding]:
    for entry, status in _statuses(entries):
        if _SHARED.fullmatch(entry.name):
            if stat.S_IMODE(status.st_mode) & 0o077 and entry.name != ".lock":
                yield Finding("", entry.name, f"can be read by others; chmod 600 {root / entry.name}")
        elif entry.name.startswith((".new-", ".trash-")) or entry.name.endswith(".tmp"):
            yield _temporary("", entry.name, status)
        else:
            yield Finding("", entry.name, "is nothing that is known here.", is_note=True)


def _statuses(entries: Iterable[os.DirEntry[str]]) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    """Return the entries, in the order of their names, with their status: those that were not removed meanwhile."""
    for entry in sorted(entries, key=lambda entry: entry.name):
        with contextlib.suppress(FileNotFoundError):
            yield entry, entry.stat(follow_symlinks=False)


def _temporary(user: str, file: str, status: os.stat_result) -> Finding:
    if time.time() - status.st_mtime > OLD_SECONDS:
        return Finding(user, file, "was left by a process that died; it is of no use.", repair="temporary")
    return Finding(user, file, "is being written, or was left a moment ago.", is_note=True)


def _check_names(path: Path, name: str) -> Iterator[Finding]:
    """Look at what lies in the directory, and who may read it."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding(name, "", f"the directory is open to others; chmod 700 {path}", is_note=True)
    for entry, status in _statuses(os.scandir(path)):
        if entry.is_symlink():
            yield Finding(name, entry.name, "is a link; links are not followed.")
        elif entry.name.endswith(".tmp"):
            yield _temporary(name, entry.name, status)
        elif not _KNOWN.fullmatch(entry.name):
            yield Finding(name, entry.name, "is nothing that is known here.", is_note=True)
        elif entry.is_file() and stat.S_IMODE(status.st_mode) & 0o077:
            is_note = entry.name != "account.toml"
            yield Finding(name, entry.name, f"can be read by others; chmod 600 {entry.path}", is_note=is_note)


def _check_conversation(place: Path, name: str, prefix: str) -> tuple[list[Said], list[Finding]]:
    """Check a history.txt and its summary.txt; return the records too."""
    records, findings = list[Said](), list[Finding]()
    read = dict[str, bytes | None]()
    for file in ("history.txt", "summary.txt"):
        try:
            read[file] = _read(place / file)
        except OSError as error:
            findings.append(Finding(name, f"{prefix}{file}", f"cannot be read: {error.strerror}."))
    if "history.txt" not in read:
        return records, findings
    history, summary = read["history.txt"], read.get("summary.txt")
    if history is None:
        if prefix:
            findings.append(Finding(name, f"{prefix}history.txt", "is missing.", is_note=True))
    else:
        records, found = read_history(history)
        has_gaps = any(not finding.is_note for finding in found)
        found += _check_records(records, has_gaps=has_gaps)
        findings += [finding.of(name, f"{prefix}history.txt", may_repair=not prefix) for finding in found]
    newer = _FORMAT.search(summary.partition(b"\n")[0]) if summary else None
    if newer and int(newer[1]) > _READS:
        unused = "It is neither used nor changed, and nothing more is summarised until then."
        findings.append(Finding(name, f"{prefix}summary.txt", f"{_newer(int(newer[1]))} {unused}"))
    elif summary is not None and (says := check_summary(summary, history or b"", records)):
        repair: Repair | None = None if prefix else "summary"
        findings.append(Finding(name, f"{prefix}summary.txt", f"{says} It is not used.", repair=repair))
    findings += _check_claims(place, name, prefix)
    return records, findings


def _check_claims(place: Path, name: str, prefix: str) -> Iterator[Finding]:
    """Look for lines of a checks.jsonl that say of no reply what its claims were found to be."""
    file = f"{prefix}checks.jsonl"
    try:
        lines = (_read(place / "checks.jsonl") or b"").split(b"\n")
    except OSError as error:
        yield Finding(name, file, f"cannot be read: {error.strerror}.")
        return
    bad = [number for number, line in enumerate(lines, 1) if line.strip() and not _is_checked(line)]
    if bad:
        many = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        yield Finding(
            name, file, f"line {bad[0]}{many} cannot be read; that answer is shown without marks.", is_note=True
        )


def _is_checked(line: bytes) -> bool:
    try:
        found = json.loads(line)
        datetime.strptime(found["time"], "%Y-%m-%dT%H:%M:%S%z")
        verdicts = {claim["verdict"] for claim in found["claims"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return isinstance(found["number"], int) and found["number"] > 0 and verdicts <= _VERDICTS


def _newer(found: int) -> str:
    return (
        f"has format {found}, which a newer Storekeeper wrote; this one reads format {_READS}. Run the newer one again."
    )


@dataclass(slots=True)
class _Part:
    """A header and the lines up to the next one; before the first header, and behind the last one, what stands there.

    `foreign` is where the first line begins that is none of a body.
    """

    header: re.Match[bytes] | None
    start: int
    end: int = 0
    body: list[bytes] = field(default_factory=list)
    foreign: int | None = None
    is_last: bool = False

    def add(self, plain: bytes, at: int, *, is_ended: bool) -> None:
        """Take in a line that is no header; one that is cut off at the end of the file is nobody's."""
        if plain.startswith(b"    ") or not plain.strip():
            self.body.append(plain[4:])
        elif self.foreign is None and is_ended:
            self.foreign = at


def read_history(data: bytes) -> tuple[list[Said], list[Finding]]:
    """Return the records of a history.txt that can be read, and what is wrong with the rest of its bytes."""
    records, findings = list[Said](), list[Finding]()
    if data and not data.endswith(b"\n"):
        last = data.rfind(b"\n") + 1
        says = f"byte {last}: the last line has no end; a crash or an editor left it so."
        findings.append(Finding.error(says, "torn"))
    if b"\r\n" in data or data.startswith(b"\xef\xbb\xbf"):
        says = "was saved by an editor of another system (CRLF or a byte order mark); it is read."
        findings.append(Finding.note(says))
    for part in _parts(data):
        said, finding = _read_part(part, data)
        records += [said] if said else []
        findings += [finding] if finding else []
    return records, findings


def _parts(data: bytes) -> Iterator[_Part]:
    at, part = 0, _Part(None, 0)
    for line in data.split(b"\n"):
        plain = line.removesuffix(b"\r")
        if at == 0:
            plain = plain.removeprefix(b"\xef\xbb\xbf")
        if match := _HEADER.fullmatch(plain.rstrip()):
            part.end = at
            yield part
            part = _Part(match, at)
        else:
            part.add(plain, at, is_ended=at + len(line) < len(data))
        at += len(line) + 1
    part.end, part.is_last = len(data), True
    yield part


def _read_part(part: _Part, data: bytes) -> tuple[Said | None, Finding | None]:
    where = part.start if part.foreign is None else part.foreign
    foreign = Finding.error(f"byte {where}: this is no part of a record. It is kept and not shown.")
    has_words = part.is_last and any(line.strip() for line in part.body)
    if part.header is None or (part.foreign is not None and not has_words):
        return None, foreign if part.end > part.start else None
    if part.foreign is not None:  # behind the words of the last record: they are whole
        said = _read_said(part.header, part.body, part.start, part.foreign)
        return said if isinstance(said, Said) else None, foreign
    said = _read_said(part.header, part.body, part.start, part.end)
    if isinstance(said, Said):
        return said, None
    is_cut = part.is_last and not data.endswith(b"\n")  # told already
    return None, None if is_cut else Finding.error(f"byte {part.start}: {said} The record is kept and not shown.")


def _read_said(header: re.Match[bytes], body: list[bytes], start: int, end: int) -> Said | str:
    """Read one record, or say what is wrong with it."""
    number, stamped, role, pairs = (part.decode() for part in header.groups())
    if body and end and not body[-1]:
        while body and not body[-1]:  # what stands behind the last line feed, and blank lines of an editor
            body.pop()
    try:
        text = b"\n".join(body).decode()
    except UnicodeDecodeError:
        return f"record {number} is not UTF-8."
    if found := _FORBIDDEN.search(text):
        return f"record {number} has the control character U+{ord(found[0]):04X}."
    keys = {key: unquote(value) for key, value in (pair.split("=", 1) for pair in pairs.split())}
    if keys.get("ending", "stop") not in _ENDINGS:
        return f"record {number} ends as {keys['ending']!r}, which is no ending."
    if int(number) > _LARGEST_NUMBER:
        return f"record {number} has a number above {_LARGEST_NUMBER}."
    if not _is_whole(replaced := keys.get("replaces", "1"), _LARGEST_NUMBER) or not int(replaced):
        return f"record {number} replaces {replaced[:40]!r}, which is no number."
    if keys.get("imported", "1") != "1":
        return f"record {number} has imported={keys['imported'][:40]!r}; a record that was brought in has imported=1."
    try:
        moment = datetime.strptime(stamped, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return f"record {number} has the time {stamped}, which is none."
    return Said(int(number), moment, role, text, keys, start, end)


def _check_records(records: list[Said], *, has_gaps: bool) -> Iterator[Finding]:
    """Look at what records say of each other: numbers, what they replace, questions and their one answer."""
    standing = list[Said]()
    before: Said | None = None
    for said in records:
        yield from _check_order(said, before, has_gaps=has_gaps)
        yield from _check_turn(said, standing) if not has_gaps else ()
        yield from _check_keys(said)
        if "replaces" in said.keys:
            standing = [one for one in standing if one.number < int(said.keys["replaces"])]
        standing.append(said)
        before = said


def _check_order(said: Said, before: Said | None, *, has_gaps: bool) -> Iterator[Finding]:
    if before is None:
        if said.number != 1 and not has_gaps:
            yield Finding.error(f"the first record is number {said.number}, not 1.")
        return
    if said.number <= before.number:
        yield Finding.error(f"record {said.number} stands behind record {before.number}.")
    elif said.number > before.number + 1 and not has_gaps:
        yield Finding.error(f"between records {before.number} and {said.number} one is missing.")
    if said.time < before.time:
        yield Finding.note(f"record {said.number} is older than the one before it.")


def _check_turn(said: Said, standing: list[Said]) -> Iterator[Finding]:
    """Look at what the record replaces, or at the question that it answers, among those that stood before it."""
    if "replaces" in said.keys:
        target = int(said.keys["replaces"])
        aimed = next((one for one in standing if one.number == target), None)
        if aimed is None or aimed.role != said.role:
            yield Finding.error(f"record {said.number} replaces {target}, which is no {said.role} record that stood.")
    elif said.role == "assistant" and standing and standing[-1].role == "assistant":
        question = standing[-1].number
        yield Finding.error(f"record {said.number} is a second answer to the question of record {question}.")


def _check_keys(said: Said) -> Iterator[Finding]:
    if said.role == "assistant" and "ending" not in said.keys:
        yield Finding.note(f"record {said.number} does not say how it ended.")
    if "seconds" in said.keys and not _is_receipt(said.keys):
        yield Finding.note(f"the receipt of record {said.number} cannot be read; the answer is shown without it.")


def _is_receipt(keys: dict[str, str]) -> bool:
    """True if what a reply took can be read: whole tokens and calls, a cost and seconds, none below zero."""
    try:
        amounts = [Decimal(keys[key]) for key in ("cost", "first", "seconds") if key in keys]
        are_whole = all(_is_whole(keys[key], _MOST_CALLS if key == "calls" else _MOST_TOKENS) for key in _COUNTS)
    except (KeyError, InvalidOperation):
        return False
    return are_whole and all(amount.is_finite() and 0 <= amount <= _MOST_AMOUNT for amount in amounts)


def _is_whole(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19 and int(text) <= most


def check_summary(data: bytes, history: bytes, records: list[Said]) -> str | None:
    """Return what is wrong with a summary.txt, None when it is of this history."""
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n")
    covers = _COVERS.fullmatch(lines[0].strip())
    if covers is None:
        return "does not say which bytes of history.txt it covers."
    end, at, number = int(covers[1]), 0, 0
    for line in lines[1:]:
        if segment := _SEGMENT.fullmatch(line.rstrip()):
            first, last, start, stop = map(int, segment.groups())
            if start != at or stop < start or last < first or first < number:
                return f"has notes for bytes {start} to {stop} where those from byte {at} on were due."
            at, number = stop, last
        elif line.strip() and not line.startswith(b"    "):
            return "has a line that is no part of any notes."
    if at != end:
        return f"says that it covers {end} bytes and has notes for {at}."
    if end > len(history):
        return f"covers {end} bytes, and history.txt has {len(history)}."
    if hashlib.sha256(history[:end]).hexdigest().encode() != covers[2]:
        return f"covers {end} bytes that are not the first ones of history.txt: their sha256 is another."
    if end and end != len(history) and records and all(said.start != end for said in records):
        return f"ends at byte {end}, in the middle of a record."
    return None


def _check_account(path: Path, name: str) -> Iterator[Finding]:
    data = _read(path / "account.toml")
    if data is None:
        yield Finding(name, "account.toml", "is missing: nobody can log in by this name.")
        return
    try:
        values = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        yield Finding(name, "account.toml", f"cannot be read, so nobody can log in by this name: {error}.")
        return
    kind = values.get("format", _READS)
    if type(kind) is int and kind > _READS:
        yield Finding(name, "account.toml", f"{_newer(kind)} Until then nobody can log in by this name.")
        return
    sessions = values.get("sessions", [])
    wrong = [
        key
        for key, is_right in (
            ("format", kind == _READS),
            ("name", values.get("name") == name),
            ("role", values.get("role") in ("owner", "customer")),
            ("created", isinstance(values.get("created"), datetime)),
            ("password", str(values.get("password", "")).startswith("$argon2id$")),
            ("disabled", isinstance(values.get("disabled", False), bool)),
            ("sessions", isinstance(sessions, list) and all(map(_is_session, sessions))),
        )
        if not is_right
    ]
    if wrong:
        yield Finding(name, "account.toml", f"does not hold what it should in: {', '.join(wrong)}.")


def _is_session(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    is_dated = all(isinstance(value.get(key), datetime) for key in ("created", "seen"))
    return is_dated and re.fullmatch(r"[0-9a-f]{64}", str(value.get("digest"))) is not None


def _check_usage(path: Path, name: str) -> Iterator[Finding]:
    data = _read(path / "usage.csv") or b""
    heading = data.partition(b"\n")[0]
    is_heading, width = heading.strip().startswith(_COLUMNS), heading.count(b",") + 1
    says = "the next call puts it right.", "what it cost is not counted."
    return _check_table(name, "usage.csv", data, is_heading, lambda line: _is_usage(line, width), says)


def _check_table(
    name: str, file: str, data: bytes, is_heading: bool, is_line: Callable[[bytes], bool], says: tuple[str, str]
) -> Iterator[Finding]:
    """Check a CSV file. `says` ends the sentences on a last line that is cut off and on lines that cannot be read."""
    if not data:
        return
    lines = data.split(b"\n")[1:]
    if lines[-1:] != [b""]:
        yield Finding(name, file, f"the last line has no end; {says[0]}", is_note=True)
        lines = lines[:-1]
        is_heading = is_heading or not lines
    if not is_heading:
        yield Finding(name, file, "does not begin with the names of its columns.")
    bad = [number for number, line in enumerate(lines, 2) if line.strip() and not is_line(line)]
    if bad:
        many = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        yield Finding(name, file, f"line {bad[0]}{many} cannot be read; {says[1]}")


def _is_usage(line: bytes, width: int) -> bool:
    try:
        (row,) = csv.reader([line.decode()])
        datetime.strptime(row[0], "%Y-%m-%dT%H:%M:%S%z")
        are_whole = all(_is_whole(row[n], _MOST_TOKENS) for n in (3, 4, 5))
        amounts = Decimal(row[6] or 0), Decimal(row[7])
    except (ValueError, IndexError, InvalidOperation, csv.Error):
        return False
    are_right = all(amount.is_finite() and 0 <= amount <= _MOST_AMOUNT for amount in amounts)
    return len(row) in (9, width) and are_whole and are_right


def _check_feedback(path: Path, name: str) -> Iterator[Finding]:
    data = _read(path / "feedback.csv") or b""
    is_heading = data.partition(b"\n")[0].strip() == _RATED
    says = "the next word puts it right.", "that word does not count."
    return _check_table(name, "feedback.csv", data, is_heading, _is_rating, says)


def _is_rating(line: bytes) -> bool:
    try:
        (row,) = csv.reader([line.decode()])
        time, conversation, number, _, rating, _ = row
        for stamped in (time, conversation):
            datetime.strptime(stamped, "%Y-%m-%dT%H:%M:%S%z")
        return int(number) > 0 and rating in _RATINGS
    except (ValueError, csv.Error):
        return False


def _check_spool(path: Path, name: str) -> Iterator[Finding]:
    """Look for a reply that nobody writes any more."""
    data = _read(path / "reply.txt")
    if data is None:
        return
    if len(read_history(data + b"\n")[0]) > 1:
        yield Finding(name, "reply.txt", "holds more than one reply.")
    if not _is_held(path / ".turn"):
        yield Finding(
            name,
            "reply.txt",
            "is a reply whose server died; it becomes an interrupted answer when its user comes back.",
            repair="spool",
        )


def _is_held(lock: Path) -> bool:
    try:
        descriptor = _open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _locks(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int) -> int:
    """Open a file. OSError for what is none; a pipe would block for ever."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return descriptor


def _read(path: Path) -> bytes | None:
    """Return a file's bytes, None when there is none, or a link. OSError for one that cannot be read, or is no file."""
    try:
        descriptor = _open(path, os.O_RDONLY)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return None
        raise
    with os.fdopen(descriptor, "rb") as file:
        return file.read()
