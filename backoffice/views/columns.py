"""The dialog of a list's columns, at ``/<resource>/columns``: which, in which order, how wide; and back to the usual ones."""

from __future__ import annotations

from typing import Any

from flask import make_response, request
from flask_admin import expose

from backoffice.access import fields_for
from backoffice.db import db
from backoffice.declare import Refused, _
from backoffice.declare.views import SavedView
from backoffice.errors import BadRequest
from backoffice.plan import Plan
from backoffice.views import column_choice, shelf
from backoffice.views.answers import Answers
from backoffice.views.column_choice import Chosen
from backoffice.views.common import clipped, person, whole_number
from backoffice.views.writing import gone_to, is_fragment, next_address


class ColumnPages(Answers):
    """The columns of one list."""

    plan: Plan

    @expose("/columns", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def columns_page(self) -> Any:
        """Ask which columns the person wants; remember them for this person and this list."""
        view = _view(self.plan)
        if request.method != "POST":
            return self._ask_columns(view, column_choice.shown_columns(person(), self.plan, view))
        deed = request.form.get("deed", "save")
        if deed == "reset":
            column_choice.forget(db.session(), person(), self.plan, view)
        elif deed == "width":
            column_choice.keep(db.session(), person(), self.plan, view, self._sized_columns(view))
        elif deed in {"save", ""}:
            if request.form.get("move"):
                return self._ask_columns(view, _moved(self._named_columns(view), request.form["move"]))
            chosen = self._named_columns(view)
            if not chosen:
                return self._ask_columns(view, [], Refused(_("Choose at least one column.")))
            column_choice.keep(db.session(), person(), self.plan, view, chosen)
        else:
            raise BadRequest(_("There is no filter “{name}” here.", name=clipped(deed)))
        db.session.commit()
        return make_response("", 204) if deed == "width" else gone_to(next_address(f"/{self.plan.name}/"))

    def _ask_columns(self, view: SavedView | None, chosen: list[Chosen], why: Refused | None = None) -> Any:
        names = [one.name for one in chosen]
        rest = [one for one in fields_for(person(), self.plan) if one.name not in names]
        return self.answer(
            "list/columns.html", 422 if why else 200, chosen=chosen, rest=rest, view=view, why=why, is_fragment=is_fragment(),
            next=next_address(f"/{self.plan.name}/"), most=column_choice.MOST,
        )

    def _named_columns(self, view: SavedView | None) -> list[Chosen]:
        """The columns that the form names, in its order, as wide as they were."""
        widths = {one.name: one.width for one in column_choice.shown_columns(person(), self.plan, view)}
        names = request.form.getlist("columns")
        known = {one.name: one for one in fields_for(person(), self.plan)}
        for name in names:
            if name not in known:
                raise BadRequest(_("There is no field “{name}” here.", name=clipped(name)))
        if len(set(names)) > column_choice.MOST:
            raise Refused(_("A list shows at most {most} columns.", most=column_choice.MOST))
        return [Chosen(known[name], widths.get(name)) for name in dict.fromkeys(names)]

    def _sized_columns(self, view: SavedView | None) -> list[Chosen]:
        """The columns as they are, one of them with another width; without one it is as wide as it needs."""
        name, text = request.form.get("name", ""), request.form.get("width", "")
        width = whole_number(text) if text else None
        if text and width is None:
            raise BadRequest(_("“{text}” is no width.", text=clipped(text)))
        return [Chosen(one.field, column_choice.within(width) if one.name == name else one.width) for one in column_choice.shown_columns(person(), self.plan, view)]


def _view(plan: Plan) -> SavedView | None:
    number = whole_number(request.args.get("view"))
    return next((one for one in shelf.within_reach(person(), plan) if one.id == number), None)


def _moved(chosen: list[Chosen], wish: str) -> list[Chosen]:
    """The columns with one of them a place up or down, for browsers without scripts."""
    way, _colon, name = wish.partition(":")
    at = next((at for at, one in enumerate(chosen) if one.name == name), None)
    if at is None or way not in {"up", "down"}:
        return chosen
    to = max(at - 1, 0) if way == "up" else min(at + 1, len(chosen) - 1)
    rest = [one for one in chosen if one.name != name]
    return [*rest[:to], chosen[at], *rest[to:]]
