"""Forms to create and edit: what was typed is never lost, and nobody overwrites what they have not seen."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, jsonify, redirect, request
from flask_admin import expose

from backoffice.access import Access, can, field_access, get_record, require, right, scoped_query
from backoffice.db import db
from backoffice.declare import Invalid, Model, Personal, Refused, Text, Verb, _
from backoffice.errors import BadRequest, NotFound
from backoffice.plan import Field, Plan, plan_of
from backoffice.views.answers import Answers, in_full, is_masked
from backoffice.views.common import person, record_id, whole_number
from backoffice.views.conflicts import Merge
from backoffice.views.converter import KindField, PlanForm, form_class
from backoffice.views.words import labels, noun, sections
from backoffice.views.writing import (
    flush_within_reach,
    insist_open,
    is_fragment,
    locked,
    next_address,
    persistently,
    readable_address,
    status_of,
)


class FormPages(Answers):
    """Forms to create and edit records of the view's plan."""

    @expose("/new", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def new_page(self) -> Any:
        """Ask for a new record and keep it; the query may fill in fields (``?order=12``)."""
        require(person(), Verb.CREATE, self.plan)
        values = defaults(self.plan) | presets(self.plan)
        form = make_form(self.plan, Verb.CREATE, values, given=request.form if request.method == "POST" else None)
        if request.method != "POST":
            return self._form_page(form)
        if not form.validate():
            return self._form_page(form, status=422)
        record = self.plan.model()
        try:
            db.session.add(record)
            put(record, [one for one in form if one.data is not None])
            flush_within_reach(self.plan, record, Verb.CREATE)
        except Refused as no:
            db.session.rollback()
            form.refuse(no.why, no.field)
            return self._form_page(form, status=status_of(no))
        db.session.commit()
        if is_fragment():
            return jsonify(id=record.id, text=str(record)), 201
        flash(str(_("Created: {name}.", name=record)), "success")
        warn(list(form))
        if "another" in request.form:
            return redirect(request.full_path.removesuffix("?"))
        return redirect(next_address(readable_address(self.plan, record)))

    @expose("/<number>/edit", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def edit_page(self, number: str) -> Any:
        """Change a record; changes to other fields since the form was opened are merged, clashes are asked about."""
        if request.method != "POST":
            record = get_record(db.session(), person(), self.plan, record_id(number), Verb.UPDATE)
            insist_open(record)
            values = {one.name: getattr(record, one.name) for one in self.plan.open_fields}
            return self._form_page(make_form(self.plan, Verb.UPDATE, values, record), record, record.version)
        record = locked(self.plan, number, Verb.UPDATE)
        insist_open(record)
        merge = Merge(self.plan, record)
        form = make_form(self.plan, Verb.UPDATE, merge.values, record, request.form)
        if not form.validate():
            return self._form_page(form, record, merge.version, status=422)
        merge.compare(form)
        if merge.open:
            return self._conflict_page(merge, form)
        return self._keep(merge, form)

    def _keep(self, merge: Merge, form: PlanForm) -> Any:
        record = merge.record
        try:
            put(record, merge.mine)
            flush_within_reach(self.plan, record, Verb.UPDATE)
        except Refused as no:
            db.session.rollback()
            form.refuse(no.why, no.field)
            return self._form_page(form, record, merge.version, status=status_of(no))
        db.session.commit()
        flash(str(_("Saved: {name}.", name=record) if merge.mine else _("Nothing was changed: {name}.", name=record)), "success")
        kept = [one for one in merge.kept if field_access(person(), self.plan, one.field) >= Access.MASKED]
        if kept:
            flash(str(merge.kept_sentence(kept)), "info")
        warn(merge.mine)
        return redirect(next_address(readable_address(self.plan, record)))

    def _form_page(self, form: PlanForm, record: Model | None = None, version: int | None = None, status: int = 200) -> Any:
        title = _("Edit {name}", name=record) if record is not None else _("New {noun}", noun=noun(self.plan.resource.singular))
        back = next_address(readable_address(self.plan, record))
        return self.answer(
            "record/form.html", status, form=form, record=record, version=version, title=title, back=back,
            sections=sections(self.plan, list(form)), may_add_another=record is None and not is_fragment(), may_read=can(person(), Verb.READ, self.plan),
        )

    def _conflict_page(self, merge: Merge, form: PlanForm) -> Any:
        rest = [one for one in merge.mine if one.name not in {clash.name for clash in merge.clashes}]
        return self.answer(
            "record/conflict.html", 409, record=merge.record, merge=merge, rest=labels(one.plan_field for one in rest),
            theirs={clash.name: self._theirs(clash.other.field, merge.record) for clash in merge.clashes},
            typed=[pair for one in form if one.is_changed for pair in one.typed()],
        )

    def _theirs(self, one: Field, record: Model) -> Any:
        return in_full(one, getattr(record, one.name), is_masked=is_masked(self.plan, one))


def make_form(plan: Plan, purpose: Verb, values: dict[str, Any], record: Model | None = None, given: Any = None, *, only: str | None = None) -> PlanForm:
    """The form of the fields that the person may write (or of ``only`` one), filled with values, then with what was sent."""
    somebody = person()

    def prepare(one: KindField) -> bool:
        field = plan.fields[one.name]
        one.is_masked = record is not None and is_masked(plan, field)
        one.require(is_required(field, record))
        if field.numbered and record is None:
            one.render_kw = {"placeholder": str(_("Numbered by itself"))}
        return only in (None, one.name) and field_access(somebody, plan, field, purpose) is Access.WRITE and not is_hidden(plan, field)

    return form_class(plan.model)(given, prepare=prepare, values=values)


def is_hidden(plan: Plan, field: Field) -> bool:
    """Whether the person knows nothing of the field: personal data that the role does not see."""
    return field.personal is not None and right(person(), plan).personal is Personal.HIDDEN


def is_required(field: Field, record: Model | None) -> bool:
    """New records need more than those that came from an old system; what has a default may be blank only at first."""
    if record is None:
        return field.required
    return not field.nullable or (field.required and not record.from_history)


def put(record: Model, fields: list[KindField]) -> None:
    """Write what the form holds into the record; a link by its column too, for rules that look there."""
    with db.session.no_autoflush:
        for one in fields:
            setattr(record, one.plan_field.name, one.data)
            if one.plan_field.is_link:
                setattr(record, one.plan_field.column, one.data and one.data.id)


def warn(fields: list[KindField]) -> None:
    """Tell what was accepted but looks doubtful."""
    for one in fields:
        notice = one.kind.notice(one.data) if one.data is not None and not one.plan_field.is_link else None
        if notice is not None:
            flash(str(_("{field}: {why}", field=one.plan_field.label, why=notice[1])), "warning")


def defaults(plan: Plan) -> dict[str, Any]:
    """What a new record begins with: the declared values, and links that the person's own record has by the same name (one's branch, say)."""
    fixed = {one.name: one.default for one in plan.open_fields if one.default is not None}
    own = current_app.extensions["plans"].accounts.fields
    shared = [one for one in plan.open_fields if one.is_link and one.required and one.name in own and own[one.name].target is one.target]
    return fixed | {one.name: getattr(person(), one.name) for one in shared}


def presets(plan: Plan) -> dict[str, Any]:
    """The fields that the address fills in: links by their id, others as text."""
    return {one.name: _preset(one, text) for one in plan.open_fields if (text := request.args.get(one.name))}


def _preset(one: Field, text: str) -> Any:
    if one.target is None:
        try:
            return one.kind.parse(text)
        except Invalid as no:
            raise BadRequest(Text("{field}: {why}", field=one.label, why=no.why)) from no
    target = plan_of(one.target)
    query = scoped_query(person(), target).where(target.model.id == (whole_number(text) or 0))
    if (found := db.session.scalars(query).first()) is None:
        raise NotFound
    return found
