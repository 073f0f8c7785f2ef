"""A quick look at a record from the list: its main facts and what may be done next, as the inside of a side panel."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import expose

from backoffice.access import can, fields_for, get_record, reaches
from backoffice.db import db
from backoffice.declare import Model, Verb
from backoffice.plan import Field, Plan
from backoffice.views.answers import Answers
from backoffice.views.cell_editing import writable
from backoffice.views.common import person, record_id
from backoffice.views.heads import head_of
from backoffice.views.records import offered
from backoffice.views.revealing import looked_at, reveal
from backoffice.views.showing import personal, shown
from backoffice.views.writing import address, next_address

MOST = 14
"""More facts than these are for the page."""


class LookPages(Answers):
    """The side panel at ``/<resource>/<id>/look``; a page of its own where it is opened without a script."""

    @expose("/<number>/look")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def look_at_page(self, number: str) -> Any:
        """Show what the record's page begins with; whoever sees its personal data in full leaves a note, as there."""
        record = get_record(db.session(), person(), self.plan, record_id(number))
        return self._look_panel(record, looked_at(self.plan, record))

    @expose("/<number>/look/<field>", methods=("POST",))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def look_reveal_page(self, number: str, field: str) -> Any:
        """Show one masked field in full inside the panel, and remember who looked."""
        record = get_record(db.session(), person(), self.plan, record_id(number))
        reveal(self.plan, record, field)
        return self._look_panel(record, frozenset({field}))

    def _look_panel(self, record: Model, revealed: frozenset[str]) -> Any:
        plan, is_archived = self.plan, record.archived_at is not None
        head = head_of(plan, record, revealed)
        may_edit = not is_archived and can(person(), Verb.UPDATE, plan) and reaches(db.session(), person(), plan, record, Verb.UPDATE)
        hidden, said = set(personal(plan, record)) - revealed, {one.name for one in head.facts}
        facts = shown(plan, record, (one for one in _main(plan) if one.name not in said), hidden, may_reveal=head.may_reveal)
        return self.answer(
            "record/look.html", record=record, head=head, facts=facts, actions=[] if is_archived else offered(plan, record), may_edit=may_edit,
            cells=[one.name for one in writable(plan)] if may_edit else [], is_fragment=bool(request.args.get("fragment")),
            next=next_address(address(plan)),
        )


def _main(plan: Plan) -> list[Field]:
    """The fields that the list shows, then the others, as far as there is room."""
    seen = {one.name: one for one in fields_for(person(), plan) if not one.is_system}
    names = dict.fromkeys([*(one.name for one in plan.columns), *seen])
    return [seen[name] for name in names if name in seen][:MOST]
