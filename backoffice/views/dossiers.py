"""The dossier of a record at ``/<resource>/<id>/dossier``: all that is known of it on one page, made for paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_admin import expose
from sqlalchemy import inspect, select

from backoffice.access import can, fields_for, get_record, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Text, Verb, clock
from backoffice.plan import Children, Plan, plan_of
from backoffice.views.answers import Answers
from backoffice.views.checklists import checklist, trail_of
from backoffice.views.common import person, record_id
from backoffice.views.events import event_of
from backoffice.views.heads import head_of
from backoffice.views.links import loading
from backoffice.views.revealing import looked_at
from backoffice.views.showing import Shown, personal, shown
from backoffice.views.words import sections

MOST = 200
"""Records of one kind on a dossier."""


@dataclass(frozen=True)
class Part:
    """The records of one kind that belong to the record, each with all that the person may see of it."""

    label: Text
    rows: list[tuple[Model, list[Shown]]]


class DossierPages(Answers):
    """The dossier, where the noun has one."""

    needs = "dossier"

    @expose("/<number>/dossier")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def dossier_page(self, number: str) -> Any:
        """Show everything; personal data as the page of the record shows it, and the look is noted like there."""
        plan, record = self.plan, get_record(db.session(), person(), self.plan, record_id(number))
        revealed = looked_at(plan, record)
        head, seen, trail = head_of(plan, record, revealed), fields_for(person(), plan), trail_of(plan, record)
        said = {one.name for one in head.facts}
        rest = [one for one in seen if not one.is_system and one.name not in said]
        facts = shown(plan, record, rest, set(personal(plan, record)) - revealed, may_reveal=False)
        return self.answer(
            "record/dossier.html", record=record, title=plan.resource.dossier, head=head, sections=sections(plan, facts), key=plan.key_of(record),
            parts=list(_parts(plan, record)), checks=checklist(plan, record, seen, trail), printed_at=clock.now(),
            events=[event_of(plan, None, entry, may_write=False) for entry in trail],
        )


def _parts(plan: Plan, record: Model) -> Iterator[Part]:
    known = current_app.extensions["plans"]
    for one in plan.children:
        target = plan_of(one.target)
        if target.name in known and can(person(), Verb.READ, target) and (rows := _rows(one, target, record)):
            yield Part(one.label, rows)


def _rows(one: Children, target: Plan, record: Model) -> list[tuple[Model, list[Shown]]]:
    back = target.fields[one.back]
    fields = [field for field in fields_for(person(), target) if not field.is_system and field.name != back.name]
    mine = scoped_query(person(), target).where(getattr(target.model, back.column) == record.id).with_only_columns(target.model.id)
    declared = inspect(type(record)).relationships[one.name].order_by or ()
    query = select(target.model).where(target.model.id.in_(mine)).order_by(*declared, target.model.id).options(*loading(target, fields)).limit(MOST)
    return [(row, shown(target, row, fields, personal(target, row), may_reveal=False)) for row in db.session.scalars(query).unique()]
