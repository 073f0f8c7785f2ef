"""What a file asks about instead of doing it in silence: a record that may be there already under another name, a record that changes hands.

Each declared doubt is one statement over the staged rows; values are compared as they are stored, which is normalized.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backoffice import access
from backoffice.access import Access
from backoffice.declare import Handover, Text, Twin, Verb, _, fold
from backoffice.exchange.stage import CREATE, DECIDE, UNCHANGED, UPDATE, Part, Stage
from backoffice.exchange.staging.links import among
from backoffice.plan import Plan, plan_of

_NOBODY = _("another record")


@dataclass(frozen=True)
class Doubt:
    """A staged row, what is doubtful about it, in which field, and the stored record that it is about."""

    row: int
    field: str
    code: str
    why: Text
    other: int | None


def find(
    connection: sa.Connection, person: Any, part: Part, some: sa.ColumnElement[bool] | None = None, matched_by: Collection[str] = (),
) -> Iterator[Doubt]:
    """The doubts about staged rows that are to be written (or about some of them), once their records are known.

    ``matched_by`` are the fields that records were found by, if not by their key.
    """
    some = sa.true() if some is None else some
    for doubt in part.plan.resource.doubts:
        if any(access.field_access(person, part.plan, part.plan.fields[name]) is Access.HIDDEN for name in doubt.names):
            continue
        if isinstance(doubt, Handover):
            found = _handed_over(connection, person, part, doubt, some)
        else:
            is_found_by_it = doubt.same in matched_by and doubt.unlike not in matched_by
            found = _renamed(connection, part, doubt, some) if is_found_by_it else _twins(connection, person, part, doubt, some)
        for row, other, name in found:
            yield Doubt(row, doubt.names[0], doubt.code, doubt.why.format(other=name if name is not None else _NOBODY), other)


Found = Iterator[tuple[int, int | None, str | Text | None]]


def _renamed(connection: sa.Connection, part: Part, doubt: Twin, some: sa.ColumnElement[bool]) -> Found:
    """Rows that found a record by the value alone, and would give it another name."""
    at = part.place(part.plan.fields[doubt.unlike])
    if at is None:
        return
    table, rows = part.plan.table, part.rows
    query = (
        sa.select(rows.c.row, rows.c.record_id, part.value(at), part.target(at)).select_from(rows.join(table, table.c.id == rows.c.record_id))
        .where(some, rows.c.verdict == UPDATE, *_changes(part, (doubt.unlike,))).order_by(rows.c.row)
    )
    found = [one for one in connection.execute(query) if not _alike(one[2], one[3])]
    names = _names(connection, part.plan, {one[1] for one in found})
    yield from ((row, other, names.get(other)) for row, other, *_both in found)


def _twins(connection: sa.Connection, person: Any, part: Part, doubt: Twin, some: sa.ColumnElement[bool]) -> Found:
    """Rows that give a record a value which another one has, under another name."""
    here, there = part.plan.table, part.plan.table.alias("there")
    same, unlike = part.plan.fields[doubt.same], part.plan.fields[doubt.unlike]
    place = part.place(same)
    if place is None:
        return
    rows = part.rows
    name = _after(part, doubt.unlike)
    touched = (rows.c.verdict == CREATE) | ((rows.c.verdict == UPDATE) & sa.or_(*_changes(part, doubt.names)))
    query = (
        sa.select(rows.c.row, there.c.id, name, there.c[_stored(part.plan, unlike.column)])
        .select_from(rows.outerjoin(here, here.c.id == rows.c.record_id).join(there, there.c[_stored(part.plan, same.column)] == part.value(place)))
        .where(some, touched, there.c.id.is_distinct_from(rows.c.record_id), there.c.archived_at.is_(None), _readable(person, part.plan, there.c.id))
        .order_by(rows.c.row, there.c.id)
    )
    seen: set[int] = set()
    found = [one for one in connection.execute(query) if not _alike(one[2], one[3])]
    names = _names(connection, part.plan, {one[1] for one in found})
    for row, other, *_names_of_both in found:
        if row not in seen:
            seen.add(row)
            yield row, other, names.get(other)
    yield from (one for one in _twins_in_file(connection, part, doubt, place, some) if one[0] not in seen)


def _twins_in_file(connection: sa.Connection, part: Part, doubt: Twin, place: int, some: sa.ColumnElement[bool]) -> Found:
    """New rows that share the value with an earlier new row of another name."""
    at = part.place(part.plan.fields[doubt.unlike])
    if at is None:
        return
    rows, value, name = part.rows, part.value(place), part.value(at)
    new = sa.select(value).where(rows.c.verdict == CREATE, value.is_not(None)).group_by(value).having(sa.func.min(name) != sa.func.max(name))
    query = sa.select(value, rows.c.row, rows.c.line, name).where(rows.c.verdict == CREATE, value.in_(new.scalar_subquery()), some)
    first: dict[Any, tuple[int, str]] = {}
    for same, row, line, called in connection.execute(query.order_by(value, rows.c.row)):
        known_on, known_as = first.setdefault(same, (line, called))
        if not _alike(known_as, called):
            yield row, None, _("line {line}", line=known_on)


def _handed_over(connection: sa.Connection, person: Any, part: Part, doubt: Handover, some: sa.ColumnElement[bool]) -> Found:
    """Rows that name another record where a link is filled, whether it is to be overwritten or kept."""
    one = part.plan.fields[doubt.link]
    place = part.place(one)
    if place is None or one.target is None:
        return
    table, rows, present = part.plan.table, part.rows, part.target(place)
    query = (
        sa.select(rows.c.row, present).select_from(rows.join(table, table.c.id == rows.c.record_id))
        .where(some, rows.c.verdict.in_((UNCHANGED, UPDATE)), present.is_not(None))
        .where((part.value(place).is_not(None) & (part.value(place) != present)) | part.text(place).is_not(None)).order_by(rows.c.row)
    )
    target = plan_of(one.target)
    found = connection.execute(query).all()
    ids = {other for _row, other in found}
    readable = _readable(person, target, target.table.c.id)
    visible = set(connection.scalars(sa.select(target.table.c.id).where(among(connection, target.table.c.id, ids), readable)))
    names = _names(connection, target, visible)
    yield from ((row, other if other in visible else None, names.get(other)) for row, other in found)


def _after(part: Part, name: str) -> sa.ColumnElement[Any]:
    """What the record will hold in a field; empties aside."""
    one = part.plan.fields[name]
    stored = part.plan.table.c[_stored(part.plan, one.column)]
    place = part.place(one)
    return stored if place is None else sa.func.coalesce(part.value(place), stored)


def _changes(part: Part, names: Iterable[str]) -> Iterator[sa.ColumnElement[bool]]:
    for name in names:
        place = part.place(part.plan.fields[name])
        if place is not None:
            yield part.rows.c.changed.op("&")(1 << place) != 0


def _stored(plan: Plan, attribute: str) -> str:
    return str(plan.model.__mapper__.attrs[attribute].columns[0].name)


def _readable(person: Any, plan: Plan, column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Only of records that the person may read anything is told."""
    if access.right(person, plan).rows is None and access.can(person, Verb.READ, plan):
        return sa.true()
    return column.in_(access.scoped_query(person, plan, archived=None).with_only_columns(plan.model.id))


def _names(connection: sa.Connection, plan: Plan, ids: Collection[int]) -> dict[int, str]:
    """The keys of records, as sentences name them; without personal data."""
    columns = [plan.table.c[_stored(plan, one.column)] for one in plan.key if not one.is_link and not one.personal]
    if not ids or not columns:
        return {}
    found = connection.execute(sa.select(plan.table.c.id, *columns).where(among(connection, plan.table.c.id, ids)))
    return {id_: "/".join(str(part) for part in parts) for id_, *parts in found}


def _alike(one: Any, other: Any) -> bool:
    """Whether two names are one, however they are spelled; of a name that is not known nothing is said."""
    return one is None or other is None or fold(str(one)) == fold(str(other))


def note(
    stage: Stage, person: Any, part: Part, some: sa.ColumnElement[bool] | None = None, *, matched_by: Collection[str] = (),
    decided: Collection[int | str] = (),
) -> None:
    """Write the doubts down as notices; a person who can be asked decides, so the rows that they are about wait."""
    entries = []
    for one in find(stage.connection, person, part, some, matched_by):
        place = part.place(part.plan.fields[one.field])
        column = part.mapped.columns[place] if place is not None else None
        entries.append({
            "part": part.plan.name, "row": one.row, "line": 0, "column": column.header if column else None,
            "field": column.word if column else one.field, "value": None, "code": one.code, "message": str(one.why), "is_notice": True,
        })
    if not entries:
        return
    findings, staged = stage.findings, part.rows
    stage.connection.execute(findings.insert(), entries)
    line = sa.select(staged.c.line).where(staged.c.row == findings.c.row).scalar_subquery()
    stage.connection.execute(findings.update().where(findings.c.part == part.plan.name, findings.c.line == 0).values(line=line))
    asked = {entry["row"] for entry in entries} - set(decided)
    if person is not access.SYSTEM and asked:
        written = staged.c.verdict.in_((CREATE, UPDATE))
        stage.connection.execute(staged.update().where(written, among(stage.connection, staged.c.row, asked)).values(verdict=DECIDE))
