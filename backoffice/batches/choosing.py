"""Choosing rows: those that were ticked, or all that a list has at this moment, up to a ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.batches.tables import ROWS, Batch
from backoffice.declare import Refused, _, clock
from backoffice.errors import NotFound
from backoffice.plan import Plan

CEILING = 50_000
"""More rows than these are no piece of work for a page."""
UNUSED, KEPT = timedelta(days=1), timedelta(days=30)


def choose(session: Session, person: Any, plan: Plan, ids: Sequence[int]) -> Batch:
    """Freeze ticked rows as they are now. What the person may not read is chosen all the same, and will be told so."""
    seen = access.scoped_query(person, plan, archived=None).where(plan.model.id.in_(ids)).with_only_columns(plan.model.id, plan.model.version)
    versions = {number: version for number, version in session.execute(seen)}  # noqa: C416  # rows are no pairs to mypy
    batch = _batch(session, person, plan, is_all=False)
    batch.rows = len(ids)
    session.flush()
    session.execute(insert(ROWS), [
        {"batch_id": batch.id, "place": place, "record_id": number, "version": versions.get(number, 0)} for place, number in enumerate(ids, 1)
    ])
    return batch


def choose_all(session: Session, person: Any, plan: Plan, rows: Select[Any]) -> Batch:
    """Freeze all rows of a query as they are now; raises :class:`Refused` where there are none, or more than the ceiling."""
    batch = _batch(session, person, plan, is_all=True)
    found = rows.with_only_columns(plan.model.id, plan.model.version).order_by(None).limit(CEILING + 1).subquery()
    numbered = select(literal(batch.id), func.row_number().over(order_by=found.c.id), found.c.id, found.c.version)
    session.execute(insert(ROWS).from_select(["batch_id", "place", "record_id", "version"], numbered))
    batch.rows = session.execute(select(func.count()).where(ROWS.c.batch_id == batch.id)).scalar_one()
    if batch.rows > CEILING:
        raise Refused(_("These are more than {most} rows, which is too many at once. Narrow the list with a filter.", most=f"{CEILING:,}"), code="too_many")
    if not batch.rows:
        raise Refused(_("No row matches any more."), code="no_rows")
    session.flush()
    return batch


def _batch(session: Session, person: Any, plan: Plan, *, is_all: bool) -> Batch:
    batch = Batch(resource=plan.name, user_id=person.id, made_at=clock.now(), is_all=is_all)
    session.add(batch)
    session.flush()
    return batch


def chosen(session: Session, person: Any, plan: Plan, number: int) -> Batch:
    """What the person chose before, locked against a second press; raises :class:`NotFound` for anybody else's."""
    query = select(Batch).where(Batch.id == number, Batch.user_id == person.id, Batch.resource == plan.name)
    batch = session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if batch is None:
        raise NotFound
    return batch


def of_run(session: Session, run_id: int) -> Batch | None:
    """The rows that a run works on, as long as they are kept."""
    return session.scalars(select(Batch).where(Batch.run_id == run_id)).first()


def forget(session: Session) -> None:
    """Remove choices that nobody acted on within a day, and outcomes after a month; the trail keeps what was changed."""
    now = clock.now()
    old = select(Batch.id).where(((Batch.run_id.is_(None)) & (Batch.made_at < now - UNUSED)) | (Batch.made_at < now - KEPT))
    session.execute(delete(ROWS).where(ROWS.c.batch_id.in_(old)))
    session.execute(delete(Batch).where(Batch.id.in_(old)))
