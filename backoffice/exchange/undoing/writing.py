"""Puts back what a slice's records were: old values, removals, and the trail of both, in the open transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.audit import record as trail
from backoffice.declare import Model, Refused, Text, Verb, _, clock
from backoffice.declare.journal import Deed
from backoffice.errors import Stale
from backoffice.exchange.undoing import many, words
from backoffice.exchange.undoing.closure import Slice
from backoffice.exchange.undoing.judging import reaches_all
from backoffice.exchange.undoing.outcome import Verdict
from backoffice.exchange.undoing.trail import ENTRIES, Touched
from backoffice.integrity import explain
from backoffice.plan import Plan

Refusal = IntegrityError | DataError | Refused


class Writer:
    """Writes slices. What the database does not take is narrowed down to the records that are to blame."""

    def __init__(self, session: Session, person: Any, main: frozenset[str], rank: Mapping[str, int], purpose: Verb = Verb.IMPORT) -> None:
        self.session, self.person, self.main, self.rank, self.purpose = session, person, main, rank, purpose

    def write(self, part: Slice) -> None:
        """Reverse all that is good in a slice; what cannot be is refused and stays."""
        groups = _groups(part)
        while groups:
            failed = self._try(part, groups)
            if not failed or len(failed) == len(groups):
                for group, error in failed:
                    self._refuse(group, error)
                return
            groups = [group for group, _error in failed]  # what stood in their way may be gone now

    def _try(self, part: Slice, groups: list[list[Touched]]) -> list[tuple[list[Touched], Refusal]]:
        """Write these groups, all at once or halved; answers those that cannot be written."""
        try:
            with self.session.begin_nested():
                self._write(part, [one for group in groups for one in group])
        except (IntegrityError, DataError, Refused) as error:
            if len(groups) == 1:
                return [(groups[0], error)]
            middle = len(groups) // 2
            return self._try(part, groups[:middle]) + self._try(part, groups[middle:])
        return []

    def _write(self, part: Slice, records: list[Touched]) -> None:
        """Free what others wait for, remove, put back, remove what was pointed at until now; then tell it all."""
        chosen = set(records)
        going = [one for one in records if one.is_created]
        pointed = {parent for parent, pointer in part.pointers if _comes_back(part.records.get(pointer.address), chosen)}
        self._clear(part, chosen)
        self._remove([one for one in going if one not in pointed])
        coming = [one for one in records if not one.is_created]
        for batch in _in_order(part, coming):
            self._restore(batch)
        self._remove([one for one in going if one in pointed])
        self._insist_on_own(coming)
        self._tell(records)

    def _clear(self, part: Slice, chosen: set[Touched]) -> None:
        """Two records that exchange a unique value: the one that has it lets go first, where it may be empty."""
        for one, address, fields in part.wants:
            holder = part.records.get(address)
            if holder is None or one not in chosen or not _comes_back(holder, chosen):
                continue
            table = holder.plan.table
            empty = {field.column: None for field in fields if field.column in holder.values and table.c[field.column].nullable}
            if empty:
                self.session.execute(update(table).where(table.c.id == holder.id).values(empty))

    def _remove(self, records: Iterable[Touched]) -> None:
        by_noun = _sorted_by(records, lambda one: one.plan.name)
        for of_one in (by_noun[name] for name in sorted(by_noun, key=self.rank.__getitem__)):
            table = of_one[0].plan.table
            gone: Any = self.session.execute(delete(table).where(table.c.id.in_([one.id for one in of_one])))
            _insist(gone.rowcount, len(of_one))

    def _restore(self, records: Iterable[Touched]) -> None:
        """Put old values back, those of one noun and the same columns in one go."""
        for of_one in _sorted_by(records, lambda one: (one.plan.name, *_columns(one))).values():
            table, names = of_one[0].plan.table, _columns(of_one[0])
            if not names:
                continue
            mine = (table.c.id == bindparam("b_id")) & (table.c.version == bindparam("b_version"))
            restoring = update(table).where(mine).values({name: bindparam(f"v_{name}") for name in names} | _stamps(table))
            rows = [{"b_id": one.id, "b_version": one.row.version, **{f"v_{name}": _value(one, name) for name in names}} for one in of_one]
            back: Any = self.session.connection().execute(restoring, rows)
            _insist(back.rowcount, len(of_one))

    def _insist_on_own(self, records: Iterable[Touched]) -> None:
        """As when it is changed by hand: what was changed lies among the person's own rows afterwards."""
        for of_one in _sorted_by(records, lambda one: one.plan.name).values():
            plan, ids = of_one[0].plan, {one.id for one in of_one}
            if plan.name not in self.main or reaches_all(self.person, plan, self.purpose):
                continue
            query = access.scoped_query(self.person, plan, self.purpose, archived=None).where(plan.model.id.in_(ids))
            if len(set(self.session.scalars(query.with_only_columns(plan.model.id)))) < len(ids):
                raise Refused(words.NOT_YOURS, code="not_yours")

    def _tell(self, records: Sequence[Touched]) -> None:
        """Leave an entry for each, as the session does for what it flushes itself."""
        names = self._names([one for one in records if not one.is_created and one.values])
        told = [one for one in records if one.is_created or _columns(one)]
        if not told:
            return
        many.insert(self.session.connection(), ENTRIES, trail.entry(told[0].plan, None, Deed.UPDATE), (
            {
                "resource": one.plan.name, "record_id": one.id, "record_name": names.get(one.address, one.last.record_name),
                "record_version": one.row.version + (not one.is_created), "deed": _deed(one), "changes": _changes(one),
            }
            for one in told
        ))

    def _names(self, records: Sequence[Touched]) -> dict[tuple[str, int], str]:
        """What records are called now, of those whose name may have come back."""
        found = {}
        for of_one in _sorted_by((one for one in records if _is_renamed(one)), lambda one: one.plan.name).values():
            plan, ids = of_one[0].plan, [one.id for one in of_one]
            if (parts := _plain_name(plan)) is not None:
                query = select(plan.table.c.id, *parts).where(plan.table.c.id.in_(ids))
                for number, *values in self.session.execute(query):
                    found[plan.name, number] = " ".join(str(value) for value in values if value is not None)[:400]
                continue
            query = select(plan.model).where(plan.model.id.in_(ids))
            with self.session.no_autoflush:
                for record in self.session.scalars(query.execution_options(populate_existing=True)):
                    found[plan.name, record.id] = str(record)[:400]
        return found

    @staticmethod
    def _refuse(group: list[Touched], error: Refusal) -> None:
        for one in group:
            one.leave(Verdict.REFUSED, _why(error, one.plan))


def _why(error: Refusal, plan: Plan) -> Text:
    if isinstance(error, Refused):
        return error.why
    if isinstance(error, DataError):
        return words.NO_VALUE
    return _("Like this it cannot be stored any more. {why}", why=str(explain(error, plan).why))


def _groups(part: Slice) -> list[list[Touched]]:
    """The good records of a slice, newest first, those that need each other together."""
    leader: dict[Touched, Touched] = {}

    def lead(one: Touched) -> Touched:
        while (above := leader.get(one, one)) is not one:
            one = above
        return one

    edges = [
        *((one, address) for one, address in part.ties), *((one, pointer.address) for one, pointer in part.pointers),
        *((one, address) for one, address, _fields in part.wants),
    ]
    for one, address in edges:
        other = part.records.get(address)
        if other is not None and one.is_good and other.is_good and lead(one) is not lead(other):
            leader[lead(other)] = lead(one)
    return list(_sorted_by(part.good, lead).values())


def _in_order(part: Slice, records: list[Touched]) -> list[list[Touched]]:
    """In turns: who has a unique value that another one wants back goes before that one. Usually that is one turn."""
    after: dict[Touched, set[Touched]] = {}
    chosen = set(records)
    for one, address, _fields in part.wants:
        holder = part.records.get(address)
        if one in chosen and holder is not None and holder in chosen:
            after.setdefault(one, set()).add(holder)
    turns: list[list[Touched]] = []
    waiting = records
    while waiting:
        there = set(waiting) if after else set()
        held = [one for one in waiting if not there.isdisjoint(after.get(one, ()))]
        if len(held) == len(waiting):  # a ring: it works where the values may be empty, and were emptied
            return [*turns, waiting]
        hindered = set(held)
        turns.append([one for one in waiting if one not in hindered])
        waiting = held
    return turns


def _sorted_by(records: Iterable[Touched], key: Callable[[Touched], Any]) -> dict[Any, list[Touched]]:
    found: dict[Any, list[Touched]] = {}
    for one in records:
        found.setdefault(key(one), []).append(one)
    return found


def _columns(one: Touched) -> tuple[str, ...]:
    return (*one.values, *(() if one.was_archived is None else ("archived_at",)))


def _value(one: Touched, name: str) -> Any:
    if name == "archived_at" and one.was_archived is not None:
        return clock.now() if one.was_archived else None
    return one.values[name]


def _stamps(table: Table) -> dict[str, Any]:
    return {"version": table.c.version + 1, "updated_at": clock.now()}


def _deed(one: Touched) -> Deed:
    if one.is_created:
        return Deed.DELETE
    if one.was_archived is None:
        return Deed.UPDATE
    return Deed.ARCHIVE if one.was_archived else Deed.RESTORE


def _is_renamed(one: Touched) -> bool:
    named = {*one.plan.resource.title, *one.plan.resource.key}
    return one.plan.model.__str__ is not Model.__str__ or bool(named & one.old.keys())


def _plain_name(plan: Plan) -> list[Any] | None:
    """The columns that a name is made of, where it is made as usual and of no links."""
    fields = [plan.fields.get(name) for name in plan.resource.title or plan.resource.key]
    if plan.model.__str__ is not Model.__str__ or any(one is None or one.is_link for one in fields):
        return None
    return [plan.table.c[one.column] for one in fields if one is not None]


def _changes(one: Touched) -> dict[str, Any]:
    return {name: [one.new.get(name), before] for name, before in one.old.items() if one.new.get(name) != before}


def _comes_back(one: Touched | None, chosen: set[Touched]) -> bool:
    return one is not None and one in chosen and not one.is_created


def _insist(count: int, wanted: int) -> None:
    """The rows were locked when they were looked at; one that has gone nevertheless is for the next try."""
    if count not in {wanted, -1}:
        raise Stale
