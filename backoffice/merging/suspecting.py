"""Which records look like one: a look at all of a noun, and the question whether a value is there already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import combinations, groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backoffice.db import db, reading
from backoffice.declare import Model, clock
from backoffice.declare.merging import Alike
from backoffice.exchange.undoing.judging import uniques
from backoffice.merging.rights import declared
from backoffice.merging.tables import Pair, Verdict
from backoffice.plan import Plan

FEW = 8
"""A value that more records share says nothing about them: the number of the house, a word for "unknown"."""
SLICE = 500
MOST = 10_000
"""Pairs of one sort; who has worked these off looks again."""
Found = tuple[int, int]


def look(plan: Plan) -> int:
    """Look for pairs in all of a noun and remember them; how many were found. Writes in small transactions of its own.

    What people have said of a pair stays. Pairs that are not alike any more and of which nothing was said are forgotten.
    """
    began, found = clock.now(), 0
    seen: set[Found] = set()
    for rule in declared(plan).alike:
        with reading(), db.engine.connect() as connection:
            pairs = [pair for pair in _first(_pairs(connection, plan, rule)) if pair not in seen]
        seen.update(pairs)
        for start in range(0, len(pairs), SLICE):
            with db.engine.begin() as connection:
                connection.execute(_remembering(connection), [_row(plan, rule, pair, began) for pair in pairs[start:start + SLICE]])
        found += len(pairs)
    with db.engine.begin() as connection:
        connection.execute(sa.delete(Pair).where(Pair.resource == plan.name, Pair.verdict == Verdict.OPEN, Pair.seen_at < began))
    return found


def _first(pairs: Iterator[Found]) -> Iterator[Found]:
    for number, pair in enumerate(pairs):
        if number >= MOST:
            return
        yield pair


def _pairs(connection: sa.Connection, plan: Plan, rule: Alike) -> Iterator[Found]:
    """All pairs among the few living records that share a value."""
    table = plan.table
    parts = [_part(connection, plan, rule, name).label(f"part_{place}") for place, name in enumerate(rule.fields)]
    alike = sa.func.count().over(partition_by=parts).label("alike")
    filled = [table.c[plan.fields[name].column].is_not(None) for name in rule.fields]
    inside = sa.select(table.c.id, *parts, alike).where(table.c.archived_at.is_(None), *filled).subquery()
    columns = [inside.c[part.key] for part in parts]
    query = sa.select(inside.c.id, *columns).where(inside.c.alike.between(2, FEW)).order_by(*columns, inside.c.id)
    rows: Any = connection.execution_options(yield_per=2_000).execute(query)
    for _value, same in groupby(rows, key=_value_of):
        yield from combinations([row[0] for row in same], 2)


def _value_of(row: Any) -> tuple[Any, ...]:
    return tuple(row)[1:]


def _part(connection: sa.Connection, plan: Plan, rule: Alike, name: str) -> ColumnElement[Any]:
    column = plan.table.c[plan.fields[name].column]
    return column if name not in rule.last else ending(connection.dialect.name, column, rule.last[name])


def ending(dialect: str, column: ColumnElement[Any], signs: int) -> ColumnElement[Any]:
    """The last signs of a text."""
    return sa.func.substr(column, -signs) if dialect == "sqlite" else sa.func.right(column, signs)


def _remembering(connection: sa.Connection) -> Any:
    made = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(Pair)
    return made.on_conflict_do_update(
        index_elements=["resource", "first_id", "second_id"], set_={"seen_at": made.excluded.seen_at, "code": made.excluded.code},
    )


def _row(plan: Plan, rule: Alike, pair: Found, now: datetime) -> dict[str, Any]:
    return {"resource": plan.name, "first_id": pair[0], "second_id": pair[1], "code": rule.code, "verdict": Verdict.OPEN, "seen_at": now}


def rule_of(plan: Plan, code: str) -> Alike | None:
    """The rule of a code; None where the noun has dropped it since."""
    return next((one for one in declared(plan).alike if one.code == code), None)


def asked_of(plan: Plan) -> list[str]:
    """The fields whose values are looked for while somebody types, as far as an index answers."""
    alone = _alone(plan)
    quick = {name for rule in declared(plan).alike if set(rule.fields) - rule.last.keys() for name in rule.fields}
    return [one.name for one in plan.open_fields if one.column in alone or one.name in quick]


def _alone(plan: Plan) -> set[str]:
    """The columns that are unique by themselves."""
    return {columns[0].key for columns, _where in uniques(plan) if len(columns) == 1}


def like(session: Session, query: sa.Select[Any], plan: Plan, values: Mapping[str, Any], most: int) -> list[tuple[Model, Alike | None]]:
    """The rows of ``query`` that are like a record with these values: by a rule, or by a value that only one can have (None)."""
    found: dict[int, tuple[Model, Alike | None]] = {}
    dialect = session.get_bind().dialect.name
    alone = _alone(plan)
    for one in (field for field in plan.open_fields if field.column in alone and values.get(field.name) is not None):
        for record in session.scalars(query.where(getattr(plan.model, one.column) == values[one.name]).limit(most)):
            found.setdefault(record.id, (record, None))
    for rule in declared(plan).alike:
        if all(values.get(name) is not None for name in rule.fields) and set(rule.fields) - rule.last.keys():
            same = [_same(dialect, plan, rule, name, values[name]) for name in rule.fields]
            for record in session.scalars(query.where(*same).limit(most)):
                found.setdefault(record.id, (record, rule))
    return list(found.values())[:most]


def _same(dialect: str, plan: Plan, rule: Alike, name: str, value: Any) -> ColumnElement[bool]:
    column = getattr(plan.model, plan.fields[name].column)
    if name not in rule.last:
        return column == value  # type: ignore[no-any-return]  # a mapped column
    return ending(dialect, column, rule.last[name]) == str(value)[-rule.last[name]:]
