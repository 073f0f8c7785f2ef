"""The list of a noun: search, filters, order, pages, ticked rows."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, jsonify, redirect, request
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import select

from backoffice.access import can
from backoffice.db import db
from backoffice.declare import Model, Verb
from backoffice.plan import Field, Plan
from backoffice.views import cells, links
from backoffice.views.bulk import work_on
from backoffice.views.cell_editing import writable
from backoffice.views.column_choice import Chosen, shown_columns
from backoffice.views.common import person
from backoffice.views.counting import total_of
from backoffice.views.drawing import drawn, joined
from backoffice.views.filter_panel import controls
from backoffice.views.jumping import control_of
from backoffice.views.paging import Page, read_page
from backoffice.views.selection import Selection, is_sortable
from backoffice.views.shelf import shelf, team_label, way_to


@dataclass(frozen=True)
class Column:
    """A column of the list: its field, how it stands, and where a click on its head leads."""

    field: Field
    style: str
    sort: str | None
    direction: str
    width: int | None = None

    @functools.cached_property
    def opening(self) -> Markup:
        """How each of its cells begins; on a phone the label stands beside the value."""
        return drawn('<td class="%s" data-label="%s">', self.style, self.field.label)


CLOSING = Markup("</td>")


class ListPages:
    """The list at ``/<resource>/``."""

    plan: Plan
    render: Any

    @expose("/")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def list_page(self) -> Any:
        """Show the rows that the person reaches; a page past the end is a 404 that leads back."""
        who, plan = person(), self.plan
        if (there := way_to(who, plan, request.args)) is not None:
            return redirect(there)
        selection = Selection(who, plan, request.args)
        over = shelf(who, plan, selection)
        page = read_page(db.session(), selection)
        chosen = shown_columns(who, plan, over.current)
        fields = [one.field for one in chosen]
        records = _records(plan, fields, page)
        reach = links.reachable(db.session(), who, fields, records)
        draws = [cells.column(who, plan, one, reach.get(one.name)) for one in fields]
        shown = columns(selection, chosen)
        rows = [_row(record, shown, [draw(record) for draw in draws]) for record in records]
        html = self.render(
            "list/list.html", plan=plan, selection=selection, page=page, total=total_of(db.session(), selection, page), jump=control_of(page.key),
            rows=rows, columns=shown, controls=controls(who, plan, selection), bulk=work_on(who, selection),
            open_cells=frozenset() if selection.is_archived else frozenset(one.name for one in writable(plan)),
            shelf=over, team_label=team_label,
            may=lambda verb: can(who, Verb[verb], plan),
        )
        return str(html), 404 if page.is_past else 200

    @expose("/count")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def count_page(self) -> Response:
        """How many rows the selection has, exactly, for whoever asks."""
        number = Selection(person(), self.plan, request.args).count(db.session())
        return jsonify(count=number, text=f"{number:,}")


def _records(plan: Plan, fields: list[Field], page: Page) -> list[Model]:
    """What is shown of the rows of the page, and no other column."""
    query = select(plan.model).where(plan.model.id.in_(page.ids)).options(*links.lean(plan, fields, is_strict=current_app.testing))
    found = {record.id: record for record in db.session.scalars(query)} if page.ids else {}
    return [found[number] for number in page.ids if number in found]


def _row(record: Model, shown: list[Column], cells: list[Markup]) -> tuple[Model, Markup, Markup]:
    """A record, what its link says, and its other cells in one piece: a page has five hundred."""
    pairs = zip(shown[1:], cells[1:], strict=True)
    return record, cells[0], joined([piece for column, cell in pairs for piece in (column.opening, cell, CLOSING)])


def columns(selection: Selection, chosen: list[Chosen]) -> list[Column]:
    """The columns, each with the address that sorts by it: upward first, then downward."""
    return [_column(selection, one.field, one.width) for one in chosen]


def _column(selection: Selection, one: Field, width: int | None) -> Column:
    current = selection.sort or next(iter(selection.plan.resource.order), "")
    direction = {one.name: "ascending", f"-{one.name}": "descending"}.get(current, "none")
    style = cells.style(one) if width is None else f"{cells.style(one)} sized c-{one.name}"
    if not is_sortable(selection.person, selection.plan, one):
        return Column(one, style, None, direction, width)
    turned = f"-{one.name}" if direction == "ascending" else one.name
    return Column(one, style, selection.address(sort=turned), direction, width)
