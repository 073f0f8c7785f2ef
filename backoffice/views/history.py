"""The history of one record: who changed what, when and how; and old values, which can be brought back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, redirect
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import func, select

from backoffice.access import Access, can, field_access, get_record, reaches
from backoffice.db import db
from backoffice.declare import Model, Refused, Text, Verb, _
from backoffice.declare.journal import AuditEntry, Deed, ImportRun
from backoffice.errors import BadRequest, Denied, NotFound, Stale
from backoffice.plan import Field, Plan, plan_of
from backoffice.views import cells
from backoffice.views.answers import Answers, in_full, is_masked
from backoffice.views.common import page_number, person, record_id
from backoffice.views.conflicts import current, is_same, load, others_since
from backoffice.views.converter import NEEDED
from backoffice.views.forms import is_required
from backoffice.views.writing import address, flush_within_reach, insist_open, locked, persistently, version_sent

ROWS = 20


@dataclass(frozen=True)
class Step:
    """One field of an entry: before, after, and whether the value before may be brought back."""

    field: Field
    before: Markup
    after: Markup
    may_restore: bool


@dataclass(frozen=True)
class Event:
    """One entry, as the person may read it."""

    entry: AuditEntry
    action: Text | None
    run: str | None
    steps: list[Step]
    looked_at: str


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
        events = [_event(self.plan, record, entry, may_write=may_write) for entry in entries]
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


def _event(plan: Plan, record: Model, entry: AuditEntry, *, may_write: bool) -> Event:
    action = plan.actions.get(entry.action or "")
    is_change = any(pair != [None, None] for pair in entry.changes.values())
    steps = list(_steps(plan, record, entry, may_write=may_write)) if is_change else []
    looked_at = "、".join(str(one.label) for one in _visible(plan, entry)) if not is_change else ""
    return Event(entry, action.spec.label if action else None, _run_address(entry), steps, looked_at)


def _visible(plan: Plan, entry: AuditEntry) -> Iterator[Field]:
    """The changed fields that the person may know of, in the order of declaration."""
    for name, one in plan.fields.items():
        is_said = name in entry.changes and not (one.is_system and entry.deed is Deed.CREATE and not entry.changes[name][1])
        if is_said and field_access(person(), plan, one) >= Access.MASKED:
            yield one


def _steps(plan: Plan, record: Model, entry: AuditEntry, *, may_write: bool) -> Iterator[Step]:
    for one in _visible(plan, entry):
        before, after = entry.changes[one.name]
        is_writable = may_write and field_access(person(), plan, one, Verb.UPDATE) is Access.WRITE
        is_there = is_same(one, before, current(record, one))
        yield Step(one, _shown(plan, one, before), _shown(plan, one, after), is_writable and not is_there and entry.deed is not Deed.CREATE)


def _shown(plan: Plan, one: Field, dumped: Any) -> Markup:
    """A value of the trail: links by the name they had then, personal data masked."""
    if dumped is None:
        return cells.NONE
    if one.target is not None:
        return _link(plan_of(one.target), dumped)
    value = load(one, dumped)
    if is_masked(plan, one):
        return Markup('<span class="masked">{}</span>').format(one.kind.mask(str(dumped) if value is None else value))
    return Markup("{}").format(dumped) if value is None else in_full(one, value)


def _link(target: Plan, dumped: dict[str, Any]) -> Markup:
    if not can(person(), Verb.READ, target):
        return Markup("{}").format(dumped["name"])
    return Markup('<a href="{}">{}</a>').format(cells.address(target, dumped["id"]), dumped["name"])


def _run_address(entry: AuditEntry) -> str | None:
    """Where the import is shown that the entry belongs to, if the person may see imports."""
    plan = plan_of(ImportRun)
    if entry.run_id is None or plan.name not in current_app.extensions["plans"] or not can(person(), Verb.READ, plan):
        return None
    return cells.address(plan, entry.run_id)
