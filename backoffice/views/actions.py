"""Actions: the dialog made of a method's parameters, and the run on one record."""

from __future__ import annotations

from typing import Any, Final

from flask import flash, request
from flask_admin import expose

from backoffice.access import fields_for, get_record
from backoffice.db import db
from backoffice.declare import Model, Refused, Verb, _, clock
from backoffice.plan import Action
from backoffice.views.bulk import BulkPages
from backoffice.views.common import person, record_id, whole_number
from backoffice.views.converter import PlanForm
from backoffice.views.meters import drawn
from backoffice.views.offers import offers_of
from backoffice.views.running import action_form, action_named, run
from backoffice.views.writing import address, gone_to, insist_open, is_fragment, locked, next_address, persistently

CHANGED: Final = "changed"


class ActionPages(BulkPages):
    """One action on one record: ``/<resource>/<id>/do/<action>``."""

    @expose("/<number>/do/<wanted>", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def action_page(self, number: str, wanted: str) -> Any:
        """Ask for what the method wants to know, then run it; a refusal stands in the dialog, with all that was typed."""
        action = action_named(self.plan, wanted)
        if request.method != "POST":
            record = get_record(db.session(), person(), self.plan, record_id(number), Verb.ACT)
            insist_open(record)
            return self._dialog(action, action_form(self.plan, action, record), record)
        record = locked(self.plan, number, Verb.ACT)
        form = action_form(self.plan, action, record, request.form)
        try:
            insist_open(record)
            _insist_unchanged(record)
            if not form.validate():
                return self._dialog(action, form, record, status=422)
            says = run(self.plan, action, record, form)
            _turn_page(record)
        except Refused as no:
            db.session.rollback()
            form.refuse(no.why, no.field)
            return self._dialog(action, form, record, status=409 if no.code == CHANGED else 422)
        db.session.commit()
        flash(str(says), "success")
        return gone_to(next_address(address(self.plan, record)))

    def _dialog(self, action: Action, form: PlanForm, record: Model, status: int = 200) -> Any:
        sentence = action.spec.confirm.format(count=1) if action.spec.confirm else None
        meters = drawn(self.plan, record, fields_for(person(), self.plan)) if action.spec.meters else []
        return self.answer(
            "record/action.html", status, action=action, form=form, record=record, sentence=sentence, batch=None, is_fragment=is_fragment(), meters=meters,
            offers=offers_of(action, record),
            target=address(self.plan, record, "do", action.name), next=next_address(address(self.plan, record)),
        )


def _turn_page(record: Model) -> None:
    """An action that only writes beside the record counts as a change of it as well: the dialog that was sent is an older look from now on."""
    seen = whole_number(request.form.get("version"))
    if seen is not None and seen == record.version:
        record.updated_at = clock.now()
        db.session.flush()


def _insist_unchanged(record: Model) -> None:
    """Refuse what was decided on an older look at the record: by somebody slower, or by a second click."""
    seen = whole_number(request.form.get("version"))
    if seen is not None and seen != record.version:
        raise Refused(_("The record has changed since you opened this dialog. Look again, and send it once more if it still holds."), code=CHANGED)
