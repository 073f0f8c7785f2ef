"""A file may name a record by the number that it had before it was merged into another one: that one is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backoffice.plan import Plan

LONGEST = 20


def where_to(plan: Plan) -> sa.ColumnElement[Any]:
    """The column that says where an archived record went; nothing where the noun's records are not merged."""
    if plan.resource.merge is None:
        return sa.null()
    table = plan.table
    return sa.case((table.c.archived_at.is_not(None), table.c[plan.fields[plan.resource.merge.into].column]))


def final(connection: Connection, plan: Plan, going: Mapping[str, int]) -> dict[str, int]:
    """The numbers where these records are found in the end, after however many merges."""
    there = dict(going)
    for _step in range(LONGEST):
        if not there:
            break
        table, to = plan.table, where_to(plan)
        rows = connection.execute(sa.select(table.c.id, to).where(table.c.id.in_(set(there.values())), to.is_not(None)))
        further = {row[0]: row[1] for row in rows}
        if not further:
            break
        there = {key: further.get(number, number) for key, number in there.items()}
    return there
