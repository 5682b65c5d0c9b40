"""The command line: serve, and everything about people's accounts. Each is a recipe of the justfile too.

An error is one line on standard error and exit code 2; nothing was changed then.
"""

import argparse
import asyncio
import getpass
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import settings as configuration
from memory.integrity import check, repair
from memory.integrity.findings import Finding
from memory.people import accounts, deletion, invites, passwords
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import ACCOUNT
from memory.storage.users import NAME_RULE, Users, is_name
from settings import BadSetting, Environment, Settings
from shop.catalogue import Catalogue
from shop.texts import STORE

_SWEEPS = 30

Serve = Callable[[Settings, Environment, int, bool], int]


class CommandRefused(Exception):
    """What was asked cannot be done; str() says why."""


def run(arguments: list[str], serve: Serve) -> int:
    """Run the command line; return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        return _run(chosen, serve)
    except (BadSetting, StorageError, CommandRefused, passwords.BadPassword) as error:
        print(f"storekeeper: {error}", file=sys.stderr)
        return 2


def _run(chosen: argparse.Namespace, serve: Serve) -> int:
    environ = configuration.environment()
    place = configuration.place(environ)
    match chosen.command:
        case "serve":
            settings = configuration.load(configuration.settings_path(environ), _warn)
            return serve(settings, place, chosen.workers, chosen.verbose)
        case "check-models":
            return check_models(configuration.load(configuration.settings_path(environ), _warn), place)
        case "ask":
            settings = configuration.load(configuration.settings_path(environ), _warn)
            if chosen.tests:
                return ask_tests(settings, place)
            if not chosen.question:
                raise CommandRefused("write a question, or --tests for all test questions.")
            return ask(settings, place, " ".join(chosen.question), chosen.language, as_json=chosen.json)
        case "shop":
            settings = configuration.load(configuration.settings_path(environ), _warn)
            return report_shop(settings, place, as_json=chosen.json)
        case "check-users":
            return check_users(place, repairs=chosen.repair)
    users = Users(place.users)
    users.prepare()
    _run_on_accounts(chosen, users, place)
    return 0


def _run_on_accounts(chosen: argparse.Namespace, users: Users, place: Environment) -> None:
    match chosen.command:
        case "add-user":
            add_user(users, chosen.name, chosen.role, is_one_time=chosen.one_time)
        case "reset-password":
            reset_password(users, chosen.name, from_stdin=chosen.stdin)
        case "disable":
            _change(users, chosen.name, accounts.disable, "is disabled and logged out everywhere.")
        case "enable":
            _change(users, chosen.name, accounts.enable, "is enabled and can log in again.")
        case "delete":
            delete(users, chosen.name, is_sure=chosen.yes)
        case "list":
            list_users(users)
        case "invite":
            invite(users, place, chosen.days)


def _warn(line: str) -> None:
    print(f"storekeeper: {line}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="storekeeper", description="A chat assistant for an online shop.")
    parser.add_argument("--version", action="version", version=f"storekeeper {configuration.VERSION}")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="start the server")
    serving.add_argument(
        "--workers", type=int, default=1, choices=range(1, 65), metavar="N", help="number of processes (default 1)"
    )
    serving.add_argument("--verbose", action="store_true", help="log more: what each turn sends and the text of errors")
    asking = commands.add_parser("ask", help="print the answer that a customer would get; exit code 1 without one")
    asking.add_argument("question", nargs="*")
    asking.add_argument(
        "--tests", action="store_true", help="ask the questions of prompts/test-questions.csv; exit code 1 if one fails"
    )
    asking.add_argument(
        "--language", metavar="TAG", help="language of the page, such as pt-BR (default: the settings')"
    )
    asking.add_argument("--json", action="store_true", help="print one line of JSON")
    adding = _of_a_user(commands.add_parser("add-user", help="create an account"))
    adding.add_argument("--role", choices=("owner", "customer"), default="customer")
    adding.add_argument(
        "--one-time", action="store_true", help="print a temporary password, to be changed at the first login"
    )
    resetting = _of_a_user(commands.add_parser("reset-password", help="set a temporary password and print it"))
    resetting.add_argument(
        "--stdin", action="store_true", help="set the password on the first line of standard input instead"
    )
    _of_a_user(commands.add_parser("disable", help="disable an account; its data is kept"))
    _of_a_user(commands.add_parser("enable", help="enable an account again"))
    deleting = _of_a_user(commands.add_parser("delete", help="permanently delete an account and all its data"))
    deleting.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    commands.add_parser("list", help="list accounts: name, role, state, created, last seen")
    checking = commands.add_parser(
        "check-users", help="check the files of all accounts; exit code 1 if there are errors"
    )
    checking.add_argument("--repair", action="store_true", help="repair what can be repaired without losing data")
    shopping = commands.add_parser(
        "shop", help="report what is read of prompts/store; exit code 1 if a file can't be used"
    )
    shopping.add_argument("--json", action="store_true", help="one list of objects on one line")
    commands.add_parser("check-models", help="ask each model a tiny question; exit code 1 if one does not answer")
    inviting = commands.add_parser("invite", help="print an invitation link for one account")
    inviting.add_argument(
        "--days", type=int, default=invites.DAYS, choices=range(1, invites.MOST_DAYS + 1), metavar="N",
        help=f"days until it expires (default {invites.DAYS})",
    )  # fmt: skip
    return parser


def _of_a_user(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("name", help=NAME_RULE)
    return parser


def report_shop(settings: Settings, place: Environment, *, as_json: bool) -> int:
    """Print what is read of prompts/store, and of the feed that is kept; return 1 when a file cannot be used."""
    from shop.readers.bounded import read_bounded  # the readers take 0.1 s to import, and are only needed here
    from shop.readers.report import report_json, report_lines

    store = place.prompts / STORE
    if not store.is_dir():
        raise CommandRefused(f"{store} is no directory. Make it and put the shop's files there.")
    feed = Catalogue(place.prompts).feed
    also = [feed] if settings.catalogue.feed and feed.exists() else []
    reports = read_bounded(store, settings.currency, also=also).reports
    for line in [report_json(reports)] if as_json else report_lines(reports):
        print(line)
    return 1 if any(report.error for report in reports) else 0


def add_user(users: Users, name: str, role: accounts.Role, *, is_one_time: bool) -> None:
    """Make an account; the first one is the owner's. The password is asked, read, or made."""
    if not is_name(name):
        raise CommandRefused(f"choose a name with {NAME_RULE}.")
    password = passwords.make() if is_one_time else _ask_password(name)
    role = "owner" if users.is_empty() else role
    account = accounts.create(users, name, password, role, _now(), is_one_time=is_one_time)
    print(f"Created account {account.name} ({account.role}).")
    if is_one_time:
        print(_one_time(password))


def _ask_password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass(f"Password for {name} ({passwords.RULE}): ")
    if getpass.getpass("Confirm password: ") != password:
        raise CommandRefused("the passwords don't match; nothing was changed.")
    return password


def reset_password(users: Users, name: str, *, from_stdin: bool) -> None:
    """Set another password for a user; all their sessions end."""
    password = _ask_password(name) if from_stdin else passwords.make()
    folder = _existing(users, name)
    if not accounts.set_password(folder, password, _now(), is_one_time=not from_stdin):
        raise CommandRefused(f"{folder.path / ACCOUNT} can't be read; nothing was changed.")
    print(f"Password of {name} changed; {name} is logged out everywhere." if from_stdin else _one_time(password))


def _one_time(password: str) -> str:
    return f"Temporary password (expires in {accounts.ONE_TIME.days} days): {password}"


def delete(users: Users, name: str, *, is_sure: bool) -> None:
    """Delete a user and all that is remembered of them, for good."""
    folder = _existing(users, name)
    if not is_sure:
        if not sys.stdin.isatty():
            raise CommandRefused(f"deleting {name} can't be undone; add --yes to confirm.")
        if input(f"Permanently delete {name} and all their data? Type the name to confirm: ") != name:
            raise CommandRefused("nothing was deleted.")
    deletion.delete(users, folder)
    print(f"Deleted {name}.")
    for _ in range(_SWEEPS):
        if users.sweep():
            return
        time.sleep(1)
    print("storekeeper: a process is still using their files; they will be removed at the next start.", file=sys.stderr)


def list_users(users: Users) -> None:
    """Print a line a user, with tabs between: name, role, state, made, last seen. Times are UTC."""
    for name in users.names():
        account = accounts.load(users.folder(name))
        if account is None:
            print(name, "-", "unreadable", "-", "-", sep="\t")
            continue
        seen = f"{account.seen:%Y-%m-%d %H:%M}" if account.seen else "never"
        state = "disabled" if account.disabled else "enabled"
        print(name, account.role, state, f"{account.created:%Y-%m-%d}", seen, sep="\t")


def invite(users: Users, place: Environment, days: int) -> None:
    """Print a link that makes one account."""
    settings = configuration.load(configuration.settings_path(configuration.environment()))
    if settings.signup == "closed":
        raise CommandRefused('invitations are off (signup = "closed"); set signup = "invite" in settings.toml.')
    token, made = invites.make(users, _now(), days)
    print(f"{configuration.address(settings, place)}/signup?token={token}")
    print(f"Creates one account. Expires {made.ends:%Y-%m-%d %H:%M} UTC.", file=sys.stderr)


def ask_tests(settings: Settings, place: Environment) -> int:
    """Ask the shop's test questions and print a line for each; return 1 when one fails."""
    from handlers.desk import question_runs  # slow to import, and only needed here
    from handlers.replies import single
    from shop.expectations import BadExpectations

    logging.getLogger("storekeeper").setLevel(logging.CRITICAL)
    try:
        questions = question_runs.load(place.prompts)
    except BadExpectations as error:
        raise CommandRefused(str(error)) from error
    if not questions:
        raise CommandRefused(f"there are no test questions in {place.prompts / question_runs.FILE}.")
    answers = single.ask_all_once(settings, place, [(one.question, one.language or None) for one in questions])
    results = [question_runs.result_of(one, answer) for one, answer in zip(questions, answers, strict=True)]
    for one, result in zip(questions, results, strict=True):
        print(
            f"{'passed' if result.is_passed else 'FAILED'}  {one.question}{_why(result.missing, result.unwanted, result.fault)}"
        )
    failed = sum(not result.is_passed for result in results)
    print(f"{len(results)} test questions, {failed} failed.")
    return 1 if failed else 0


def _why(missing: Sequence[str], unwanted: Sequence[str], fault: str) -> str:
    said = [f"no answer ({fault})"] if fault else []
    said += [f"not in the answer: {'; '.join(missing)}"] if missing else []
    said += [f"in the answer: {'; '.join(unwanted)}"] if unwanted else []
    return f"  ({', '.join(said)})" if said else ""


def ask(settings: Settings, place: Environment, question: str, language: str | None, *, as_json: bool) -> int:
    """Print the answer that a customer would get; return 1 when no model answered."""
    from handlers.replies import single  # slow to import, and only needed here

    logging.getLogger("storekeeper").setLevel(logging.CRITICAL)  # what goes wrong is printed in plain words
    found = single.ask_once(settings, place, question, language)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    elif found.answer:
        print(found.answer)
    if found.is_answered:
        return 0
    print(f"storekeeper: no model answered ({found.why or found.ending}).", file=sys.stderr)
    return 1


def check_models(settings: Settings, place: Environment) -> int:
    """Ask each model of the chat and the summariser a tiny question; 1 when one does not answer."""
    from completions.available import check_files
    from completions.check import check  # slow to import, and only needed here

    logging.getLogger("storekeeper").setLevel(logging.CRITICAL)  # the report says it in plain words
    check_files(settings)
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


def check_users(place: Environment, *, repairs: bool) -> int:
    """Return what is wrong with anybody's files; 1 when something is and stays so. `repairs`: put right what can be."""
    if not place.users.is_dir():
        raise CommandRefused(f"the directory {place.users} does not exist.")
    if repairs:
        for report in check.check_all(place.users):
            for finding in report.errors:
                _repair(place, finding)
    reports = check.check_all(place.users)
    for report in reports:
        for finding in sorted(report.findings, key=lambda finding: finding.is_note):
            print(f"{'note: ' if finding.is_note else ''}{finding}")
    errors = sum(len(report.errors) for report in reports)
    users, messages = len(reports) - 1, sum(report.messages for report in reports)
    said = "no errors" if not errors else "1 error" if errors == 1 else f"{errors} errors"
    print(f"{users:,} {'account' if users == 1 else 'accounts'}, {messages:,} messages: {said}.")
    return 1 if errors else 0


def _repair(place: Environment, finding: Finding) -> None:
    try:
        done = repair.repair(place.users, finding, datetime.now(UTC))
    except (StorageError, OSError) as error:
        done = f"could not be repaired: {error}"
    if done is not None:
        print(f"{finding}\n    {done}")


def _change(users: Users, name: str, change: Callable[[Folder], bool], what: str) -> None:
    folder = _existing(users, name)
    if not change(folder):
        raise CommandRefused(f"{folder.path / ACCOUNT} can't be read; nothing was changed.")
    print(f"{name} {what}")


def _existing(users: Users, name: str) -> Folder:
    if not is_name(name) or not users.folder(name).path.is_dir():
        raise CommandRefused(f"there is no account called {name!r}. Run `list` to see all accounts.")
    return users.folder(name)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
