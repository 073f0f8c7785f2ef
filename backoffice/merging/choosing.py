"""Which value of each field stays when two records become one: what is suggested, and what a person chose."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backoffice.access import Access, field_access
from backoffice.declare import Model, Refused, Verb, _
from backoffice.declare.kinds import Verbatim
from backoffice.declare.merging import Merge
from backoffice.declare.outcome import Invalid
from backoffice.exchange.undoing.judging import uniques
from backoffice.merging.rights import declared
from backoffice.plan import Field, Plan


class Side(enum.StrEnum):
    """Whose value stays."""

    KEPT = "kept"
    GONE = "gone"
    BOTH = "both"


@dataclass(frozen=True)
class Choice:
    """Fields that are chosen as one, and what is suggested. ``sides`` are the possible answers."""

    fields: tuple[Field, ...]
    side: Side
    sides: tuple[Side, ...]

    @property
    def name(self) -> str:
        """The first field, which the choice is called after."""
        return self.fields[0].name


def choices(person: Any, plan: Plan, kept: Model, gone: Model) -> list[Choice]:
    """The fields in which the two differ and that the person may write, in the order of declaration."""
    given = declared(plan)
    return [
        choice for group in _groups(person, plan, given)
        if (choice := _choice(given, group, kept, gone)) is not None
    ]


def values_of(chosen: list[Choice], answers: Mapping[str, str], kept: Model, gone: Model) -> dict[str, Any]:
    """What changes in the record that stays. An answer that is none of a choice's sides counts as none."""
    values: dict[str, Any] = {}
    for choice in chosen:
        answer = answers.get(choice.name)
        side = Side(answer) if answer in choice.sides else choice.side
        if side is Side.GONE:
            values |= {one.name: getattr(gone, one.name) for one in choice.fields}
        elif side is Side.BOTH:
            values |= {one.name: _joined(one, kept, gone) for one in choice.fields}
    return values


def _joined(one: Field, kept: Model, gone: Model) -> Any:
    try:
        return one.kind.parse(f"{getattr(kept, one.name)}\n{getattr(gone, one.name)}")
    except Invalid as no:
        raise Refused(_("{field}: {why}", field=one.label, why=no.why), code="too_long") from no


def _groups(person: Any, plan: Plan, given: Merge) -> Iterator[tuple[Field, ...]]:
    """The open fields, those that are chosen as one together; what only one record can have stays with its own."""
    own = {column.key for columns, where in uniques(plan) if where is None for column in columns}
    together = {name: group for group in given.together for name in group}
    done: set[str] = set()
    for one in plan.open_fields:
        names = together.get(one.name, (one.name,))
        group = tuple(plan.fields[name] for name in names if plan.fields[name].column not in own and _may(person, plan, plan.fields[name]))
        if one.name not in done and group:
            yield group
        done.update(names)


def _may(person: Any, plan: Plan, one: Field) -> bool:
    """What a person writes and at least knows to be there."""
    return field_access(person, plan, one, Verb.UPDATE) is Access.WRITE and field_access(person, plan, one) > Access.HIDDEN


def _choice(given: Merge, group: tuple[Field, ...], kept: Model, gone: Model) -> Choice | None:
    mine, theirs = ([getattr(record, one.column) for one in group] for record in (kept, gone))
    if mine == theirs:
        return None
    is_text = len(group) == 1 and isinstance(group[0].kind, Verbatim) and all((*mine, *theirs))
    sides = (Side.KEPT, Side.GONE, Side.BOTH) if is_text else (Side.KEPT, Side.GONE)
    return Choice(group, Side.BOTH if is_text else _suggested(given, group[0].name, mine, theirs), sides)


def _suggested(given: Merge, name: str, mine: list[Any], theirs: list[Any]) -> Side:
    """What is there before what is not; then the larger or smaller one where the noun says so; then what stays."""
    if not any(_is_there(one) for one in mine):
        return Side.GONE
    if not any(_is_there(one) for one in theirs) or mine[0] is None or theirs[0] is None:
        return Side.KEPT
    is_better = (name in given.most and theirs[0] > mine[0]) or (name in given.least and theirs[0] < mine[0])
    return Side.GONE if is_better else Side.KEPT


def _is_there(value: Any) -> bool:
    return value is not None and value != ""

