"""What must hold whatever died: nothing acknowledged is lost, nothing is there twice, nothing pretends to be whole.

A witness notes what a browser was told while faults happen. Afterwards the files are read by the parser of
`memory/integrity/check.py`, which shares no line with the code that wrote them.
"""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from memory.integrity.check import check_user
from memory.integrity.findings import Finding
from memory.integrity.history_check import Said, read_history


@dataclass
class Witness:
    """What people were told: questions that were accepted, replies that were shown as complete, in their order."""

    accepted: dict[str, list[str]] = field(default_factory=dict)
    complete: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By person: the question and its reply's text as it was shown at the end."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note_accepted(self, person: str, question: str) -> None:
        with self.lock:
            known = self.accepted.setdefault(person, [])
            if question not in known:  # sent once more, it is the same one
                known.append(question)

    def note_complete(self, person: str, question: str, text: str) -> None:
        with self.lock:
            self.complete.setdefault(person, []).append((question, text))


def records_of(folder: Path) -> list[Said]:
    path = folder / "history.txt"
    return read_history(path.read_bytes())[0] if path.exists() else []


def broken(root: Path, witness: Witness, whole: dict[str, str] | None = None) -> list[str]:
    """Return what does not hold, person by person; nothing when all does.

    I1, I2 and I4 by what the witness saw; I3 and I5 by the files' own form. `whole`: what each question's complete
    reply is, for I2.
    """
    troubles = list[str]()
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        said = records_of(folder)
        questions = [one.text for one in said if one.role == "user"]
        accepted = witness.accepted.get(folder.name, [])
        for question in accepted:
            if questions.count(question) != 1:
                troubles.append(f"{folder.name}: I1, {question!r} is there {questions.count(question)} times")
        if [one for one in questions if one in accepted] != accepted:
            troubles.append(f"{folder.name}: I4, the questions stand in another order than they were accepted in")
        answers = answers_of(said)
        for question, text in witness.complete.get(folder.name, []):
            kept = [one.text.strip() for one in answers.get(question, []) if one.keys.get("ending") == "stop"]
            if kept != [text]:
                troubles.append(f"{folder.name}: I1, the reply to {question!r} was shown as {text!r} and is {kept!r}")
        for question, right in (whole or {}).items():
            for one in answers.get(question, []):
                if one.keys.get("ending") == "stop" and one.text != right:
                    troubles.append(f"{folder.name}: I2, {one.text!r} is kept as complete")
                elif not right.startswith(one.text) and not one.keys.get("why", "").startswith("looked_up"):
                    troubles.append(f"{folder.name}: I2, {one.text!r} is no beginning of the reply")
        troubles += [f"{folder.name}: I3, {finding}" for finding in lasting(check_user(folder).errors)]
    return troubles


def answers_of(said: list[Said]) -> dict[str, list[Said]]:
    """Return each question's answers."""
    answers, question = dict[str, list[Said]](), ""
    for one in said:
        if one.role == "user":
            question = one.text
        else:
            answers.setdefault(question, []).append(one)
    return answers


def lasting(errors: list[Finding]) -> list[Finding]:
    """Leave out what a death may leave for the next visit to put right: a spool, a torn end."""
    return [finding for finding in errors if finding.repair not in ("spool", "torn")]
