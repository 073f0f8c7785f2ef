"""Work on many rows of a list: what is offered, which rows are meant, the questions before, and the press itself.

Every form carries the number of its batch: the rows as they stood when they were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, request
from flask_admin import expose
from werkzeug.datastructures import MultiDict

from backoffice.access import can, can_act, require
from backoffice.batches import choosing, tasks
from backoffice.batches.orders import Deed, Order, editable
from backoffice.batches.tables import Batch
from backoffice.db import db
from backoffice.declare import Text, Verb, _
from backoffice.errors import BadRequest, Denied, NotFound
from backoffice.plan import Action, Field, Plan
from backoffice.views.answers import Answers
from backoffice.views.common import person, record_ids, whole_number
from backoffice.views.converter import KindField, PlanForm, form_class
from backoffice.views.running import action_form, action_named, details_of
from backoffice.views.selection import Selection
from backoffice.views.writing import address, next_address

MOST = 1000
MOST_FIELDS = 200
CHOOSE_A_FIELD = _("Switch on the fields that are to be changed.")


@dataclass(frozen=True)
class Work:
    """What a person is offered for the rows of a list."""

    actions: list[Action]
    may_edit: bool
    may_archive: bool
    may_restore: bool
    of: str

    def __bool__(self) -> bool:
        return bool(self.actions or self.may_edit or self.may_archive or self.may_restore)


def work_on(who: Any, selection: Selection) -> Work:
    """What the person's role is offered for this list; archived rows can only be restored."""
    plan, of = selection.plan, urlencode(selection.kept())
    may_archive = can(who, Verb.DELETE, plan)
    if selection.is_archived:
        return Work([], may_edit=False, may_archive=False, may_restore=may_archive, of=of)
    actions = [action for action in plan.actions.values() if action.spec.bulk and can_act(who, action, plan)]
    return Work(actions, may_edit=can(who, Verb.UPDATE, plan) and bool(editable(who, plan)), may_archive=may_archive, may_restore=False, of=of)


class BulkPages(Answers):
    """Actions, changes of fields and archiving, for many records of the view's plan."""

    @expose("/bulk/<wanted>", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def bulk_page(self, wanted: str) -> Any:
        """Ask what the action wants to know, and whether it is meant; then run it."""
        if request.method != "POST":
            return self._choose_again()
        action = action_named(self.plan, wanted)
        if not action.spec.bulk:
            raise NotFound
        batch = chosen(self.plan)
        is_sent = "confirmed" in request.form
        form = action_form(self.plan, action, None, request.form if is_sent else None)
        if batch.run_id is not None:
            return done(batch.run_id)
        if is_sent and form.validate():
            return self._do_to_rows(batch, Order(self.plan, Deed.ACT, action, details_of(action, form)))
        sentence = action.spec.confirm.format(count=batch.rows) if action.spec.confirm else None
        return self._ask_about_rows(
            "record/action.html", batch, 422 if is_sent else 200, action=action, form=form, record=None, sentence=sentence, is_fragment=False, offers={},
            target=f"/{self.plan.name}/bulk/{action.name}",
        )

    @expose("/bulk-edit", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def bulk_edit_page(self) -> Any:
        """First the fields, each with a switch; then what will change; then the work."""
        if request.method != "POST":
            return self._choose_again()
        require(person(), Verb.UPDATE, self.plan)
        fields, batch = editable(person(), self.plan), chosen(self.plan)
        if not fields:
            raise Denied
        if batch.run_id is not None:
            return done(batch.run_id)
        names = {one.name for one in fields}
        on = {name for name in request.form.getlist("on") if name in names}
        is_sent = "confirmed" in request.form or "review" in request.form
        form = edit_form(self.plan, fields, on, request.form if is_sent or on else None)
        wrong = self._wrong_values(form, on) if is_sent else None
        if not is_sent or wrong is not None:
            return self._ask_about_rows("batches/edit.html", batch, 422 if is_sent else 200, form=form, on=on, wrong=wrong)
        order = Order(self.plan, Deed.EDIT, values={one.name: one.data for one in form if one.name in on})
        if "confirmed" in request.form:
            return self._do_to_rows(batch, order)
        return self._ask_about_rows("batches/confirm.html", batch, order=order, typed=_typed(form, on), target="bulk-edit")

    @expose("/bulk-archive", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def bulk_archive_page(self) -> Any:
        """Ask, then archive the records, or bring them back."""
        if request.method != "POST":
            return self._choose_again()
        require(person(), Verb.DELETE, self.plan)
        batch = chosen(self.plan)
        if batch.run_id is not None:
            return done(batch.run_id)
        deed = Deed.RESTORE if request.form.get("deed") == Deed.RESTORE else Deed.ARCHIVE
        if "confirmed" in request.form:
            return self._do_to_rows(batch, Order(self.plan, deed))
        return self._ask_about_rows("batches/confirm.html", batch, order=Order(self.plan, deed), typed=[("deed", deed.value)], target="bulk-archive")

    def _choose_again(self) -> Any:
        """Whoever comes by address, after signing in anew say, chooses rows first."""
        flash(str(_("Choose the rows again, and then what to do with them.")), "info")
        return redirect(address(self.plan))

    def _ask_about_rows(self, template: str, batch: Batch, status: int = 200, **values: Any) -> Any:
        db.session.commit()  # the rows stay chosen while the person thinks
        is_long = batch.rows > tasks.AT_ONCE
        return self.answer(template, status, batch=batch, is_long=is_long, next=next_address(address(self.plan)), **values)

    def _do_to_rows(self, batch: Batch, order: Order) -> Any:
        run = tasks.begin(db.session(), person(), batch, order)
        db.session.commit()
        return done(run.id)

    @staticmethod
    def _wrong_values(form: PlanForm, on: set[str]) -> Text | None:
        """What stands against these values; what is switched off says nothing."""
        form.validate()
        for one in form:
            if one.name not in on:
                one.errors = []
        if not on:
            return CHOOSE_A_FIELD
        return _("Look at the fields that are marked.") if any(one.errors for one in form) else None


def chosen(plan: Plan) -> Batch:
    """The rows that a form is about: those of an earlier page, all that match an address now, or those that were ticked."""
    form, session = request.form, db.session()
    if "batch" in form:
        number = whole_number(form["batch"])
        if number is None:
            raise NotFound
        return choosing.chosen(session, person(), plan, number)
    if form.get("all") == "1":
        return choosing.choose_all(session, person(), plan, Selection(person(), plan, _args(form.get("of", ""))).rows())
    ids = record_ids(form.getlist("ids"))
    if not ids or len(ids) > MOST:
        raise BadRequest(_("Tick at least one record, and at most {most}.", most=MOST))
    return choosing.choose(session, person(), plan, ids)


def _args(text: str) -> MultiDict[str, str]:
    try:
        return MultiDict(parse_qsl(text, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BadRequest(_("The list has too many filters.")) from None


def done(run_id: int) -> Any:
    """Lead to what became of it; the way back to the list is kept."""
    wish = next_address("")
    return redirect(f"/imports/{run_id}" + (f"?{urlencode({'next': wish})}" if wish else ""), 303)


def edit_form(plan: Plan, fields: list[Field], on: set[str], given: Any) -> PlanForm:
    """A form of these fields; what is switched on must be filled in where the field must be."""
    offered = {one.name: one for one in fields}

    def prepare(one: KindField) -> bool:
        if one.name not in offered:
            return False
        one.require(offered[one.name].required and one.name in on)
        return True

    return form_class(plan.model)(given, prepare=prepare, values={})


def _typed(form: PlanForm, on: set[str]) -> list[tuple[str, str]]:
    switches = [("on", one.name) for one in form if one.name in on]
    return [*switches, *(pair for one in form if one.name in on for pair in one.typed())]
