"""The checklist of a record, with when each step was done and by whom: the trail knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from backoffice.db import db
from backoffice.declare import Model, Step
from backoffice.declare.journal import AuditEntry
from backoffice.plan import Field, Plan
from backoffice.views.conflicts import LOOKS

MOST = 1000
"""Entries of a trail that are looked through."""


@dataclass(frozen=True)
class Checked:
    """A step, and the entry of the trail that tells of it, if it is done and there is one."""

    step: Step
    at: datetime | None
    who: str | None


def trail_of(plan: Plan, record: Model) -> list[AuditEntry]:
    """What was done to a record, oldest first, looks left out; of a very long story the newest part."""
    mine = (AuditEntry.resource == plan.name) & (AuditEntry.record_id == record.id) & AuditEntry.deed.not_in(LOOKS)
    return list(db.session.scalars(select(AuditEntry).where(mine).order_by(AuditEntry.id.desc()).limit(MOST)))[::-1]


def checklist(plan: Plan, record: Model, seen: Collection[Field], trail: Iterable[AuditEntry] | None = None) -> list[Checked]:
    """The steps that the person may see."""
    if plan.resource.checklist is None:
        return []
    names = {one.name for one in seen}
    steps = [one for one in plan.resource.checklist(record) if one.field in names]
    found: dict[str, AuditEntry] = {}
    for entry in trail_of(plan, record) if trail is None else trail:
        found |= {name: entry for name, (_before, after) in entry.changes.items() if after is not None}
    return [_checked(one, found.get(one.field) if one.is_done else None) for one in steps]


def _checked(step: Step, entry: AuditEntry | None) -> Checked:
    return Checked(step, entry.at if entry else None, entry.who if entry else None)
