"""Where a record went, what came into it, and how long that can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.declare import Model, Refused, Text, _
from backoffice.declare.journal import AuditEntry
from backoffice.merging.tables import Merged
from backoffice.plan import Plan, plan_of

LONGEST = 20  # records one after the other; a longer way is a circle
ACTIONS: dict[str, Text] = {"merge": _("Merge"), "unmerge": _("Merge undone")}
"""What the trail calls them, in words."""


def into(session: Session, plan: Plan, record: Model) -> Model | None:
    """The record that an archived one was merged into."""
    if plan.resource.merge is None or record.archived_at is None:
        return None
    number = getattr(record, plan.fields[plan.resource.merge.into].column)
    return session.get(plan.model, number) if number is not None else None


def insist_open(session: Session, record: Model) -> None:
    """Refuse to change an archived record."""
    if (other := into(session, plan_of(type(record)), record)) is not None:
        raise Refused(_("This record was merged into {name} and cannot be changed.", name=other), code="merged")
    if record.archived_at is not None:
        raise Refused(_("This record is archived and cannot be changed. Restore it first."), code="archived")


def final(session: Session, plan: Plan, record_id: int) -> Model | None:
    """Where a record is found now that was merged into another, perhaps on a way over several; None where it went nowhere."""
    if plan.resource.merge is None:
        return None
    record, seen = session.get(plan.model, record_id), {record_id}
    here = into(session, plan, record) if record is not None else _of_removed(session, plan, record_id)
    while here is not None and here.id not in seen and len(seen) < LONGEST:
        seen.add(here.id)
        further = into(session, plan, here)
        if further is None:
            return here
        here = further
    return None


def _of_removed(session: Session, plan: Plan, record_id: int) -> Model | None:
    """Where a record went that was removed for good afterwards."""
    mine = (Merged.resource == plan.name) & (Merged.gone_id == record_id) & Merged.undone_at.is_(None)
    number = session.scalar(select(Merged.kept_id).where(mine).order_by(Merged.id.desc()).limit(1))
    return session.get(plan.model, number) if number is not None else None


def merged_here(session: Session, plan: Plan, record: Model) -> Sequence[Merged]:
    """The merges into a record that hold, newest first."""
    mine = (Merged.resource == plan.name) & (Merged.kept_id == record.id) & Merged.undone_at.is_(None)
    return session.scalars(select(Merged).where(mine).order_by(Merged.id.desc()).limit(LONGEST)).all() if plan.resource.merge else ()


def undone_until(plan: Plan, merged: Merged) -> datetime:
    """Until when a merge can be undone."""
    return merged.at + timedelta(days=plan.resource.merge.days if plan.resource.merge else 0)


def said(session: Session, entry: AuditEntry) -> Text | None:
    """Which merge an entry of the trail belongs to, in words."""
    merged = session.get(Merged, entry.merge_id) if entry.merge_id is not None else None
    return None if merged is None else _("{gone} into {kept}", gone=merged.gone_name, kept=merged.kept_name)
