"""Tests of the directory of all users: names, and directories made whole or not at all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.storage.folders import StorageError
from memory.storage.users import NameTaken, Users, is_name
from tests.memory.storage.conftest import in_child, tree

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

BAD_NAMES = {
    "parent": "../x",
    "two dots": "..",
    "dot": ".",
    "slash": "a/b",
    "backslash": "a\\b",
    "absolute": "/etc/passwd",
    "percent": "%2e%2e%2fx",
    "drive": "C:\\x",
    "users": "users",
    "CON": "CON",
    "con": "con",
    "nul": "nul",
    "aux.txt": "aux.txt",
    "com1": "com1",
    "lpt9": "lpt9",
    "option": "-rf",
    "hidden": ".hidden",
    "lock": ".lock",
    "home": "~root",
    "dot at the end": "ana.",
    "space at the end": "ana ",
    "space before": " ana",
    "newline at the end": "admin\n",
    "newline after a good name": "ana\n",
    "reserved": "admin",
    "reserved role": "assistant",
    "reserved route": "logout",
    "capitals": "Bob",
    "Cyrillic": "\u0430na",
    "Kelvin sign": "\u212aate",
    "full-width": "\uff41na",
    "dotless i": "an\u0131",
    "Arabic digits": "ana\u0661",
    "combining": "ana\u0301",
    "two dots and a slash under NFKC": "\u2025\uff0fx",
    "NUL": "ana\x00",
    "surrogate": "ana\udc80",
    "two characters": "an",
    "33 characters": "a" * 33,
    "255 characters": "a" * 255,
    "10 000 characters": "a" * 10_000,
    "empty": "",
    "spaces": "   ",
    "digit first": "1ana",
    "underscore first": "_ana",
    "JSON list": ["ana"],
    "int": 5,
    "None": None,
    "bytes": b"ana",
    "path": Path("ana"),
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_a_bad_name_is_refused_with_the_rule_and_makes_nothing(users, name):
    before = tree(users.shared)

    with pytest.raises(ValueError, match="3 to 32 characters"):
        users.create(name, b"account")
    assert tree(users.shared) == before
    assert not is_name(name)


@pytest.mark.parametrize("name", ["ana", "a" * 32, "a-b", "a_1", "com10", "a--", "users2", "roots"])
def test_a_good_name_is_taken_as_it_stands(users, name):
    assert is_name(name)
    assert users.create(name, b"account").path == users.root / name


@patient
@given(st.text(max_size=40))
def test_no_name_leaves_the_users_directory(name):
    assert not is_name(name) or (Path("/u") / name).resolve().parent == Path("/u")


@patient
@given(st.from_regex(r"[a-z][a-z0-9_-]{2,31}", fullmatch=True))
def test_a_name_is_one_under_any_case_of_the_file_system(name):
    assert name == name.lower()
    assert not is_name(name.upper())


def test_a_user_is_made_whole(users):
    folder = users.create("ana", b"name = 1\n")

    assert folder.read("account.toml") == b"name = 1\n"
    assert (folder.path.stat().st_mode & 0o777, (folder.path / "account.toml").stat().st_mode & 0o777) == (0o700, 0o600)
    assert tree(users.shared) == [".lock", "ana"]


def test_a_name_that_is_taken_is_refused_and_its_account_stays(users, ana):
    with pytest.raises(NameTaken, match="ana is already taken"):
        users.create("ana", b"another")
    assert ana.read("account.toml") == b"account"
    assert tree(users.shared) == [".lock", "ana"]


@pytest.mark.parametrize("thing", ["file", "link", "dangling link"])
def test_a_name_whose_place_holds_something_else_is_taken(users, tmp_path, thing):
    match thing:
        case "file":
            (users.root / "ana").touch()
        case "link":
            (users.root / "ana").symlink_to(tmp_path)
        case _:
            (users.root / "ana").symlink_to(tmp_path / "absent")

    with pytest.raises(NameTaken):
        users.create("ana", b"account")
    assert tree(users.shared) == [".lock", "ana"]
    assert not (tmp_path / "account.toml").exists()


def test_of_those_who_ask_for_one_name_at_once_one_gets_it(users):
    for name in ("ana", "bob", "eva"):
        start = threading.Barrier(8)

        def ask(number, name=name, start=start):
            start.wait()
            try:
                users.create(name, str(number).encode())
            except NameTaken:
                return None
            return str(number).encode()

        with ThreadPoolExecutor(8) as pool:
            winners = [account for account in pool.map(ask, range(8)) if account]

        assert winners == [users.folder(name).read("account.toml")]
    assert tree(users.shared) == [".lock", "ana", "bob", "eva"]


def test_a_full_disk_leaves_nothing_of_a_user(users):
    said = in_child(
        """
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    Users(Path(sys.argv[1])).create("ana", b"x" * 200)
except StorageError as error:
    print(error)
""",
        users.root,
    )

    assert said == "It couldn't be saved: File too large.\n"
    assert tree(users.shared) == [".lock"]


def test_only_directories_with_a_users_name_are_people(users, tmp_path):
    assert (users.is_empty(), users.names()) == (True, [])

    for name in ("eva", "ana"):
        users.create(name, b"account")
    (users.root / "bob").symlink_to(users.root / "ana")
    (users.root / "readme").touch()
    (users.root / ".new-0123").mkdir()
    (users.root / "Zoe").mkdir()
    assert (users.is_empty(), users.names()) == (False, ["ana", "eva"])


def test_the_users_directory_is_made_private(tmp_path):
    users = Users(tmp_path / "a" / "users")
    users.prepare()
    users.prepare()

    assert users.root.stat().st_mode & 0o777 == 0o700


def test_a_users_directory_that_cannot_be_used_is_said_so(tmp_path):
    (tmp_path / "users").touch()

    with pytest.raises(StorageError, match="users cannot be used: File exists"):
        Users(tmp_path / "users").prepare()


def test_all_who_keep_a_value_at_once_get_the_same_one(users):
    start = threading.Barrier(8)

    def keep(number):
        start.wait()
        return users.get_or_create(".secret", f"secret {number}")

    with ThreadPoolExecutor(8) as pool:
        values = set(pool.map(keep, range(8)))

    assert values == {(users.root / ".secret").read_text()}
    assert users.get_or_create(".secret", "another") in values
    assert (users.root / ".secret").stat().st_mode & 0o777 == 0o600
