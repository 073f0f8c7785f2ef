"""The best of what a text means, whatever the table's size: for the search page, its box and the pickers.

Where very many records match, the newest of them and those that are called exactly so are compared;
the list has the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, or_
from sqlalchemy.orm.interfaces import ORMOption

from backoffice.access import scoped_query
from backoffice.db import db
from backoffice.declare import Code, Invalid, Line, Model, fold
from backoffice.plan import Field, Plan
from backoffice.search import Look, among
from backoffice.views.common import titled
from backoffice.views.matching import Match, escaped, match

LEAST, AT_ONCE = 30, 1000


def best(
    who: Any, plan: Plan, text: str, most: int, *, skipped: int = 0, look: Look | None = None, loads: Callable[[], Sequence[ORMOption]] = list,
    before: Sequence[ColumnElement[Any]] = (), favored: Sequence[int] = (),
) -> list[Model]:
    """The records that the person reaches, best match first, with what ``loads`` names; it is asked only where something may be found.

    Of those that match alike, ``before`` says which come first; ``favored`` are some that are not passed over where very many match.
    """
    found = match(who, plan, text, look)
    if found.ids == []:
        return []
    rows = scoped_query(who, plan).where(found.condition)
    if found.ids is None or len(found.ids) > AT_ONCE:
        window = max(LEAST, 2 * (most + skipped))
        rows = scoped_query(who, plan).where(_among(plan, _window(who, plan, text, found, window, favored)))
    return list(db.session.scalars(best_first(rows, plan, text, before).options(*loads()).limit(most).offset(skipped)))


def best_first(query: Select[Any], plan: Plan, text: str, before: Sequence[ColumnElement[Any]] = ()) -> Select[Any]:
    """The same rows: those called exactly so, then those that begin so, then the others; of each what stands ``before``, newest first."""
    names = _names(plan)
    exactly = [condition for one in names if (condition := _is(plan, one, text)) is not None]
    begins = [getattr(plan.model, one.column).ilike(f"{escaped(text)}%", escape="\\") for one in names if isinstance(one.kind, (Code, Line))]
    ranks = [(or_(*some), rank) for rank, some in enumerate((exactly, begins)) if some]
    best = [case(*ranks, else_=2)] if ranks else []
    return query.order_by(*best, *before, plan.model.id.desc())


def _window(who: Any, plan: Plan, text: str, found: Match, window: int, favored: Sequence[int]) -> list[int]:
    """The newest records that match, those that are favored, and those called exactly so where an index finds them."""
    number = plan.model.id
    rows = scoped_query(who, plan).where(found.exactly).with_only_columns(number)
    newest: list[int] = []
    some, at, several = found.ids or found.newest, 0, 2 * window
    while at < len(some) and len(newest) < window:
        newest += db.session.scalars(rows.where(_among(plan, some[at : at + several])))
        at, several = at + several, AT_ONCE
    if found.ids is None and len(newest) < window:
        newest += db.session.scalars(rows.order_by(number.desc()).limit(window))
    indexed = [condition for one in _names(plan) if _is_indexed(plan, one) and (condition := _is(plan, one, text)) is not None]
    called_so = db.session.scalars(rows.where(or_(*indexed)).limit(window)) if indexed else ()
    wanted = db.session.scalars(rows.where(_among(plan, favored))) if favored else ()
    return [*called_so, *wanted, *newest]


def _among(plan: Plan, ids: Sequence[int]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = among(plan.model.id, ids, db.engine.dialect.name)
    return condition


def _names(plan: Plan) -> list[Field]:
    return [one for one in dict.fromkeys((*plan.key, *titled(plan))) if not one.is_link and one.personal is None]


def _is_indexed(plan: Plan, one: Field) -> bool:
    column = getattr(plan.model, one.column).property.columns[0]
    return any(column is first for first in _first_columns(plan)) or bool(column.unique)


def _first_columns(plan: Plan) -> Iterator[Any]:
    yield from (next(iter(index.columns)) for index in plan.table.indexes if len(index.columns))


def _is(plan: Plan, one: Field, text: str) -> ColumnElement[bool] | None:
    try:
        return getattr(plan.model, one.column) == one.kind.parse(text) if fold(text) else None
    except Invalid:
        return None
