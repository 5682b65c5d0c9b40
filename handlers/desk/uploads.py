"""Files that were sent in: read before they take another's place, and where that is doubtful kept until the owner decides.

    prompts/.versions/.uploads/<id>/<name>       the file
    prompts/.versions/.uploads/<id>.json         what is known of it

A file that nobody decides about is removed after a day. All functions block.
"""

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import msgspec

from handlers.desk import shop_files, text_checks
from handlers.desk.shop_files import Editor
from handlers.desk.text_checks import NotSaved, TriedFile
from handlers.services import Services
from memory.i18n import Phrase
from shop.editing import versions
from shop.editing.versions import ABSENT
from shop.products import FileReport
from shop.readers.names import SAVE_AS
from shop.texts import STORE

MOST_AT_ONCE = 5
"""Files of one upload."""
MOST_WAITING = 10
KEPT_HOURS = 24
_FIRST_INDEX_SECONDS = 30.0
_ID = re.compile(r"[0-9a-f]{16}")
_UPLOADS = ".uploads"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits: under which name it would be kept, in the place of which file, and what the readers say of it.

    `seen` are the digests of those two files when it came; `had` is how many products the other has.
    """

    id: str
    name: str
    replaces: str
    seen: tuple[str, str]
    time: datetime
    report: FileReport
    had: int = 0


def take(editor: Editor, sent: str, file: IO[bytes], replaces: str = "") -> Upload | str:
    """Take a file that came under the name `sent`, in the place of `replaces` or of the file of its name.

    Return the name under which it is in use now, or the upload that waits for the owner's decision. NotSaved where it is not
    taken at all; OSError where the disk does not take it.
    """
    services = editor.services
    services.shop.wait(_FIRST_INDEX_SECONDS)  # what the last file had is known from the index
    sweep(services.prompts, services.now())
    name = _name(services.prompts, sent, replaces)
    upload = _keep(services, name, replaces if replaces != name else "", file)
    if text_checks.is_doubtful(upload.report, text_checks.report_of(replaces or name, reports_of(services))):
        return upload
    return use(editor, upload)


def _name(prompts: Path, sent: str, replaces: str) -> str:
    """Return the name under which a file is kept. NotSaved for one that no file of the store can have."""
    name = shop_files.name_from(sent)
    suffix = Path(name).suffix.lower()
    if replaces and suffix == Path(replaces).suffix.lower():
        name = replaces
    if not shop_files.is_readable(name):
        if suffix in SAVE_AS:
            raise NotSaved(
                "A %(suffix)s file cannot be read. %(advice)s", suffix=suffix, advice=Phrase(SAVE_AS[suffix])
            )
        raise NotSaved("This kind of file is not known. Save tables as CSV UTF-8 or .xlsx and texts as .md or .txt.")
    if not shop_files.is_store_name(name):
        raise NotSaved("A file can't have this name here. Please rename it.")
    is_new = not (prompts / STORE / name).exists()
    if is_new and len(shop_files.listed(prompts)) >= shop_files.MOST_FILES:
        raise NotSaved("There can be at most %(most)s files. Remove some first.", most=shop_files.MOST_FILES)
    return name


def reports_of(services: Services) -> tuple[FileReport, ...]:
    """Return what was made of the files that are in use."""
    snapshot = services.shop.snapshot
    return snapshot.index.reports() if snapshot is not None else ()


def _keep(services: Services, name: str, replaces: str, file: IO[bytes]) -> Upload:
    """Put a file aside and read it."""
    prompts = services.prompts
    waiting = list(_waiting(prompts))
    for old in waiting[: max(0, len(waiting) - MOST_WAITING + 1)]:
        discard(prompts, old)
    made = secrets.token_hex(8)
    place = prompts / versions.VERSIONS / _UPLOADS / made
    place.mkdir(mode=0o700, parents=True)
    try:
        with (place / name).open("xb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
        tried = _tried(services, place / name, replaces or name)
        before = text_checks.report_of(replaces or name, reports_of(services))
        upload = Upload(
            made, name, replaces, (_digest(prompts, name), _digest(prompts, replaces)), services.now(), tried.report,
            before.products if before else 0,
        )  # fmt: skip
        (place.with_suffix(".json")).write_bytes(msgspec.json.encode(asdict(upload)))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return upload


def _tried(services: Services, path: Path, without: str) -> TriedFile:
    return text_checks.read_apart(path, services.prompts / STORE, services.settings.currency, without)


def _digest(prompts: Path, name: str) -> str:
    file = shop_files.find(prompts, name) if name else None
    return shop_files.look(file).digest if file is not None else ABSENT


def find(prompts: Path, upload_id: str) -> Upload | None:
    """Return an upload that waits, None where there is none of this id."""
    if not _ID.fullmatch(upload_id):
        return None
    try:
        return msgspec.json.decode(_place(prompts, upload_id).with_suffix(".json").read_bytes(), type=Upload)
    except (OSError, msgspec.DecodeError):
        return None


def use(editor: Editor, upload: Upload) -> str:
    """Put the upload into its place; return its name. ChangedMeanwhile where another file came there since."""
    prompts = editor.services.prompts
    file = shop_files.find(prompts, upload.name)
    assert file is not None  # its name was looked at when it came
    data = (_place(prompts, upload.id) / upload.name).read_bytes()
    editor.save(file, data, seen=upload.seen[0], how="replaced" if upload.seen[0] else "uploaded")
    old = shop_files.find(prompts, upload.replaces) if upload.replaces else None
    if old is not None:
        editor.remove(old, seen=upload.seen[1])
    discard(prompts, upload.id)
    return upload.name


def discard(prompts: Path, upload_id: str) -> None:
    """Remove an upload that is not wanted."""
    place = _place(prompts, upload_id)
    place.with_suffix(".json").unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)


def sweep(prompts: Path, now: datetime) -> None:
    """Remove the uploads that nobody decided about for a day, and what was left of others."""
    for upload_id in _waiting(prompts):
        upload = find(prompts, upload_id)
        with suppress(OSError):
            is_old = now - _came(prompts, upload_id, upload) > timedelta(hours=KEPT_HOURS)
            if is_old:
                discard(prompts, upload_id)


def _came(prompts: Path, upload_id: str, upload: Upload | None) -> datetime:
    if upload is not None:
        return upload.time
    return datetime.fromtimestamp(_place(prompts, upload_id).stat().st_mtime).astimezone()


def _waiting(prompts: Path) -> Iterator[str]:
    """Yield the ids of the uploads that wait, the oldest first."""
    root = prompts / versions.VERSIONS / _UPLOADS
    with suppress(OSError):
        places = [path for path in root.iterdir() if _ID.fullmatch(path.name)]
        yield from (path.name for path in sorted(places, key=lambda path: path.stat().st_mtime))


def _place(prompts: Path, upload_id: str) -> Path:
    return prompts / versions.VERSIONS / _UPLOADS / upload_id
