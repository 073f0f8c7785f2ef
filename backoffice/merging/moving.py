"""Lets everything that points at one record point at another: set by set, each row with its entry on the trail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.audit import record as trail
from backoffice.declare import Model, clock
from backoffice.declare.journal import Deed
from backoffice.exchange.undoing import many
from backoffice.exchange.undoing.trail import ENTRIES
from backoffice.merging.pointing import Met, Pointer, met
from backoffice.plan import Plan

CHUNK = 1_000


def move(session: Session, pointer: Pointer, gone: Model, kept: Model) -> tuple[int, list[Met]]:
    """Point these links elsewhere: how many, and the rows that could not follow.

    The rules do not run: what a row says of itself stays as it is. The session forgets what it had read before.
    """
    left = list(met(session, pointer, gone.id, kept.id))
    stays = {one.left_id for one in left} | ({gone.id, kept.id} if pointer.plan.model is type(kept) else set())
    change = {pointer.field.name: [pointer.field.dump(gone), pointer.field.dump(kept)]}
    ids = [one for one in session.scalars(sa.select(pointer.plan.table.c.id).where(pointer.column == gone.id)) if one not in stays]
    for some in _chunks(ids):
        _point(session, pointer, some, kept.id)
        _tell(session, pointer.plan, some, change)
    return len(ids), left


def _point(session: Session, pointer: Pointer, ids: Sequence[int], target: int) -> None:
    table = pointer.plan.table
    stamps = {"version": table.c.version + 1, "updated_at": clock.now()}
    session.execute(sa.update(table).where(table.c.id.in_(ids)).values({pointer.field.column: target, **stamps}))


def _tell(session: Session, plan: Plan, ids: Sequence[int], change: dict[str, Any]) -> None:
    """Leave an entry for each row, as the session does for what it flushes itself."""
    query = sa.select(plan.model).where(plan.model.id.in_(ids)).order_by(plan.model.id).execution_options(populate_existing=True)
    with session.no_autoflush:
        rows = [{"record_id": one.id, "record_name": str(one)[:400], "record_version": one.version, "changes": change} for one in session.scalars(query)]
    many.insert(session.connection(), ENTRIES, trail.entry(plan, None, Deed.UPDATE), rows)


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    waiting = iter(ids)
    while some := list(islice(waiting, CHUNK)):
        yield some
