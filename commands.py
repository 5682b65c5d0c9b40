"""The command line: serve, and everything about people's accounts. Each is a recipe of the justfile too.

An error is one line on standard error and exit code 2; nothing was changed then.
"""

import argparse
import asyncio
import getpass
import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import settings as configuration
from memory import accounts, check, invites, leaving, passwords, repair
from memory.files import NAME_RULE, Folder, StorageError, Users, is_name
from settings import BadSetting, Place, Settings

_SWEEPS = 30

Serve = Callable[[Settings, Place, int, bool], int]


class Refused(Exception):
    """What was asked cannot be done; str() says why."""


def run(arguments: list[str], serve: Serve) -> int:
    """Run the command line; give the exit code."""
    chosen = _parser().parse_args(arguments)
    environ = configuration.environment()
    try:
        place = configuration.place(environ)
        if chosen.command == "serve":
            settings = configuration.load(configuration.settings_path(environ))
            return serve(settings, place, chosen.workers, chosen.verbose)
        if chosen.command == "check-models":
            return check_models(configuration.load(configuration.settings_path(environ)), place)
        if chosen.command == "check-users":
            return check_users(place, repairs=chosen.repair)
        users = Users(place.users)
        users.prepare()
        match chosen.command:
            case "add-user":
                add_user(users, chosen.name, chosen.role, is_one_time=chosen.one_time)
            case "reset-password":
                reset_password(users, chosen.name, from_stdin=chosen.stdin)
            case "disable":
                _change(users, chosen.name, accounts.disable, "is disabled, and all their sessions have ended.")
            case "enable":
                _change(users, chosen.name, accounts.enable, "can come in again.")
            case "delete":
                delete(users, chosen.name, is_sure=chosen.yes)
            case "list":
                list_people(users)
            case "invite":
                invite(users, place, chosen.days)
    except (BadSetting, StorageError, Refused, passwords.BadPassword) as error:
        print(f"storekeeper: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="storekeeper", description="A chat assistant for an online shop.")
    parser.add_argument("--version", action="version", version=f"storekeeper {configuration.VERSION}")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="start the server")
    serving.add_argument("--workers", type=int, default=1, choices=range(1, 65), metavar="N", help="processes (1)")
    serving.add_argument("--verbose", action="store_true", help="log more: what each turn sends, what an error says")
    adding = _of_a_person(commands.add_parser("add-user", help="make an account"))
    adding.add_argument("--role", choices=("owner", "customer"), default="customer")
    adding.add_argument("--one-time", action="store_true", help="print a password that has to be changed at once")
    resetting = _of_a_person(commands.add_parser("reset-password", help="print a one-time password"))
    resetting.add_argument("--stdin", action="store_true", help="set the one of standard input's first line instead")
    _of_a_person(commands.add_parser("disable", help="let a person in no more"))
    _of_a_person(commands.add_parser("enable", help="let a person in again"))
    deleting = _of_a_person(commands.add_parser("delete", help="delete a person and all that is remembered of them"))
    deleting.add_argument("--yes", action="store_true", help="do not ask")
    commands.add_parser("list", help="list the people: name, role, state, made, last seen")
    checking = commands.add_parser("check-users", help="look through everybody's files; exit code 1 for errors")
    checking.add_argument("--repair", action="store_true", help="put right what can be without losing anything")
    commands.add_parser("check-models", help="ask each model a tiny question; exit code 1 if one does not answer")
    inviting = commands.add_parser("invite", help="print a link that makes one account")
    inviting.add_argument(
        "--days", type=int, default=invites.DAYS, choices=range(1, invites.MOST_DAYS + 1), metavar="N",
        help=f"how long it holds ({invites.DAYS})",
    )  # fmt: skip
    return parser


def _of_a_person(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("name", help=NAME_RULE)
    return parser


def add_user(users: Users, name: str, role: accounts.Role, *, is_one_time: bool) -> None:
    """Make an account; the first one is the owner's. The password is asked, read, or made."""
    if not is_name(name):
        raise Refused(f"a name has {NAME_RULE}.")
    password = passwords.make() if is_one_time else _ask_password(name)
    role = "owner" if users.is_empty() else role
    account = accounts.create(users, name, password, role, _now(), is_one_time=is_one_time)
    print(f"Made the account {account.name} ({account.role}).")
    if is_one_time:
        print(_one_time(password))


def _ask_password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass(f"Password for {name} ({passwords.RULE}): ")
    if getpass.getpass("Once more: ") != password:
        raise Refused("the two passwords differ; nothing was made.")
    return password


def reset_password(users: Users, name: str, *, from_stdin: bool) -> None:
    """Give a person another password; all their sessions end."""
    password = _ask_password(name) if from_stdin else passwords.make()
    folder = _existing(users, name)
    if not accounts.set_password(folder, password, _now(), is_one_time=not from_stdin):
        raise Refused(f"{folder.path / 'account.toml'} cannot be read.")
    print(f"The password of {name} is set, and all their sessions have ended." if from_stdin else _one_time(password))


def _one_time(password: str) -> str:
    return f"One-time password, for {accounts.ONE_TIME.days} days: {password}"


def delete(users: Users, name: str, *, is_sure: bool) -> None:
    """Delete a person and all that is remembered of them, for good."""
    folder = _existing(users, name)
    if not is_sure:
        if not sys.stdin.isatty():
            raise Refused(f"deleting {name} cannot be undone; say --yes.")
        if input(f"Delete {name} and all that is remembered of them, for good? Type the name: ") != name:
            raise Refused("nothing was deleted.")
    leaving.delete(users, folder)
    print(f"{name} is deleted.")
    for _ in range(_SWEEPS):
        if users.sweep():
            return
        time.sleep(1)
    print("storekeeper: a process is still at work in their files; the next start removes them.", file=sys.stderr)


def list_people(users: Users) -> None:
    """Print a line a person, with tabs between: name, role, state, made, last seen. Times are UTC."""
    for name in users.names():
        account = accounts.load(users.folder(name))
        if account is None:
            print(name, "-", "unreadable", "-", "-", sep="\t")
            continue
        seen = f"{account.seen:%Y-%m-%d %H:%M}" if account.seen else "never"
        state = "disabled" if account.disabled else "enabled"
        print(name, account.role, state, f"{account.created:%Y-%m-%d}", seen, sep="\t")


def invite(users: Users, place: Place, days: int) -> None:
    """Print a link that makes one account."""
    settings = configuration.load(configuration.settings_path(configuration.environment()))
    if settings.signup == "closed":
        raise Refused('invites open nothing while signup = "closed"; set signup = "invite" in settings.toml.')
    token, made = invites.make(users, _now(), days)
    print(f"{configuration.address(settings, place)}/signup?token={token}")
    print(f"It makes one account, until {made.ends:%Y-%m-%d %H:%M} UTC.", file=sys.stderr)


def check_models(settings: Settings, place: Place) -> int:
    """Ask each model of the chat and the summariser a tiny question; 1 when one does not answer."""
    from completions.check import check  # slow to import, and only needed here

    logging.getLogger("storekeeper").setLevel(logging.CRITICAL)  # the report says it in plain words
    is_sound = True
    for name in dict.fromkeys((*settings.chat, *settings.summariser)):
        roles = [
            role for role, names in (("chat", settings.chat), ("summariser", settings.summariser)) if name in names
        ]
        print(f"{name} ({', '.join(roles)})", flush=True)
        report = asyncio.run(check(settings.model(name), place.environ, settings.limits))
        print(*(f"    {line}" for line in report.lines), sep="\n", flush=True)
        is_sound = is_sound and report.is_sound
    return 0 if is_sound else 1


def check_users(place: Place, *, repairs: bool) -> int:
    """Say what is wrong with anybody's files; 1 when something is and stays so. `repairs`: put right what can be."""
    if not place.users.is_dir():
        raise Refused(f"there is no directory {place.users}.")
    if repairs:
        for report in check.check_all(place.users):
            for finding in report.errors:
                _repair(place, finding)
    reports = check.check_all(place.users)
    for report in reports:
        for finding in sorted(report.findings, key=lambda finding: finding.is_note):
            print(f"{'note: ' if finding.is_note else ''}{finding}")
    errors = sum(len(report.errors) for report in reports)
    people, messages = len(reports) - 1, sum(report.messages for report in reports)
    said = "nothing is wrong" if not errors else "1 error" if errors == 1 else f"{errors} errors"
    print(f"{people:,} {'person' if people == 1 else 'people'}, {messages:,} messages: {said}.")
    return 1 if errors else 0


def _repair(place: Place, finding: check.Finding) -> None:
    try:
        done = repair.repair(place.users, finding, datetime.now(UTC))
    except (StorageError, OSError) as error:
        done = f"could not be put right: {error}"
    if done is not None:
        print(f"{finding}\n    {done}")


def _change(users: Users, name: str, change: Callable[[Folder], bool], what: str) -> None:
    folder = _existing(users, name)
    if not change(folder):
        raise Refused(f"{folder.path / 'account.toml'} cannot be read.")
    print(f"{name} {what}")


def _existing(users: Users, name: str) -> Folder:
    if not is_name(name) or not users.folder(name).path.is_dir():
        raise Refused(f"there is no account called {name!r}. `list` tells those there are.")
    return users.folder(name)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
