"""The page of one record: its fields, what belongs to it, and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, redirect, request
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import select

from backoffice import keys
from backoffice.access import Access, can, can_act, fields_for, get_record, may_reveal, reaches, right, scoped_query
from backoffice.audit.record import note
from backoffice.db import db, writing
from backoffice.declare import Model, Personal, Verb
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.declare.kinds import Verbatim
from backoffice.errors import Denied, NotFound
from backoffice.plan import Action, Field, Plan
from backoffice.views import cells
from backoffice.views.answers import in_full
from backoffice.views.archiving import ArchivePages
from backoffice.views.common import person, record_id
from backoffice.views.contacts import contacts
from backoffice.views.events import Event, event_of
from backoffice.views.merging_words import is_merged, moved_on
from backoffice.views.related import related
from backoffice.views.words import labels, sections
from backoffice.views.writing import address

SHORT = 24  # characters of a text that fits beside other facts
DIALED = {"tel": "tel", "email": "mailto"}


@dataclass(frozen=True)
class Shown:
    """A field on the page: its value as the person may see it, and whether a click may show it in full."""

    name: str
    label: object
    html: Markup
    may_reveal: bool = False
    is_wide: bool = False


class RecordPages(ArchivePages):
    """The detail page at ``/<resource>/<id>``."""

    @expose("/<number>")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def record_page(self, number: str) -> Any:
        """Show a record; whoever sees its personal data in full leaves a note. A merged one leads to where it went."""
        if "stay" not in request.args and (further := moved_on(self.plan, record_id(number))) is not None:
            return further
        record = get_record(db.session(), person(), self.plan, record_id(number))
        personal = _personal(self.plan, record)
        is_open = bool(personal) and right(person(), self.plan).personal is Personal.LOGGED
        if is_open and request.method == "GET":
            with writing():
                note(db.session(), self.plan, record, Deed.REVEAL, {name: [None, None] for name in personal})
        return self._record_page(record, frozenset(personal) if is_open else frozenset())

    @expose("/<number>/reveal/<field>", methods=("POST",))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def reveal_page(self, number: str, field: str) -> Any:
        """Show one masked field in full, and remember who looked."""
        record = get_record(db.session(), person(), self.plan, record_id(number))
        contact = next((one for one in contacts(self.plan, record) if one.name == field), None)
        if contact is None and field not in _personal(self.plan, record):
            raise NotFound
        plan, owner, name = (contact.plan, contact.record, contact.field.name) if contact else (self.plan, record, field)
        if not may_reveal(db.session(), person(), plan, owner):
            raise Denied
        note(db.session(), plan, owner, Deed.REVEAL, {name: [None, None]})
        db.session.commit()
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
        plan, somebody = self.plan, person()
        is_revealable = may_reveal(db.session(), somebody, plan, record)
        seen = fields_for(somebody, plan)
        hidden = set(_personal(plan, record)) - revealed
        shown = [
            Shown(one.name, one.label, _html(one, record, is_masked=one.name in hidden), one.name in hidden and is_revealable, _is_wide(one, record))
            for one in seen if not one.is_system and not _is_empty(one, record)
        ]
        empty = labels(one for one in seen if not one.is_system and _is_empty(one, record))
        is_archived = record.archived_at is not None
        return self.answer(
            "record/record.html", record=record, sections=sections(plan, shown), beside=_beside(plan, record, revealed), empty=empty,
            related=related(plan, record), key=plan.key_of(record),
            actions=[] if is_archived else offered(plan, record), is_archived=is_archived,
            may_edit=not is_archived and self._may(record, Verb.UPDATE), may_archive=self._may(record, Verb.DELETE) and not is_merged(plan, record),
            may_purge=is_archived and self._may(record, Verb.PURGE), states=_states(plan, record, seen), event=_told(record),
        )

    def _may(self, record: Model, verb: Verb) -> bool:
        return can(person(), verb, self.plan) and reaches(db.session(), person(), self.plan, record, verb)


def _beside(plan: Plan, record: Model, revealed: frozenset[str]) -> dict[str, list[Shown]]:
    """What stands beside a link: how to reach the record that it leads to."""
    found: dict[str, list[Shown]] = {}
    for one in contacts(plan, record):
        is_masked = one.name not in revealed
        shown = Shown(one.name, one.path.label, _html(one.field, one.record, is_masked=is_masked), is_masked and one.may_reveal)
        found.setdefault(one.beside, []).append(shown)
    return found


def _html(one: Field, record: Model, *, is_masked: bool) -> Markup:
    """A value; a telephone number that may be seen in full is dialed by a click."""
    value = getattr(record, one.name)
    words = cells.in_words(one, record) if isinstance(record, AuditEntry) else None
    html = words or in_full(one, value, is_masked=is_masked)
    if value is not None and not is_masked and one.kind.control in DIALED:
        return Markup('<a href="{}:{}">{}</a>').format(DIALED[one.kind.control], value, html)
    return html


def _told(record: Model) -> Event | None:
    """What an entry of the trail says, where the record is one: as much as the person may know of the noun that it is about."""
    plan = current_app.extensions["plans"].get(record.resource) if isinstance(record, AuditEntry) else None
    return event_of(plan, None, record, may_write=False) if isinstance(record, AuditEntry) and plan is not None else None


def _is_empty(one: Field, record: Model) -> bool:
    return getattr(record, one.name) in (None, "")


def _is_wide(one: Field, record: Model) -> bool:
    """Whether a text needs the width of the page."""
    return isinstance(one.kind, Verbatim) and len(getattr(record, one.name) or "") > SHORT


def offered(plan: Plan, record: Model) -> list[Action]:
    """The actions that the person may take with the record as it is."""
    mine = [one for one in plan.actions.values() if can_act(person(), one, plan) and one.spec.fits(record)]
    return mine if mine and reaches(db.session(), person(), plan, record, Verb.ACT) else []


def _personal(plan: Plan, record: Model) -> list[str]:
    """The personal fields that hold something and that the person sees masked."""
    open_ones = {one.name for one in fields_for(person(), plan, least=Access.READ)}
    masked = [one.name for one in fields_for(person(), plan) if one.name not in open_ones]
    return [name for name in masked if getattr(record, name) is not None]


def _states(plan: Plan, record: Model, seen: list[Field]) -> list[Any]:
    """The values that say where the record stands, for the head of the page."""
    names = {action.spec.field for action in plan.actions.values() if action.spec.targets}
    return [value for one in seen if one.name in names and (value := getattr(record, one.name)) is not None]
