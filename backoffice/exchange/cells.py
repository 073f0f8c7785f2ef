"""From cells to values: each distinct text of a column is judged once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backoffice.declare import Invalid, Text, fold
from backoffice.declare.kinds import Verbatim
from backoffice.exchange.guard import is_guarded, unguarded
from backoffice.exchange.mapping import Column
from backoffice.plan import Field, plan_of


@dataclass(frozen=True)
class Cell:
    """What a filled cell says: its text, the value or the problem, and a doubt. ``identity`` compares keys."""

    text: str
    value: Any = None
    problem: Invalid | None = None
    doubt: tuple[str, Text] | None = None
    identity: str = ""


class Judge:
    """Turns the cells of one column into values, and remembers them."""

    def __init__(self, column: Column) -> None:
        self.column, self.field = column, column.field
        self.known: dict[str, Cell | None] = {}

    def judge(self, raw: str) -> Cell | None:
        """The cell, or None for a blank one."""
        try:
            return self.known[raw]
        except KeyError:
            return self.known.setdefault(raw, self._judge(raw))

    def _judge(self, raw: str) -> Cell | None:
        is_verbatim = isinstance(self.field.kind, Verbatim)
        text = unguarded(raw)
        if not text or (text.isspace() and not (is_verbatim and is_guarded(raw))):
            return None
        if self.field.is_link:
            return Cell(text.strip(), identity=link_identity(self.field, text))
        return self._valued(text if is_verbatim else text.strip())

    def _valued(self, text: str) -> Cell | None:
        kind = self.field.kind
        try:
            value = kind.parse(text)
        except Invalid as problem:
            return Cell(text, problem=problem, identity=fold(text))
        if value == "":
            return None
        return Cell(text, value, None, kind.notice(value), kind.write(value))


def link_identity(field: Field, text: str) -> str:
    """The text of a link as keys are compared: the spelling that the other side's key would have."""
    key = plan_of(field.target).key if field.target else ()
    if len(key) == 1 and not key[0].is_link:
        try:
            return key[0].kind.write(key[0].kind.parse(text))
        except Invalid:
            pass
    return fold(text)
