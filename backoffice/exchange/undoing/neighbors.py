"""Which records of a database point at which, and which hold a value that another one wants back: questions asked in sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from backoffice.declare.journal import AuditEntry, Deed
from backoffice.exchange.undoing.judging import uniques
from backoffice.exchange.undoing.trail import Address, Touched
from backoffice.plan import Field, Plan, Plans

CHUNK = 2_000
HUB = 200
"""A record that so many of the run point at is no part of a row: it does not stand and fall with them."""


@dataclass(frozen=True)
class Reference:
    """A foreign key of one noun into another."""

    child: Plan
    column: Any
    target: str

    @property
    def field(self) -> str | None:
        """The link that stands on it."""
        return next((one.name for one in self.child.fields.values() if one.is_link and one.column == self.column.key), None)


@dataclass(frozen=True)
class Pointer:
    """A record that points at a touched one; ``made`` and ``touched`` are entries of the run about it, or None."""

    reference: Reference
    id: int
    parent_id: int
    made: int | None
    touched: int | None

    @property
    def address(self) -> Address:
        """The record that points."""
        return self.reference.child.name, self.id


class Neighbors:
    """The neighbors of touched records."""

    def __init__(self, session: Session, plans: Plans, run_id: int, nouns: Iterable[str], main: Iterable[str]) -> None:
        self.session, self.plans, self.run_id = session, plans, run_id
        by_table = {plan.table: name for name, plan in plans.items()}
        self.references = [
            Reference(plan, column, by_table[key.column.table])
            for plan in plans.values() for column in plan.table.columns for key in column.foreign_keys if key.column.table in by_table
        ]
        self.along = frozenset(nouns) - frozenset(main)
        ranked: list[str] = []
        for name in plans:
            self._rank(name, ranked, set())
        self.rank: Mapping[str, int] = {name: place for place, name in enumerate(ranked)}
        self.ties = [
            one for one in self.references
            if {one.child.name, one.target} <= frozenset(nouns) and {one.child.name, one.target} & self.along
        ]

    def _rank(self, name: str, ranked: list[str], path: set[str]) -> None:
        """Nouns that point before those that are pointed at."""
        if name in ranked or name in path:
            return
        for one in self.references:
            if one.target == name:
                self._rank(one.child.name, ranked, path | {name})
        ranked.append(name)

    def pointers(self, plan: Plan, ids: set[int]) -> Iterator[Pointer]:
        """The records that point at these by any foreign key."""
        for reference in self.references:
            if reference.target == plan.name:
                yield from self._pointing(reference, ids, only_touched=False)

    def tied(self, records: Sequence[Touched]) -> Iterator[tuple[Touched, Address]]:
        """What rules made along with these, or these with it, as far as links tell."""
        by_noun: dict[str, dict[int, Touched]] = {}
        for one in records:
            by_noun.setdefault(one.plan.name, {})[one.id] = one
        for reference in self.ties:
            for one in by_noun.get(reference.child.name, {}).values():
                yield from ((one, (reference.target, number)) for number in _pointed(one, reference))
            parents = by_noun.get(reference.target, {})
            counts: dict[int, int] = {}
            for pointer in self._pointing(reference, set(parents), only_touched=True) if parents else ():
                counts[pointer.parent_id] = counts.get(pointer.parent_id, 0) + 1
                if counts[pointer.parent_id] <= HUB:
                    yield parents[pointer.parent_id], pointer.address

    def holders(self, records: Sequence[Touched]) -> Iterator[tuple[Touched, int, list[Field]]]:
        """Who has a unique value that one of these wants back: the record, the other one's id, the fields."""
        plan = records[0].plan
        for columns, where in uniques(plan):
            names = [column.key for column in columns]
            wanting = [one for one in records if one.values.keys() & set(names)]
            wanted = {key: one for one in wanting if None not in (key := tuple(one.values.get(name, getattr(one.row, name)) for name in names))}
            if not wanted:
                continue
            among = columns[0].in_([key[0] for key in wanted]) if len(columns) == 1 else tuple_(*columns).in_(list(wanted))
            query = select(plan.table.c.id, *columns).where(among)
            for row in self.session.execute(query if where is None else query.where(where)):
                one = wanted.get(tuple(row)[1:])
                if one is not None and one.id != row[0]:
                    yield one, row[0], [field for field in plan.fields.values() if field.column in names]

    def _pointing(self, reference: Reference, ids: set[int], *, only_touched: bool) -> Iterator[Pointer]:
        table, last = reference.child.table, 0
        mine = select(func.max(AuditEntry.id)).where(
            AuditEntry.resource == reference.child.name, AuditEntry.record_id == table.c.id, AuditEntry.run_id == self.run_id,
        ).correlate(table)
        touched, made = mine.scalar_subquery(), mine.where(AuditEntry.deed == Deed.CREATE).scalar_subquery()
        query = select(table.c.id, reference.column, made, touched).where(reference.column.in_(ids)).order_by(table.c.id).limit(CHUNK)
        if only_touched:
            query = query.where(touched.is_not(None))
        while rows := self.session.execute(query.where(table.c.id > last)).all():
            yield from (Pointer(reference, *row) for row in rows)
            last = rows[-1][0]
            if len(rows) < CHUNK:
                return


def _pointed(one: Touched, reference: Reference) -> set[int]:
    """The records that a link leads to now, led to before the run and after it."""
    now = getattr(one.row, reference.column.key) if one.row is not None else None
    told = (side.get(reference.field) for side in (one.old, one.new)) if reference.field else ()
    return {number for number in (now, *(value["id"] for value in told if value)) if number is not None}
