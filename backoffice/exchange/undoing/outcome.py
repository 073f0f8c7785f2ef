"""What comes of taking an import back: a verdict for each record, counted, and explained where it is not simply reversed."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KEPT_DETAILS = 500


class Verdict(enum.StrEnum):
    """What becomes of a record."""

    REVERSED = "reversed"
    KEPT = "kept"
    REFUSED = "refused"


@dataclass(frozen=True)
class Detail:
    """What becomes of one record. ``reason`` is a sentence; a reversed record needs none."""

    resource: str
    record_id: int
    key: str
    verdict: Verdict
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The record as the command prints it."""
        return {"key": self.key, "verdict": self.verdict.value, "reason": self.reason}

    def as_kept(self) -> dict[str, Any]:
        """The record as the run keeps it, so that a page can lead there."""
        return {**self.as_json(), "resource": self.resource, "record_id": self.record_id}


Tell = Callable[[Detail], None]


@dataclass
class Outcome:
    """The counts of one undo, or of a look at what one would do.

    ``details`` are the first records that were not reversed. ``is_whole`` is False where only the newest
    part of the import was looked at.
    """

    run: int
    undo_run: int | None = None
    reversed: int = 0
    kept: int = 0
    refused: int = 0
    details: list[Detail] = field(default_factory=list)
    is_whole: bool = True

    @property
    def left(self) -> int:
        """How many records are not reversed."""
        return self.kept + self.refused

    def count(self, verdict: Verdict) -> None:
        """Count a record."""
        setattr(self, verdict.value, getattr(self, verdict.value) + 1)

    def as_json(self) -> dict[str, Any]:
        """The outcome as the command prints it and the run keeps it."""
        return {
            "run": self.run, "undo_run": self.undo_run, "reversed": self.reversed, "kept": self.kept, "refused": self.refused,
            "details": [one.as_json() for one in self.details],
        }
