"""What a format is given: headers, what sort of cells each column holds, and the cells, column by column."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


class Shape(enum.Enum):
    """What the cells of a column are. None is an empty cell in every one."""

    TEXT = "text"
    """Texts of one line, codes and choices among them."""
    LONG = "long"
    """Texts of any length, kept to the letter."""
    WHOLE = "whole"
    """Python's whole numbers."""
    AMOUNT = "amount"
    """Exact decimals, as texts such as ``12.50``."""
    DAY = "day"
    """Days, as texts such as ``2026-11-21``."""
    MOMENT = "moment"
    """Moments of the house's zone, as texts such as ``2026-11-21 14:30`` or ``2026-11-21 14:30:15``."""

    @property
    def is_text(self) -> bool:
        """Whether the cells may hold any sign, such as one that starts a formula."""
        return self in (Shape.TEXT, Shape.LONG)


Columns = Sequence[Sequence[Any]]
"""Some rows as columns: of each column, the cells of these rows."""


@dataclass(frozen=True)
class Outgoing:
    """A table on its way out. ``token`` is how the file is recognized when it comes back."""

    headers: Sequence[str]
    shapes: Sequence[Shape]
    chunks: Iterable[Columns]
    token: str = ""
    title: str = ""
