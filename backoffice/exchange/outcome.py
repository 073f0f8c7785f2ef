"""What is said about a file: why it cannot be read, what is wrong with a row, and the receipt of a run."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from backoffice.declare import Text


class Unreadable(Exception):
    """The file as a whole cannot be used. ``code`` is stable (``docs/exchange.md``), ``why`` is for people."""

    def __init__(self, code: str, why: Text) -> None:
        super().__init__(code)
        self.code, self.why = code, why

    def __str__(self) -> str:
        return str(self.why)


class Verdict(enum.StrEnum):
    """What becomes of a row; the same in a dry run and in a real one."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Finding:
    """One thing to say about one cell, row or column.

    ``line`` is where the record starts in the file, ``row`` counts the data rows from 1 (0: the header).
    """

    line: int
    row: int
    column: str | None
    field: str | None
    value: str | None
    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """The finding as the commands print it."""
        return dict(self.__dict__)


@dataclass
class Receipt:
    """The outcome of one run over one file."""

    resource: str
    dry_run: bool
    encoding: str
    delimiter: str
    header_line: int
    run: int | None = None
    applied: bool = False
    rows: int = 0
    counts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    errors: list[Finding] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)
    conflicts: int = 0
    parts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return self.counts[Verdict.REFUSED]

    def as_json(self) -> dict[str, Any]:
        """The receipt as the commands print it."""
        return {
            "run": self.run, "resource": self.resource, "dry_run": self.dry_run, "applied": self.applied, "rows": self.rows,
            **{verdict.value: count for verdict, count in self.counts.items()},
            "warnings": len(self.notices), "encoding": self.encoding,
            "dialect": {"delimiter": self.delimiter, "header_line": self.header_line},
            "errors": [one.as_json() for one in self.errors], "notices": [one.as_json() for one in self.notices],
            **({"parts": self.parts} if self.parts else {}),
        }
