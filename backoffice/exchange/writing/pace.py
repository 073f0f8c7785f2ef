"""How many rows a slice takes, so that it is over soon, whatever the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

LOCKED_S, FREE_S = 0.1, 0.8
"""How long a slice should take: on SQLite it keeps all other writers waiting, on PostgreSQL nobody but who wants the same rows."""
LEAST = 20


@dataclass
class Pace:
    """Rows of the next slice: written set by set, and one by one. ``longest`` is the longest slice so far, in seconds."""

    rows: int = 1_000
    singles: int = LEAST
    aim: float = LOCKED_S
    longest: float = 0.0

    @classmethod
    def on(cls, dialect: str) -> Self:
        """The pace to begin with on a kind of database."""
        return cls() if dialect == "sqlite" else cls(rows=5_000, singles=100, aim=FREE_S)

    def took(self, seconds: float, rows: int, singles: int) -> None:
        """Learn from a slice of so many rows and singles."""
        self.longest = max(self.longest, seconds)
        factor = min(max(self.aim / max(seconds, 0.001), 0.25), 1.5)
        if rows >= self.rows // 2 or factor < 1:
            self.rows = max(LEAST, int(self.rows * factor))
        if singles >= self.singles // 2 or (factor < 1 and singles):
            self.singles = max(LEAST, int(self.singles * factor))

    def failed(self, rows: int) -> None:
        """A slice was refused as a whole: come closer to the row that is to blame."""
        self.rows = max(LEAST, rows // 8)
