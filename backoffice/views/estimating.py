"""How many rows a query has: counted where that is cheap, else estimated; never more than a few milliseconds of work.

PostgreSQL's planner says what a count would cost and how many rows it expects. SQLite has no such
planner: a sample of the rows, evenly spread, says how many there are, and a count is stopped after so
many steps.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ARRAY, ClauseElement, Executable, Integer, Join, Select, any_, func, literal, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

from backoffice.plan import Plan

CHEAP = 10_000
"""Rows that are counted one by one."""
COST = 20_000.0
"""What PostgreSQL may pay for it, in its own units."""
STEPS = 100_000
"""What SQLite may do for it, in steps of its machine."""
WINDOWS, WIDTH = 20, 50
"""The sample: so many places, evenly spread, of so many neighbors each."""

Count = tuple[int, bool]
"""A number of rows, and whether it is exact."""


def count_or_estimate(session: Session, rows: Select[Any], plan: Plan) -> Count:
    """The number of rows, exact where that is cheap."""
    ids = rows.with_only_columns(plan.model.id)
    return _planned(session, ids, plan) if session.get_bind().dialect.name == "postgresql" else _sampled(session, ids, plan)


def _counted(session: Session, ids: Select[Any]) -> int:
    return int(session.execute(select(func.count()).select_from(ids.limit(CHEAP + 1).subquery())).scalar_one())


class _Explain(Executable, ClauseElement):
    """``EXPLAIN`` of a query."""

    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(_Explain)
def _explain(element: _Explain, compiler: Any, **how: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.query, **how)}"


def _planned(session: Session, ids: Select[Any], plan: Plan) -> Count:
    node = session.connection().execute(_Explain(ids)).scalar_one()[0]["Plan"]
    expected = max(int(node["Plan Rows"]), 1)
    if expected <= 5 * CHEAP and node["Total Cost"] <= COST:
        number = _counted(session, ids)
        if number <= CHEAP:
            return number, True
    if any(part.get("Parent Relationship") == "SubPlan" for part in node.get("Plans", ())):  # of these the planner knows nothing
        least, most = _ends(session, plan)
        return _sample(session, ids, plan, least, most), False
    return expected, False


def _sampled(session: Session, ids: Select[Any], plan: Plan) -> Count:
    least, most = _ends(session, plan)
    expected = most - least + 1
    if expected > CHEAP:
        expected = _sample(session, ids, plan, least, most)
        if expected > CHEAP:
            return expected, False
    number = _stepped(session, ids)
    return (number, True) if number is not None and number <= CHEAP else (expected, False)


def _ends(session: Session, plan: Plan) -> tuple[int, int]:
    """The least and the largest id; asked one by one, for both at once would read the whole table."""
    ends = (select(func.coalesce(select(end(plan.model.id)).scalar_subquery(), 0)) for end in (func.min, func.max))
    least, most = session.execute(select(*(end.scalar_subquery() for end in ends))).one()
    return int(least), int(most)


class _Cross(Join):
    """A join that SQLite reads from left to right."""

    inherit_cache = True


@compiles(_Cross)
def _cross(element: _Cross, compiler: Any, **how: Any) -> str:
    return str(compiler.visit_join(element, **how)).replace(" JOIN ", " CROSS JOIN ", 1)


def _sample(session: Session, ids: Select[Any], plan: Plan, least: int, most: int) -> int:
    stride = (most - least + 1) / WINDOWS
    tried = [least + int(at * stride + stride / 2) + step for at in range(WINDOWS) for step in range(max(1, min(WIDTH, int(stride))))]
    if session.get_bind().dialect.name == "postgresql":
        query = select(func.count()).select_from(ids.where(plan.table.c.id == any_(literal(tried, ARRAY(Integer)))).subquery())
    else:
        query = _crossed(ids, plan, tried)
    return max(round(session.execute(query).scalar_one() * (most - least + 1) / len(tried)), 1)


def _crossed(ids: Select[Any], plan: Plan, tried: list[int]) -> Select[Any]:
    """The count of these rows by their ids, whatever index SQLite would rather read."""
    picked = func.json_each(literal(json.dumps(tried))).table_valued("value", name="picked")
    query = select(func.count()).select_from(_Cross(picked, plan.table, plan.table.c.id == picked.c.value))
    return query if ids.whereclause is None else query.where(ids.whereclause)


def _stepped(session: Session, ids: Select[Any]) -> int | None:
    """Count on SQLite, for so many steps."""
    raw: Any = session.connection().connection.driver_connection
    raw.set_progress_handler(lambda: 1, STEPS)
    try:
        return _counted(session, ids)
    except OperationalError:
        return None
    finally:
        raw.set_progress_handler(None, 0)
