"""One field of a record, changed where it stands in the list: the form's own control, rules, rights and version check."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask_admin import expose

from backoffice.access import Access, field_access, fields_for, get_record
from backoffice.db import db
from backoffice.declare import Model, Refused, Text, Verb, _
from backoffice.errors import Denied
from backoffice.plan import Field, Plan
from backoffice.views import cells, links
from backoffice.views.answers import Answers, in_full, is_masked
from backoffice.views.common import person, record_id
from backoffice.views.conflicts import Merge
from backoffice.views.converter import KindField, PlanForm
from backoffice.views.forms import is_hidden, make_form, put
from backoffice.views.writing import flush_within_reach, insist_open, locked, persistently, status_of

MOST_COLUMNS = 60


def writable(plan: Plan) -> list[Field]:
    """The fields that the person may write, as the form to edit has them."""
    who = person()
    return [one for one in plan.open_fields if field_access(who, plan, one, Verb.UPDATE) is Access.WRITE and not is_hidden(plan, one)]


class CellPages(Answers):
    """The control of one field at ``/<resource>/<id>/cell/<field>``, for the script of the list."""

    @expose("/<number>/cell/<field>", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def cell_page(self, number: str, field: str) -> Any:
        """Ask for the value; then keep it, and answer how the row looks now. What cannot be kept comes back with everything typed."""
        if request.method != "POST":
            record = get_record(db.session(), person(), self.plan, record_id(number), Verb.UPDATE)
            one = self._open_field(field)
            insist_open(record)
            form = make_form(self.plan, Verb.UPDATE, {one.name: getattr(record, one.name)}, record, only=one.name)
            return self._cell_control(form, one, record, record.version)
        record = locked(self.plan, number, Verb.UPDATE)
        one = self._open_field(field)
        insist_open(record)
        return self._keep_cell(one, record, Merge(self.plan, record))

    def _open_field(self, name: str) -> Field:
        one = next((one for one in writable(self.plan) if one.name == name), None)
        if one is None:
            raise Denied
        return one

    def _keep_cell(self, one: Field, record: Model, merge: Merge) -> Any:
        form = make_form(self.plan, Verb.UPDATE, merge.values, record, request.form, only=one.name)
        if not form.validate():
            return self._cell_control(form, one, record, merge.version, status=422)
        merge.compare(form)
        if merge.open:
            return self._cell_control(form, one, record, merge.version, status=409, merge=merge)
        try:
            put(record, merge.mine)
            flush_within_reach(self.plan, record, Verb.UPDATE)
        except Refused as no:
            db.session.rollback()
            form.refuse(no.why, one.name)
            return self._cell_control(form, one, record, merge.version, status=status_of(no))
        db.session.commit()
        return jsonify(cells=self._row_cells(record), said=str(_said(merge, form[one.name])))

    def _cell_control(self, form: PlanForm, one: Field, record: Model, version: int, status: int = 200, merge: Merge | None = None) -> Any:
        clash = merge.clashes[0] if merge is not None else None
        theirs = in_full(one, getattr(record, one.name), is_masked=is_masked(self.plan, one)) if clash else None
        return self.answer("list/cell.html", status, f=form[one.name], form=form, one=one, record=record, version=version, clash=clash, theirs=theirs)

    def _row_cells(self, record: Model) -> dict[str, str]:
        """The values of the row as the list draws them: rules may have changed others along."""
        wanted = request.form.get("columns", "").split(",")[:MOST_COLUMNS]
        fields = [one for one in fields_for(person(), self.plan) if one.name in wanted]
        reach = links.reachable(db.session(), person(), fields, [record])
        return {one.name: str(cells.column(person(), self.plan, one, reach.get(one.name))(record)) for one in fields}


def _said(merge: Merge, field: KindField) -> Text:
    """What is told once it is kept: what was accepted, but looks doubtful, comes first."""
    notice = field.kind.notice(field.data) if merge.mine and field.data is not None and not field.plan_field.is_link else None
    if notice is not None:
        return _("{field}: {why}", field=field.plan_field.label, why=notice[1])
    return _("Saved: {name}.", name=merge.record) if merge.mine else _("Nothing was changed: {name}.", name=merge.record)
