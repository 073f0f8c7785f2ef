"""The merge itself: one transaction, on the trail under one number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.audit import record as trail
from backoffice.audit.context import circumstances
from backoffice.declare import Model, Refused, Verb, _, actor, clock
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.integrity import flush
from backoffice.merging.choosing import choices, values_of
from backoffice.merging.moving import move
from backoffice.merging.pointing import Met, count, pointers
from backoffice.merging.rights import declared, insist
from backoffice.merging.tables import Merged, Pair, Verdict
from backoffice.plan import Plan, Plans

MOST = 50_000
"""A record that more rows point at is no part of everyday work: one transaction would hold everybody else up."""


def merge(session: Session, person: Any, plan: Plan, kept: Model, gone: Model, answers: Mapping[str, str]) -> Merged:
    """Merge ``gone`` into ``kept``. Both are locked by the caller, who commits. Raises as :func:`insist` does.

    ``answers`` say for each choice by its name whose value stays; where they say nothing, what is suggested.
    """
    insist(session, person, plan, kept, gone)
    plans: Plans = current_app.extensions["plans"]
    _insist_small(session, plans, plan, gone)
    values = values_of(choices(person, plan, kept, gone), answers, kept, gone)
    merged = _remembered(session, plan, kept, gone)
    with circumstances(action="merge", merge_id=merged.id):
        left = _move_all(session, plans, plan, merged, kept, gone)
        for one in left:
            _absorb(session, one)
        _leave(session, plan, kept, gone)
        _take(session, plan, kept, values)
        kept.settle_merge(gone)
        flush(session, plan)
        _tell_of(session, plan, merged, kept)
    if not access.reaches(session, person, plan, kept, Verb.UPDATE):
        raise Refused(_("Merged like this, the record would belong to somebody else."), code="outside")
    _settle_pair(session, merged)
    return merged


def _insist_small(session: Session, plans: Plans, plan: Plan, gone: Model) -> None:
    if sum(count(session, one, gone.id) for one in pointers(plans, plan)) > MOST:
        raise Refused(_("More than {most} records belong to {name}. Merge the other way round.", most=MOST, name=gone), code="too_many")


def _remembered(session: Session, plan: Plan, kept: Model, gone: Model) -> Merged:
    person = actor()
    merged = Merged(
        resource=plan.name, kept_id=kept.id, gone_id=gone.id, kept_name=str(kept)[:400], gone_name=str(gone)[:400], at=clock.now(),
        user_id=getattr(person, "id", None), who=str(person) if person is not None else None, moved={},
    )
    session.add(merged)
    session.flush()
    return merged


def _move_all(session: Session, plans: Plans, plan: Plan, merged: Merged, kept: Model, gone: Model) -> list[Met]:
    moved: dict[str, int] = {}
    left: list[Met] = []
    for pointer in pointers(plans, plan):
        number, behind = move(session, pointer, gone, kept)
        left += behind
        if number:
            moved[pointer.plan.name] = moved.get(pointer.plan.name, 0) + number
    merged.moved = moved
    session.flush()
    session.expire_all()
    return left


def _absorb(session: Session, one: Met) -> None:
    """What cannot follow gives what it says to its like, and goes to the archive with the record that goes."""
    plan = one.pointer.plan
    left, stays = session.get_one(plan.model, one.left_id), session.get_one(plan.model, one.stays_id)
    if left.archived_at is None:
        if stays.archived_at is None:
            stays.absorb(left)
        else:  # it says nothing any more, so it may say what the other one does
            stays.archived_at = None
            _take(session, plan, stays, {field.name: getattr(left, field.name) for field in plan.open_fields if field is not one.pointer.field})
        left.archived_at = clock.now()
    flush(session, plan)


def _leave(session: Session, plan: Plan, kept: Model, gone: Model) -> None:
    """Before the other one takes values over: what is unique among living records is free then."""
    gone.archived_at = clock.now()
    setattr(gone, plan.fields[declared(plan).into].column, kept.id)
    flush(session, plan)


def _take(session: Session, plan: Plan, record: Model, values: Mapping[str, Any]) -> None:
    with session.no_autoflush:
        for name, value in values.items():
            one = plan.fields[name]
            setattr(record, one.name, value)
            if one.is_link:
                setattr(record, one.column, value.id if value is not None else None)
    flush(session, plan)


def _tell_of(session: Session, plan: Plan, merged: Merged, kept: Model) -> None:
    """The history of the record that stays tells of the merge even where none of its fields changed."""
    mine = (AuditEntry.merge_id == merged.id) & (AuditEntry.resource == plan.name) & (AuditEntry.record_id == kept.id)
    if session.scalar(select(AuditEntry.id).where(mine).limit(1)) is None:
        trail.note(session, plan, kept, Deed.UPDATE)


def _settle_pair(session: Session, merged: Merged) -> None:
    first, second = sorted((merged.kept_id, merged.gone_id))
    mine = (Pair.resource == merged.resource) & (Pair.first_id == first) & (Pair.second_id == second)
    session.execute(update(Pair).where(mine).values(verdict=Verdict.MERGED, settled_at=clock.now(), who=merged.who))
