"""Deleting archives, and can be undone; what nothing depends on may then be removed for good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app, flash, redirect, request
from flask_admin import expose
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from sqlalchemy import func, inspect, select

from backoffice import merging
from backoffice.access import can, get_record, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Refused, Text, Verb, _, clock
from backoffice.plan import Plan
from backoffice.views.answers import Answers
from backoffice.views.common import person, record_id
from backoffice.views.writing import address, flush, gone_to, insist_open, locked, next_address, persistently

UNDO = Markup('{} <form class="d-inline" method="post" action="{}"><input type="hidden" name="csrf_token" value="{}">'
              '<button class="btn btn-sm btn-quiet text-decoration-underline" type="submit">{}</button></form>')


class ArchivePages(Answers):
    """Archive, restore and remove, each asked first and each on the trail."""

    @expose("/<number>/archive", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def archive_page(self, number: str) -> Any:
        """Say what archiving means here, then do it."""
        if request.method != "POST":
            record = get_record(db.session(), person(), self.plan, record_id(number), Verb.DELETE)
            insist_open(record)
            return self._ask_about_one(record, "archive")
        record = locked(self.plan, number, Verb.DELETE)
        insist_open(record)
        record.archived_at = clock.now()
        flush(self.plan)
        db.session.commit()
        undo = UNDO.format(_("Archived: {name}.", name=record), address(self.plan, record, "restore"), generate_csrf(), _("Undo"))
        flash(undo, "success")
        return gone_to(next_address(address(self.plan)))

    @expose("/<number>/restore", methods=("POST",))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def restore_page(self, number: str) -> Any:
        """Bring an archived record back."""
        record = locked(self.plan, number, Verb.DELETE)
        if record.archived_at is None:
            raise Refused(_("This record is not archived."))
        if (other := merging.into(db.session(), self.plan, record)) is not None:
            raise Refused(_("This record was merged into {name}. Undo the merge on that page instead.", name=other), code="merged")
        record.archived_at = None
        flush(self.plan)
        db.session.commit()
        flash(str(_("Restored: {name}.", name=record)), "success")
        return redirect(address(self.plan, record))

    @expose("/<number>/purge", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def purge_page(self, number: str) -> Any:
        """Remove an archived record for good, if nothing depends on it."""
        if request.method != "POST":
            return self._ask_about_one(_archived(get_record(db.session(), person(), self.plan, record_id(number), Verb.PURGE)), "purge")
        record = _archived(locked(self.plan, number, Verb.PURGE))
        name = str(record)
        for label, count in dependents(record, is_everything=True):
            raise Refused(_("{count} × {noun} depend on this record, so it stays in the archive.", count=count, noun=label), code="in_use")
        db.session.delete(record)
        flush(self.plan)
        db.session.commit()
        flash(str(_("Removed for good: {name}.", name=name)), "success")
        return gone_to(address(self.plan))

    def _ask_about_one(self, record: Model, deed: str) -> Any:
        return self.answer("record/archive.html", record=record, deed=deed, dependents=list(dependents(record)))


def _archived(record: Model) -> Model:
    if record.archived_at is None:
        raise Refused(_("Only archived records can be removed for good. Archive it first."))
    return record


def dependents(record: Model, *, is_everything: bool = False) -> Iterator[tuple[Text, int]]:
    """The nouns whose records point here, with how many do: those that the person sees, or all; without those that go with the record."""
    parts = set(_parts(type(record)))
    for plan in current_app.extensions["plans"].values():
        names = [one.column for one in plan.fields.values() if one.target is type(record)]
        columns = [getattr(plan.model, name) for name in names if (plan.model, name) not in parts]
        if not columns or not (is_everything or can(person(), Verb.READ, plan)):
            continue
        count = sum(db.session.scalar(_count(plan, column == record.id, is_everything)) or 0 for column in columns)
        if count:
            yield plan.resource.plural, count


def _parts(model: type[Model]) -> Iterator[tuple[type[Any], str]]:
    """The columns by which records belong to one so that they are removed with it."""
    for one in inspect(model).relationships:
        if one.cascade.delete:
            yield from ((one.mapper.class_, one.mapper.get_property_by_column(column).key) for column in one.remote_side)


def _count(plan: Plan, condition: Any, is_everything: bool) -> Any:
    rows = select(plan.model) if is_everything else scoped_query(person(), plan, archived=None)
    return select(func.count()).select_from(rows.where(condition).subquery())
