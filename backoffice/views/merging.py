"""Merging two records: which one, what stays and what moves, the deed, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, redirect, request
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import select

from backoffice import merging
from backoffice.access import get_record
from backoffice.db import db
from backoffice.declare import Line, Model, Refused, Verb, _
from backoffice.errors import NotFound
from backoffice.merging import Merged, Side
from backoffice.merging.pointing import count, met, pointers
from backoffice.merging.rights import insist_role
from backoffice.plan import Field, Plan
from backoffice.views.answers import Answers
from backoffice.views.common import person, record_id, whole_number
from backoffice.views.converter import PlanForm, control_for
from backoffice.views.merging_pairs import pairs_of
from backoffice.views.merging_words import Looks, open_personal
from backoffice.views.words import labels
from backoffice.views.writing import address, gone_to, locked, persistently

CHANGED = "changed"
FEW = 10
STAYS = "stays-"
UNDO = Markup('{} <a href="{}">{}</a>')


@dataclass(frozen=True)
class Preview:
    """What a merge would do. ``moved`` counts by noun what points at the record that goes; ``left`` names what cannot follow."""

    kept: Model
    gone: Model
    choices: list[merging.Choice]
    looks: Looks
    same: str
    moved: list[tuple[Any, int]]
    left: list[tuple[Any, str]]
    answers: Mapping[str, str]

    def is_chosen(self, choice: merging.Choice, side: Side) -> bool:
        """Whether this side is ticked: as sent, else as suggested."""
        answer = self.answers.get(choice.name)
        return side == (answer if answer in choice.sides else choice.side)


class MergePages(Answers):
    """``/<resource>/<id>/merge`` lets another record go into this one; ``/<resource>/<id>/unmerge/<merge>`` takes it back."""

    needs = "merge"

    @expose("/<number>/merge", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def merge_page(self, number: str) -> Any:
        """Ask for the other record, show what would become of both, then do it."""
        insist_role(person(), self.plan)
        if request.method == "POST":
            return self._merge(number)
        kept = get_record(db.session(), person(), self.plan, record_id(number), Verb.UPDATE)
        form = _form(self.plan)
        if not request.args.get("other") and not request.args.get("other_key"):
            return self._ask(kept, form)
        if not form.validate() or (gone := form["other"].data) is None:
            return self._ask(kept, form, status=422)
        try:
            merging.insist(db.session(), person(), self.plan, kept, gone)
        except Refused as no:
            form.refuse(no.why, no.field)
            return self._ask(kept, form, status=422)
        looks = open_personal(self.plan, (kept, gone))
        kept, gone = (get_record(db.session(), person(), self.plan, one.id, Verb.UPDATE) for one in (kept, gone))
        return self._preview(kept, gone, looks)

    def _merge(self, number: str) -> Any:
        kept_id, gone_id = record_id(number), record_id(request.form.get("other"))
        found = {one: locked(self.plan, one, Verb.UPDATE) for one in sorted({kept_id, gone_id})}
        kept, gone = found[kept_id], found[gone_id]
        try:
            merging.insist(db.session(), person(), self.plan, kept, gone)
            _insist_unchanged(kept, gone)
            merged = merging.merge(db.session(), person(), self.plan, kept, gone, _answers())
        except Refused as no:
            db.session.rollback()
            return self._refused(kept_id, gone_id, no)
        db.session.commit()
        undo = address(self.plan, kept, "unmerge", merged.id)
        flash(UNDO.format(_("{gone} was merged into {kept}.", gone=merged.gone_name, kept=merged.kept_name), undo, _("Undo")), "success")
        return redirect(address(self.plan, kept))

    def _refused(self, kept_id: int, gone_id: int, no: Refused) -> Any:
        kept, gone = (get_record(db.session(), person(), self.plan, one, Verb.UPDATE) for one in (kept_id, gone_id))
        if no.code in ("same_record", "merged", "archived"):
            form = _form(self.plan)
            form.refuse(no.why)
            return self._ask(kept, form, status=422)
        return self._preview(kept, gone, Looks(self.plan, is_open=False), no, status=409 if no.code == CHANGED else 422)

    @expose("/<number>/unmerge/<merge>", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def unmerge_page(self, number: str, merge: str) -> Any:
        """Say what would come back, then bring it back."""
        insist_role(person(), self.plan)
        merged = db.session.get(Merged, record_id(merge))
        if merged is None or (merged.resource, merged.kept_id) != (self.plan.name, record_id(number)):
            raise NotFound
        kept = get_record(db.session(), person(), self.plan, merged.kept_id, Verb.UPDATE)
        if request.method != "POST":
            outcome = merging.look(db.session(), person(), self.plan, merged)
            return self.answer("merging/unmerge.html", record=kept, merged=merged, outcome=outcome, nouns=_nouns(outcome.back, self.plan), labels=labels)
        for one in sorted((merged.kept_id, merged.gone_id)):
            _lock(self.plan, one)
        db.session.refresh(merged)
        outcome = merging.undo(db.session(), person(), self.plan, merged)
        db.session.commit()
        flash(str(_("{name} stands by itself again.", name=merged.gone_name)), "success")
        if outcome.stays:
            flash(str(_("{count} records stay as they are, for they were changed since.", count=len(outcome.stays))), "warning")
        return gone_to(address(self.plan, kept))

    def _ask(self, kept: Model, form: PlanForm, status: int = 200) -> Any:
        return self.answer("merging/ask.html", status, record=kept, form=form, pairs=pairs_of(self.plan, kept))

    def _preview(self, kept: Model, gone: Model, looks: Looks, no: Refused | None = None, status: int = 200) -> Any:
        preview = preview_of(self.plan, kept, gone, looks, _answers() if no is not None else {})
        return self.answer("merging/preview.html", status, record=kept, preview=preview, no=no, days=self.plan.resource.merge.days)  # type: ignore[union-attr]  # insist_role has asked


def preview_of(plan: Plan, kept: Model, gone: Model, looks: Looks, answers: Mapping[str, str]) -> Preview:
    """What merging would do, as the person may know it."""
    session, plans = db.session(), current_app.extensions["plans"]
    chosen = merging.choices(person(), plan, kept, gone)
    differ = {one.name for choice in chosen for one in choice.fields}
    same = [one for one in looks.fields if one.name not in differ and not one.locked and not one.is_system]
    same = [one for one in same if getattr(kept, one.column) is not None and getattr(kept, one.column) == getattr(gone, one.column)]
    moved: dict[str, int] = {}
    left: list[tuple[Any, str]] = []
    for pointer in pointers(plans, plan):
        moved[pointer.plan.name] = moved.get(pointer.plan.name, 0) + count(session, pointer, gone.id)
        left += [(pointer.plan.resource.singular, str(session.get(pointer.plan.model, one.left_id))) for one in met(session, pointer, gone.id, kept.id)]
    nouns = [(plans[name].resource.plural, number) for name, number in moved.items() if number]
    return Preview(kept, gone, chosen, looks, labels(same), nouns, left[:FEW], answers)


def _answers() -> dict[str, str]:
    """What the form says of each choice."""
    return {name.removeprefix(STAYS): value for name, value in request.form.items() if name.startswith(STAYS)}


def _form(plan: Plan) -> PlanForm:
    other = Field("other", _("The other record"), Line(), plan.model, "other", required=True, nullable=False)
    return type("OtherForm", (PlanForm,), {"other": control_for(other)})(request.args)  # type: ignore[no-any-return]  # WTForms is untyped


def _lock(plan: Plan, number: int) -> None:
    """Lock a record; the one that went the person may not reach any more, for what belonged to it has moved."""
    db.session.scalars(select(plan.model).where(plan.model.id == number).with_for_update(of=plan.model).execution_options(populate_existing=True)).first()


def _insist_unchanged(kept: Model, gone: Model) -> None:
    """Refuse what was decided on an older look at either record."""
    seen = [whole_number(request.form.get(name)) for name in ("version", "other_version")]
    if seen != [kept.version, gone.version]:
        raise Refused(_("One of the records has changed since you opened this page. Look again, and merge once more if it still holds."), code=CHANGED)


def _nouns(counts: Mapping[str, int], plan: Plan) -> list[tuple[Any, int]]:
    """What goes back, without the two records themselves."""
    plans = current_app.extensions["plans"]
    beside = {name: number - 2 if name == plan.name else number for name, number in counts.items()}
    return [(plans[name].resource.plural, number) for name, number in beside.items() if number > 0]
