"""What a run has written, by the trail: for receipts whose staged rows are gone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from backoffice.access import scoped_query
from backoffice.db import db
from backoffice.declare.journal import AuditEntry
from backoffice.exchange.lifecycle import nouns
from backoffice.views import cells
from backoffice.views.events import Event, event_of
from backoffice.views.imports.looking import Look

PER_PAGE = 20


@dataclass(frozen=True)
class Written:
    """One record that the run wrote, as the person may read it."""

    name: str
    address: str
    event: Event


def written(look: Look, after: int) -> tuple[list[Written], int | None]:
    """A page of the records after an entry of the trail, and the entry that the next page starts behind."""
    names = [plan.name for plan in nouns(look.run)]
    mine = select(AuditEntry).where(AuditEntry.run_id == look.run.id, AuditEntry.resource.in_(names), AuditEntry.id > after)
    entries = list(db.session.scalars(mine.order_by(AuditEntry.id).limit(PER_PAGE + 1)))
    shown = entries[:PER_PAGE]
    open_ones = {name: _reached(look, name, shown) for name in names}
    plans = current_app.extensions["plans"]
    found = [
        Written(entry.record_name or str(entry.record_id), cells.address(plans[entry.resource], entry.record_id or 0),
                event_of(plans[entry.resource], None, entry, may_write=False))
        for entry in shown if entry.record_id in open_ones[entry.resource]
    ]
    return found, shown[-1].id if len(entries) > PER_PAGE else None


def _reached(look: Look, name: str, entries: list[AuditEntry]) -> set[int]:
    """Of the records of a noun, those that the person may open."""
    plan = current_app.extensions["plans"][name]
    ids = {entry.record_id for entry in entries if entry.resource == name and entry.record_id is not None}
    query = scoped_query(look.person, plan, archived=None).where(plan.model.id.in_(ids)).with_only_columns(plan.model.id)
    return set(db.session.scalars(query)) if ids else set()
