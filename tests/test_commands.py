"""Tests of the command line, as the justfile's recipes run it: a process, its words, its exit code."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import commands
import settings as configuration
from memory.people import accounts
from memory.storage.layout import HISTORY
from memory.storage.users import Users
from settings import ROOT, VERSION
from tests.support.shop import NOON, PASSWORD

SETTINGS = """
signup = "{signup}"
chat = ["local"]
summariser = ["local"]
[[models]]
name = "local"
max_input = 7000
base_url = "http://127.0.0.1:9/v1"
"""

COMMANDS = ("-c", "import sys, commands; sys.exit(commands.run(sys.argv[1:], lambda *_: 1))")
"""The command line without the server, which takes its time to load."""


@pytest.fixture
def storekeeper(users: Users, tmp_path: Path):
    """Run a command over the directory of ana, the owner, and bob."""

    def run(
        *arguments: str,
        typed: str = "",
        signup: str = "invite",
        program: tuple[str, ...] = COMMANDS,
        prompts: Path = ROOT / "prompts",
    ) -> subprocess.CompletedProcess[str]:
        (tmp_path / "settings.toml").write_text(SETTINGS.format(signup=signup))
        environ = {key: value for key, value in os.environ.items() if not key.startswith("STOREKEEPER_")}
        environ |= {
            "STOREKEEPER_USERS": str(users.root),
            "STOREKEEPER_SETTINGS": str(tmp_path / "settings.toml"),
            "STOREKEEPER_PORT": "8123",
            "STOREKEEPER_PROMPTS": str(prompts),
        }
        return subprocess.run(
            [sys.executable, *program, *arguments],
            cwd=ROOT, env=environ, input=typed, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_an_account_is_made_with_the_password_of_standard_input(storekeeper, users):
    ran = storekeeper("add-user", "eve", typed=f"{PASSWORD}\n", program=("server.py",))

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "Created account eve (customer).\n", "")
    assert accounts.verify(accounts.load(users.folder("eve")), PASSWORD)


def test_a_reset_prints_a_one_time_password(storekeeper, users):
    session = accounts.open_session(users.folder("bob"), NOON)
    ran = storekeeper("reset-password", "bob")
    (password,) = re.findall(r"^Temporary password \(expires in 7 days\): (\S+)\n$", ran.stdout)
    account = accounts.load(users.folder("bob"))

    assert ran.returncode == 0
    assert accounts.verify(account, password)
    assert account.one_time_until is not None
    assert accounts.find_session(users.folder("bob"), session, NOON) is None


def test_a_reset_sets_the_password_of_standard_input(storekeeper, users):
    ran = storekeeper("reset-password", "bob", "--stdin", typed="another horse battery\n")
    account = accounts.load(users.folder("bob"))

    assert ran.returncode == 0
    assert "another horse" not in ran.stdout + ran.stderr
    assert accounts.verify(account, "another horse battery")
    assert account.one_time_until is None


def test_a_user_is_disabled_listed_enabled_and_deleted(storekeeper, users):
    (users.folder("bob").path / HISTORY).write_text("[1] 2026-11-23T11:00:00Z user\n    Hello\n")

    assert storekeeper("disable", "bob").returncode == 0
    assert storekeeper("list").stdout.splitlines() == [
        "ana\towner\tenabled\t2026-11-23\tnever",
        "bob\tcustomer\tdisabled\t2026-11-23\tnever",
    ]
    assert storekeeper("enable", "bob").returncode == 0
    assert accounts.load(users.folder("bob")).disabled is False
    deleted = storekeeper("delete", "bob", "--yes")

    assert (deleted.returncode, deleted.stdout) == (0, "Deleted bob.\n")
    assert users.names() == ["ana"]
    assert "bob" not in "".join(os.listdir(users.root))


def test_an_invite_is_a_link_alone_on_standard_output(storekeeper):
    ran = storekeeper("invite", "--days", "2")

    assert ran.returncode == 0
    assert re.fullmatch(r"http://localhost:8123/signup\?token=[\w-]{32}\n", ran.stdout)
    assert "Creates one account. Expires" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "typed", "line"),
    [
        (["add-user", "bob"], PASSWORD, "The name bob is already taken."),
        (["add-user", "eve"], "short", "Choose a password with 8 to 256 characters"),
        (["add-user", "../eve"], PASSWORD, "choose a name with 3 to 32 characters"),
        (["reset-password", "eve"], "", "there is no account called 'eve'"),
        (["reset-password", "../ana"], "", "there is no account called '../ana'"),
        (["reset-password", "bob", "--stdin"], "short", "Choose a password with 8 to 256 characters"),
        (["disable", "eve"], "", "there is no account called 'eve'"),
        (["delete", "bob"], "", "deleting bob can't be undone; add --yes to confirm."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(storekeeper, users, arguments, typed, line):
    before = {name: users.folder(name).read("account.toml") for name in users.names()}

    ran = storekeeper(*arguments, typed=typed)

    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith(f"storekeeper: {line}")
    assert ran.stderr.count("\n") == 1
    assert {name: users.folder(name).read("account.toml") for name in users.names()} == before


def test_an_invite_that_would_open_nothing_is_not_made(storekeeper, users):
    ran = storekeeper("invite", signup="closed")

    assert ran.returncode == 2
    assert 'signup = "closed"' in ran.stderr
    assert ".invites" not in os.listdir(users.root)


@pytest.mark.parametrize("command", ["add-user", "reset-password", "disable", "enable", "delete", "list", "invite"])
def test_every_command_is_a_recipe(command):
    assert re.search(
        rf"^{command}\b.*:\n    @uv run python server.py {command}\b", (ROOT / "justfile").read_text(), re.M
    )


def test_the_version_is_one_everywhere(storekeeper):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (newest,) = re.findall(r"\A.*?^## \[?([\w.]+)", (ROOT / "CHANGELOG.md").read_text(), re.M | re.S)

    assert project["version"] == VERSION
    assert newest in (VERSION, "Unreleased")
    assert f"## To {VERSION}\n" in (ROOT / "docs" / "upgrading.md").read_text()
    for program in (COMMANDS, ("server.py",)):
        ran = storekeeper("--version", program=program)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"storekeeper {VERSION}\n", "")


def test_a_retired_setting_is_told_on_standard_error(storekeeper):
    told = storekeeper("check-models", signup='closed"\nown_core = true\nlanguage = "en')

    assert told.stderr.count("own_core is not used any more") == 1


def test_models_that_do_not_answer_are_told_and_exit_with_1(storekeeper):
    ran = storekeeper("check-models")

    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.startswith("local (chat, summariser)\n    Nothing listens at 127.0.0.1:9.")


def test_the_example_shop_is_reported_without_errors(storekeeper):
    ran = storekeeper("shop")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.search(r"^products\.csv: table; \d+ products", ran.stdout, re.MULTILINE)


def test_a_file_of_the_shop_that_cannot_be_used_ends_with_1(storekeeper, tmp_path):
    store = tmp_path / "prompts" / "store"
    store.mkdir(parents=True)
    (store / "a.csv").write_text("sku,name,price\nM-1,Mug,5.00\nC-1,Cup,\n")
    (store / "b.pdf").write_bytes(b"%PDF")

    told = storekeeper("shop", prompts=store.parent)
    as_json = storekeeper("shop", "--json", prompts=store.parent)

    assert (told.returncode, as_json.returncode) == (1, 1)
    assert told.stdout.splitlines()[:2] == ["a.csv: table; 2 products", "  ? No price (line 3)."]
    first, second = json.loads(as_json.stdout)
    assert first == {"file": "a.csv", "kind": "table", "products": 2, "variants": 0, "left_out": {}, "doubts": ["No price (line 3)."]}  # fmt: skip
    assert "cannot be read" in second["error"]
    assert as_json.stdout.count("\n") == 1


def test_a_shop_without_a_directory_is_told(storekeeper, tmp_path):
    ran = storekeeper("shop", prompts=tmp_path)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "is no directory" in ran.stderr


def test_a_question_without_an_answer_ends_with_1_and_the_reason(storekeeper):
    ran = storekeeper("ask", "RED-012?")

    assert ran.returncode == 1
    assert "RED-012" in ran.stdout
    assert ran.stderr == "storekeeper: no model answered (looked_up:unreachable).\n"


def test_the_feed_that_is_kept_is_in_the_report(tmp_path, capsys):
    (tmp_path / "prompts" / "store").mkdir(parents=True)
    (tmp_path / ".storekeeper").mkdir()
    (tmp_path / ".storekeeper" / "feed").write_text("sku,name,price\nM-1,Mug,5.00\n")
    place = configuration.place({"STOREKEEPER_PROMPTS": str(tmp_path / "prompts")}, tmp_path)
    reports = [
        commands.report_shop(configuration.read({"catalogue": {"feed": feed}}), place, as_json=False)
        for feed in ("https://shop.example/feed", "")
    ]

    assert reports == [0, 0]
    assert [line for line in capsys.readouterr().out.split("\n") if "feed" in line] == ["feed: table; 1 product"]
