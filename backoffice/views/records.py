"""The page of one record: its fields, what belongs to it, and what may be done with it."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request
from flask_admin import expose
from sqlalchemy import select

from backoffice import keys
from backoffice.access import can, can_act, fields_for, get_record, reaches, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Verb
from backoffice.declare.journal import AuditEntry
from backoffice.errors import NotFound
from backoffice.plan import Action, Plan
from backoffice.views.archiving import ArchivePages
from backoffice.views.beginning import starts
from backoffice.views.checklists import checklist
from backoffice.views.common import person, record_id
from backoffice.views.events import Event, event_of
from backoffice.views.heads import head_of
from backoffice.views.merging_words import is_merged, moved_on
from backoffice.views.related import related
from backoffice.views.revealing import looked_at, reveal
from backoffice.views.showing import is_empty, personal, shown
from backoffice.views.timeline import story
from backoffice.views.trials import trial_of
from backoffice.views.words import labels, sections
from backoffice.views.writing import address


class RecordPages(ArchivePages):
    """The detail page at ``/<resource>/<id>``."""

    @expose("/<number>")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def record_page(self, number: str) -> Any:
        """Show a record; whoever sees its personal data in full leaves a note. A merged one leads to where it went."""
        if "stay" not in request.args and (further := moved_on(self.plan, record_id(number))) is not None:
            return further
        record = get_record(db.session(), person(), self.plan, record_id(number))
        if part := request.args.get("part"):
            return self._part(record, part)
        return self._record_page(record, looked_at(self.plan, record) if request.method == "GET" else frozenset())

    @expose("/<number>/reveal/<field>", methods=("POST",))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def reveal_page(self, number: str, field: str) -> Any:
        """Show one masked field in full, and remember who looked."""
        record = get_record(db.session(), person(), self.plan, record_id(number))
        reveal(self.plan, record, field)
        return self._record_page(record, frozenset({field}))

    @expose("/by-key/<path:key>")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def key_page(self, key: str) -> Any:
        """Lead from a natural key to the record."""
        record = keys.find(db.session(), scoped_query(person(), self.plan, archived=None), self.plan, key)
        if record is None:
            record = keys.find(db.session(), select(self.plan.model).where(self.plan.model.archived_at.is_not(None)), self.plan, key)
            if record is None or (further := moved_on(self.plan, record.id)) is None:
                raise NotFound
            return further
        return redirect(address(self.plan, record))

    def _record_page(self, record: Model, revealed: frozenset[str]) -> Any:
        plan, page = self.plan, self.plan.resource.page
        head, tables = head_of(plan, record, revealed), related(plan, record)
        said = {one.name for one in head.facts}
        seen = [one for one in fields_for(person(), plan) if not one.is_system]
        hidden = set(personal(plan, record)) - revealed
        rest = (one for one in seen if one.name not in said)
        facts = shown(plan, record, rest, hidden, may_reveal=head.may_reveal)
        is_archived, first = record.archived_at is not None, page.first if page else ()
        return self.answer(
            "record/record.html", record=record, head=head, sections=sections(plan, facts),
            empty=labels(one for one in seen if is_empty(one, record)), key=plan.key_of(record), starts=starts(plan, record),
            first=[one for one in tables if one.name in first], related=[one for one in tables if one.name not in first],
            story=story(plan, record, request.args) if page else None,
            actions=[] if is_archived else offered(plan, record), is_archived=is_archived,
            may_edit=not is_archived and self._may(record, Verb.UPDATE), may_archive=self._may(record, Verb.DELETE) and not is_merged(plan, record),
            may_purge=is_archived and self._may(record, Verb.PURGE), event=_told(record),
            checks=checklist(plan, record, seen), trial=None if is_archived else trial_of(plan),
        )

    def _part(self, record: Model, part: str) -> Any:
        """One page of the story alone, or one table, for a script that puts it on the page."""
        if self.plan.resource.page is None:
            raise NotFound
        if part == "timeline":
            return self.answer("record/timeline.html", record=record, story=story(self.plan, record, request.args))
        table = next((one for one in related(self.plan, record) if one.name == part), None)
        if table is None:
            raise NotFound
        return self.answer("record/related.html", record=record, table=table)

    def _may(self, record: Model, verb: Verb) -> bool:
        return can(person(), verb, self.plan) and reaches(db.session(), person(), self.plan, record, verb)


def _told(record: Model) -> Event | None:
    """What an entry of the trail says, where the record is one: as much as the person may know of the noun that it is about."""
    plan = current_app.extensions["plans"].get(record.resource) if isinstance(record, AuditEntry) else None
    return event_of(plan, None, record, may_write=False) if isinstance(record, AuditEntry) and plan is not None else None


def offered(plan: Plan, record: Model) -> list[Action]:
    """The actions that the person may take with the record as it is."""
    mine = [one for one in plan.actions.values() if can_act(person(), one, plan) and one.spec.fits(record)]
    return mine if mine and reaches(db.session(), person(), plan, record, Verb.ACT) else []
