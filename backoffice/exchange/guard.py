"""Cells that a spreadsheet would take for a formula: guarded on the way out, given back exactly on the way in.

A text that begins with a sign which starts a formula gets one apostrophe in front, and so does a
text of apostrophes followed by such a sign (else the way back would be ambiguous) and a text of
blanks alone (else it would come back as an empty cell). The way in takes exactly one apostrophe
from exactly those texts; every text survives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

_RISKY = r"(?:[=+\-@\t\r\n＝＋－＠|%]|\s+\Z)"
_NEEDS_GUARD = re.compile(rf"'*{_RISKY}")
_IS_GUARDED = re.compile(rf"'+{_RISKY}")
FIRSTS = frozenset("'=+-@|%＝＋－＠") | {sign for sign in map(chr, range(0x3001)) if re.match(r"\s", sign)}
"""The signs that a guarded text may begin with; most texts begin with another and need no closer look."""
_FIRST: Callable[[Any], str] = itemgetter(slice(0, 1))
_WRAPPED = re.compile(r'="((?:[^"]|"")*)"', re.DOTALL)


def guarded(text: str) -> str:
    """The text as it stands in a cell of our files."""
    return "'" + text if _NEEDS_GUARD.match(text) else text


def guarded_all(cells: Sequence[str | None]) -> Sequence[str | None]:
    """A column of texts as they stand in the cells of our files; the same one where none needs a guard."""
    firsts = {cell[:1] for cell in cells if cell is not None} if None in cells else set(map(_FIRST, cells))
    if firsts.isdisjoint(FIRSTS):
        return cells
    return [cell if cell is None or cell[:1] not in FIRSTS else guarded(cell) for cell in cells]


def is_guarded(cell: str) -> bool:
    """Whether the cell is a text that :func:`guarded` has touched."""
    return cell.startswith("'") and _IS_GUARDED.match(cell) is not None


def unguarded(cell: str) -> str:
    """The text that a cell of any file stands for: without our guard, or out of a foreign ``="…"``."""
    if cell.startswith("'"):
        return cell[1:] if _IS_GUARDED.match(cell) else cell
    if cell.startswith('="') and (wrapped := _WRAPPED.fullmatch(cell.rstrip())):
        return wrapped[1].replace('""', '"')
    return cell
