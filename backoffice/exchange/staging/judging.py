"""From cells to stored values, a column at a time: each distinct text is judged once, and in the usual form quickly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backoffice.declare import Invalid, Text, _
from backoffice.declare.kinds import Kind, Verbatim
from backoffice.exchange.guard import is_guarded, unguarded
from backoffice.exchange.mapping import Column
from backoffice.exchange.options import Policy
from backoffice.exchange.staging.quick import NEVER, Quick

MOST_KNOWN = 60_000
"""So many distinct texts of one column are remembered."""
NULLS = frozenset({"NULL", "\\N", "（空）", "(空)"})
MASK_SIGNS = ("*", "•")
MASKED = _("This is a masked value; the real one is needed.")


@dataclass
class Judged:
    """The cells of one column in one chunk: values ready for the database, and the texts that need a word."""

    values: Sequence[Any]
    troubles: Mapping[str, Invalid]
    doubts: Mapping[str, tuple[str, Text]]
    masks: Mapping[str, Invalid]
    names: Mapping[str, str]
    """The keys that link cells name which nobody has (yet)."""
    empties: Collection[str]
    is_noted: bool
    """Whether something is to be said of some cell."""


class Judge:
    """Turns the cells of one column into values.

    ``swaps`` are texts that stand for others; ``encode`` makes of a value what the database driver takes.
    """

    def __init__(self, column: Column, policy: Policy, swaps: Mapping[str, str], encode: Callable[[Any], Any], quick: Quick) -> None:
        self.column, self.field, self.policy, self.swaps, self.encode = column, column.field, policy, swaps, encode
        self.kind, self.quick = column.field.kind, NEVER if swaps or policy == "null" else quick.without(MASK_SIGNS) if self.field.personal else quick
        self.is_verbatim = isinstance(self.kind, Verbatim)
        self.has_doubts = type(self.kind).notice is not Kind.notice
        self.values: dict[str, Any] = {}
        self.troubles: dict[str, Invalid] = {}
        self.doubts: dict[str, tuple[str, Text]] = {}
        self.masks: dict[str, Invalid] = {}
        self.empties: set[str] = set()
        self.names: dict[str, str] = {}

    def take(self, cells: Sequence[str]) -> Judged:
        """Judge the cells of one chunk."""
        distinct = set(cells)
        if len(distinct) > len(cells) // 2 and (values := self._taken(cells, distinct)) is not None:
            return Judged(values, {}, {}, {}, {}, (), is_noted=False)
        self._forget_if_many(len(distinct))
        self.learn(distinct.difference(self.values))
        known, said = self.values, (self.troubles, self.doubts, self.masks, self.names)
        is_noted = any(one and not distinct.isdisjoint(one) for one in said)
        return Judged([known[cell] for cell in cells], *said, self.empties, is_noted=is_noted)

    def _taken(self, cells: Sequence[str], distinct: Collection[str]) -> Sequence[Any] | None:
        """The values of a column whose cells are all in the usual form or blank: to remember each of many texts would take longer."""
        if "" not in distinct:
            return self.quick.many(cells)
        filled = [cell for cell in cells if cell]
        if self.policy == "clear" or not filled or (taken := self.quick.many(filled)) is None:
            return None
        values = iter(taken)
        return [next(values) if cell else None for cell in cells]

    def _forget_if_many(self, more: int) -> None:
        if len(self.values) + more > MOST_KNOWN:
            for kept in (self.values, self.troubles, self.doubts, self.masks, self.empties, self.names):
                kept.clear()

    def learn(self, cells: Iterable[str]) -> None:
        """Judge texts that are new."""
        quick = self.quick.one
        for cell in cells:
            value = quick(cell)
            if value is None and (text := self.text_of(cell)) is not None:
                value = self._judge(cell, text)
            self.values[cell] = value

    def text_of(self, cell: str) -> str | None:
        """The text that a cell stands for; None where it is blank or empties the field."""
        text = unguarded(cell) if cell[:1] in {"'", "="} else cell
        if self.swaps and (swapped := self.swaps.get(text.strip())) is not None:
            text = swapped
        if not text or (text.isspace() and not (self.is_verbatim and is_guarded(cell))):
            if self.policy == "clear":
                self.empties.add(cell)
            return None
        if self.policy == "null" and text.strip() in NULLS:
            self.empties.add(cell)
            return None
        return text if self.is_verbatim else text.strip()

    def _judge(self, cell: str, text: str) -> Any:
        try:
            value = self.kind.parse(text)
        except Invalid as problem:
            (self.masks if self._looks_masked(text) else self.troubles)[cell] = problem
            return None
        if value == "":
            return None
        if self._looks_masked(text) and self.kind.mask(value) == text:
            self.masks[cell] = Invalid("masked_value", MASKED)
            return None
        if self.has_doubts and (doubt := self.kind.notice(value)) is not None:
            self.doubts[cell] = doubt
        return self.encode(value)

    def _looks_masked(self, text: str) -> bool:
        return self.field.personal is not None and any(sign in text for sign in MASK_SIGNS)


def encoder(column: sa.Column[Any], dialect: sa.Dialect) -> Callable[[Any], Any]:
    """From a value of the column to what the driver takes: SQLite's own types, for PostgreSQL a text of COPY."""
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    if dialect.name == "sqlite":
        return bind or _same
    return lambda value: copied(bind(value) if bind else value)


def _same(value: Any) -> Any:
    return value


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"})


def copied(value: Any) -> str:
    """A value as the text format of COPY writes it."""
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES) if not value.isprintable() or "\\" in value else value
    if isinstance(value, bool):
        return "t" if value else "f"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
