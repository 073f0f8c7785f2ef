"""The counts above the rows of a run."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.declare import Text


@dataclass(frozen=True)
class Tile:
    """A count that is a filter, too."""

    name: str
    label: Text
    tone: str
    count: int
    address: str | None
    is_here: bool
