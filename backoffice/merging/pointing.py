"""What points at a record: every link of every noun, how often, and which rows could not point elsewhere without meeting their like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.exchange.undoing.judging import uniques
from backoffice.plan import Field, Plan, Plans


@dataclass(frozen=True)
class Pointer:
    """A link of a noun to the noun whose records are merged."""

    plan: Plan
    field: Field

    @property
    def column(self) -> Any:
        """The column that holds the number."""
        return self.plan.table.c[self.field.column]


@dataclass(frozen=True)
class Met:
    """A row of what goes, and the row of what stays that is the same but for the record it points at."""

    pointer: Pointer
    left_id: int
    stays_id: int


def pointers(plans: Plans, plan: Plan) -> Iterator[Pointer]:
    """The links that lead to the noun, but for the one by which its records lead on to where they went."""
    for one in plans.values():
        for field in one.fields.values():
            if field.target is plan.model and not (one is plan and plan.resource.merge and field.name == plan.resource.merge.into):
                yield Pointer(one, field)


def count(session: Session, pointer: Pointer, gone_id: int) -> int:
    """How many rows point at a record."""
    return session.scalar(sa.select(sa.func.count()).select_from(pointer.plan.table).where(pointer.column == gone_id)) or 0


def met(session: Session, pointer: Pointer, gone_id: int, kept_id: int) -> Iterator[Met]:
    """The rows that cannot follow: the record that stays has one with the same unique values already."""
    table, seen = pointer.plan.table, set()
    for columns, where in uniques(pointer.plan):
        rest = [one for one in columns if one is not pointer.column]
        if len(rest) == len(columns):
            continue
        left, right = (_rows(table, pointer, record_id, rest, where) for record_id in (gone_id, kept_id))
        same = sa.and_(sa.true(), *(left.c[one.key] == right.c[one.key] for one in rest))
        for left_id, stays_id in session.execute(sa.select(left.c.id, right.c.id).join(right, same).order_by(left.c.id)):
            if left_id not in seen:
                seen.add(left_id)
                yield Met(pointer, left_id, stays_id)


def _rows(table: Any, pointer: Pointer, record_id: int, rest: list[Any], where: Any) -> Any:
    query = sa.select(table.c.id, *rest).where(pointer.column == record_id)
    return (query if where is None else query.where(where)).subquery()
