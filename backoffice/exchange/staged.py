"""Rows of a change set as people read them: their cells, what is said about them, and what is said about many at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backoffice.exchange.mapping import Column
from backoffice.exchange.stage import UNCHANGED, Part
from backoffice.plan import Field

MOST_RANGES = 8
PER_GROUP = 1000


@dataclass(frozen=True)
class Said:
    """Something that is said about a row; ``word`` is the field's, ``column`` the header's."""

    column: str | None
    word: str | None
    value: str | None
    code: str
    message: str
    is_notice: bool


@dataclass(frozen=True)
class StagedCell:
    """One mapped cell of a row: what is to be stored, or the text of a link that names nothing yet."""

    column: Column
    value: Any
    text: str | None
    is_changed: bool

    @property
    def field(self) -> Field:
        """Where it goes."""
        return self.column.field


@dataclass
class StagedRow:
    """One row of the file with its verdict; ``raw`` are its cells as they stand in the file, where that is kept."""

    part: Part
    number: int
    line: int
    verdict: str
    record_id: int | None
    record_version: int | None
    is_applied: bool
    cells: list[StagedCell]
    raw: list[str] | None = None
    said: list[Said] = field(default_factory=list)

    @property
    def is_left(self) -> bool:
        """Whether a person left it out: it would change something, and does not."""
        return self.verdict == UNCHANGED and (self.record_id is None or any(cell.is_changed for cell in self.cells))

    @property
    def errors(self) -> list[Said]:
        """Why it is refused."""
        return [one for one in self.said if not one.is_notice]

    @property
    def notices(self) -> list[Said]:
        """What is doubtful about it, or to be decided."""
        return [one for one in self.said if one.is_notice]

    def raw_of(self, column: Column) -> str:
        """The cell of a mapped column as it stands in the file."""
        return self.raw[column.index] if self.raw is not None and column.index < len(self.raw) else ""


@dataclass(frozen=True)
class Slice:
    """The rows of a page; ``before`` and ``after`` are the row numbers that the neighbors start from, if there are any."""

    rows: list[StagedRow]
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Trouble:
    """Findings of one kind in one column: how many rows, and which."""

    column: str | None
    word: str | None
    code: str
    message: str
    count: int
    lines: str


@dataclass(frozen=True)
class BadValue:
    """A text that is no value of its column, and in how many rows it stands."""

    column: str
    word: str
    value: str
    code: str
    message: str
    count: int


def ranges(numbers: list[int], most: int = MOST_RANGES) -> str:
    """Sorted numbers as ranges: ``3–7, 12``."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in found[:most]]
    return ", ".join(texts) + (" …" if len(found) > most or len(numbers) > PER_GROUP else "")
