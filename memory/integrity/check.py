"""Looks through the files of users and says in plain words what is wrong with them. Reads only; changes nothing.

It reads with parsers of its own and imports nothing of this project outside of this package, so that a mistake in how
files are written or read cannot hide itself here. Works on a copy as well as while the server runs.
"""

import contextlib
import csv
import errno
import fcntl
import json
import os
import re
import stat
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from memory.integrity.findings import Finding, Repair, Report
from memory.integrity.history_check import (
    MOST_AMOUNT,
    MOST_TOKENS,
    Said,
    check_records,
    check_summary,
    is_whole,
    read_history,
)
from memory.integrity.photo_check import check_photos

OLD_SECONDS = 3600.0
"""After this a temporary file is nobody's any more: writing one takes a moment."""

_FORMAT = re.compile(rb"(?:^|\s)format=(\d{1,9})(?:\s|$)")
_READS = 1
"""The format of account.toml and summary.txt that this version reads; those that name none have it too."""
_COLUMNS = b"time,purpose,model,prompt_tokens,cached_tokens,completion_tokens,cost_usd,seconds,ending"
_RATED = b"time,conversation,number,model,rating,reason"
_VERDICTS = {"supported", "computed", "contradicted", "unsupported"}
_RATINGS = {"up", "down", "none"}
_KNOWN = re.compile(
    r"history\.txt|summary\.txt|reply\.txt|account\.toml|usage\.csv|title\.txt|feedback\.csv|checks\.jsonl|archive|files|\.reply|\.stop|\.lock|\.turn|\.fold|\.export|\.imports?"
    r"|(?:history|reply)\.torn-[\w-]+|usage\.csv\.torn-[\w-]+|summary\.aside-[\w-]+"
)
_SHARED = re.compile(
    r"\.lock|\.budget|\.throttle|\.secret|\.first-account|\.signups|\.invites|\.corrections|\.checks|\.questions"
    r"|\.audit\.csv|\.incidents|\.outbox|\.resets|\.backup|\.deleted|\.setup|\.activity"
)
_USER = re.compile(r"[a-z][a-z0-9_-]{2,31}")
_KEPT = re.compile(r"\d{8}T\d{6}Z(?:-\d{1,3})?")
_DELETED = re.compile(rf"{_USER.pattern}-{_KEPT.pattern}")


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
    messages, named = len(records), _photos_named_in(records)
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
        named += _photos_named_in(kept)
        findings += said
    try:
        findings += check_photos(path, named)
    except OSError as error:
        findings.append(Finding(name, "files", f"cannot be read: {error.strerror}."))
    return Report(name, messages, tuple(findings))


def _photos_named_in(records: Iterable[Said]) -> list[str]:
    """Return the values of `files=` of these records; an import brings names of photos without the photos."""
    return [said.keys["files"] for said in records if "files" in said.keys and "imported" not in said.keys]


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
            if entry.name == ".deleted" and entry.is_dir(follow_symlinks=False):
                yield from _check_deleted(Path(entry.path))
        elif entry.name.startswith((".new-", ".trash-")) or entry.name.endswith(".tmp"):
            yield _temporary("", entry.name, status)
        else:
            yield Finding("", entry.name, "is nothing that is known here.", is_note=True)


def _check_deleted(place: Path) -> Iterator[Finding]:
    """Look for what lies among the users deleted at the desk and is none: nobody could restore it."""
    for entry, status in _statuses(os.scandir(place)):
        if not _DELETED.fullmatch(entry.name) or not stat.S_ISDIR(status.st_mode):
            yield Finding("", f".deleted/{entry.name}", "is no deleted user; the desk does not show it.", is_note=True)


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
        found += check_records(records, has_gaps=has_gaps)
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
            ("daily_usd", _is_dollars(values.get("daily_usd", 0))),
            ("sessions", isinstance(sessions, list) and all(map(_is_session, sessions))),
        )
        if not is_right
    ]
    if wrong:
        yield Finding(name, "account.toml", f"does not hold what it should in: {', '.join(wrong)}.")


def _is_dollars(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 10**6


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
        are_whole = all(is_whole(row[n], MOST_TOKENS) for n in (3, 4, 5))
        amounts = Decimal(row[6] or 0), Decimal(row[7])
    except (ValueError, IndexError, InvalidOperation, csv.Error):
        return False
    are_right = all(amount.is_finite() and 0 <= amount <= MOST_AMOUNT for amount in amounts)
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
