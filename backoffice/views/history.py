"""The history of one record: who changed what, when and how; and old values, which can be brought back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_admin import expose
from sqlalchemy import func, select

from backoffice.access import Access, field_access, get_record, reaches
from backoffice.db import db
from backoffice.declare import Model, Refused, Verb, _
from backoffice.declare.journal import AuditEntry
from backoffice.errors import BadRequest, Denied, NotFound, Stale
from backoffice.plan import Field, Plan
from backoffice.views.answers import Answers
from backoffice.views.common import page_number, person, record_id
from backoffice.views.conflicts import load, others_since
from backoffice.views.converter import NEEDED
from backoffice.views.events import event_of
from backoffice.views.forms import is_required
from backoffice.views.writing import address, flush_within_reach, insist_open, locked, persistently, version_sent

ROWS = 20


class HistoryPages(Answers):
    """The history at ``/<resource>/<id>/history``."""

    @expose("/<number>/history")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def history_page(self, number: str) -> Any:
        """Show the entries of the record, newest first."""
        record = get_record(db.session(), person(), self.plan, record_id(number))
        page = page_number()
        mine = select(AuditEntry).where(AuditEntry.resource == self.plan.name, AuditEntry.record_id == record.id)
        count = db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        entries = db.session.scalars(mine.order_by(AuditEntry.id.desc()).limit(ROWS).offset((page - 1) * ROWS)).all()
        may_write = record.archived_at is None and reaches(db.session(), person(), self.plan, record, Verb.UPDATE)
        events = [event_of(self.plan, record, entry, may_write=may_write) for entry in entries]
        return self.answer("record/history.html", record=record, events=events, page=page, pages=max(1, -(-count // ROWS)))

    @expose("/<number>/history/<entry>/<field>", methods=("POST",))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def bring_back_page(self, number: str, entry: str, field: str) -> Any:
        """Give a field the value again that it had before an entry."""
        record = locked(self.plan, number, Verb.UPDATE)
        insist_open(record)
        found = db.session.get(AuditEntry, record_id(entry))
        one = self.plan.fields.get(field)
        if found is None or one is None or (found.resource, found.record_id) != (self.plan.name, record.id) or field not in found.changes:
            raise NotFound
        if found.changes[field] == [None, None]:  # somebody looked; what stood there was not written down
            raise NotFound
        if field_access(person(), self.plan, one, Verb.UPDATE) is not Access.WRITE or field_access(person(), self.plan, one) < Access.MASKED:
            raise Denied
        if field in others_since(self.plan, record, version_sent(record)):
            raise Stale
        _bring_back(self.plan, record, one, found.changes[field][0])
        db.session.commit()
        flash(str(_("“{field}” has its earlier value again.", field=one.label)), "success")
        return redirect(address(self.plan, record, "history"))


def _bring_back(plan: Plan, record: Model, one: Field, dumped: Any) -> None:
    value = load(one, dumped)
    if value is None and dumped is not None:
        raise BadRequest(_("The earlier value does not exist any more."))
    if value is None and is_required(one, record):
        raise Refused(NEEDED, field=one.name)
    with db.session.no_autoflush:
        setattr(record, one.name, value)
        if one.is_link:
            setattr(record, one.column, value.id if value is not None else None)
    flush_within_reach(plan, record, Verb.UPDATE)
