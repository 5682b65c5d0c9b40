"""What a check of users' files finds, as values. Imports nothing of this project, see `check.py`."""

from dataclasses import dataclass, replace
from typing import Literal

Repair = Literal["temporary", "spool", "summary", "torn"]


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
class Report:
    """What one user's files hold: how many messages, and what was found."""

    user: str
    messages: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_note]
