"""The records that belong to one record, as tables on its page, with what may be done to them right there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from markupsafe import Markup
from sqlalchemy import Select, func, inspect, select

from backoffice.access import can, can_act, fields_for, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Text, Verb
from backoffice.plan import Action, Children, Field, Plan, plan_of
from backoffice.views import cells
from backoffice.views.beginning import may_add
from backoffice.views.common import page_number, person
from backoffice.views.links import loading, reachable
from backoffice.views.ordering import keyed
from backoffice.views.paging import first_ids

ROWS = 10
MOST = 1000
"""Rows that a table counts and turns the pages of; of more it shows the first."""


@dataclass(frozen=True)
class Related:
    """One table: the rows of a page, how many there are in all, and what may be done to each and to several.

    A folded one is read when somebody opens it (``is_open``).
    """

    name: str
    label: Text
    plan: Plan
    back: str
    columns: list[Field]
    rows: Sequence[Model]
    count: int
    page: int
    may_read: bool
    may_add: bool
    open_links: dict[str, frozenset[int]]
    actions: dict[int, list[Action]] = field(default_factory=dict)
    is_folded: bool = False
    is_open: bool = True

    def cell(self, one: Field, row: Model) -> Markup:
        """A value of a row; the first column leads to the row's own page."""
        html = cells.cell(person(), self.plan, one, row, self.open_links.get(one.name))
        if one is not self.columns[0] or one.is_link:
            return html
        return Markup('<a href="{}">{}</a>').format(cells.address(self.plan, row.id), html)

    def style(self, one: Field) -> str:
        """The class of a column."""
        return cells.style(one)

    @property
    def total(self) -> str:
        """How many rows there are, as far as they are counted."""
        return f"{MOST:,}+" if self.count > MOST else f"{self.count:,}"

    @property
    def pages(self) -> int:
        """How many pages the rows fill."""
        return max(1, -(-min(self.count, MOST) // ROWS))

    @property
    def bulk(self) -> list[Action]:
        """The actions that may be run on several of the rows."""
        found = {one.name: one for actions in self.actions.values() for one in actions if one.spec.bulk}
        return list(found.values())

    def address_of_page(self, page: int) -> str:
        """This page of the record with another page of the table."""
        others = {name: text for name, text in request.args.items() if name.endswith("_page")}
        return f"?{urlencode({**others, f'{self.name}_page': page})}#{self.name}"


def related(plan: Plan, record: Model) -> list[Related]:
    """The tables of all nouns that point to the record and that the person may read or add to.

    Below a timeline they are folded, but for those that the noun puts first.
    """
    known, page = current_app.extensions["plans"], plan.resource.page
    found = ((one, plan_of(one.target)) for one in plan.children)
    theirs = ((one, target) for one, target in found if target.name in known and _is_theirs(target))
    return [_table(one, target, record, is_folded=page is not None and one.name not in page.first) for one, target in theirs]


def _is_theirs(target: Plan) -> bool:
    return can(person(), Verb.READ, target) or can(person(), Verb.CREATE, target)


def _table(one: Children, target: Plan, record: Model, *, is_folded: bool) -> Related:
    back = target.fields[one.back]
    mine = scoped_query(person(), target).where(getattr(target.model, back.column) == record.id)
    counted = mine.with_only_columns(target.model.id).limit(MOST + 1)
    count = db.session.scalar(select(func.count()).select_from(counted.subquery())) or 0
    page = min(page_number(f"{one.name}_page"), MOST // ROWS)
    seen = {field.name for field in fields_for(person(), target)}
    columns = [field for field in target.columns if field.name in seen and field.name != back.name]
    is_open = not is_folded or f"{one.name}_page" in request.args
    rows = _rows(mine, one, target, record, columns, page) if count and is_open else []
    open_links = reachable(db.session(), person(), columns, rows)
    may_read = can(person(), Verb.READ, target)
    return Related(
        one.name, one.label, target, back.name, columns, rows, count, page, may_read, may_add(target, back, record), open_links,
        _actions(target, rows), is_folded, is_open,
    )


def _rows(query: Select[Any], one: Children, target: Plan, record: Model, columns: list[Field], page: int) -> list[Model]:
    """The rows of a page, in the order that the link declares, else in that of the noun's own list."""
    number, options = target.model.id, loading(target, columns)
    declared = inspect(type(record)).relationships[one.name].order_by
    if declared:
        query = query.order_by(*declared, number).options(*options).limit(ROWS).offset((page - 1) * ROWS)
        return list(db.session.scalars(query).unique())
    ids = first_ids(db.session(), *keyed(query, target, target.resource.order), ROWS, (page - 1) * ROWS)
    found = {row.id: row for row in db.session.scalars(select(target.model).where(number.in_(ids)).options(*options)).unique()}
    return [found[at] for at in ids if at in found]


def _actions(target: Plan, rows: Sequence[Model]) -> dict[int, list[Action]]:
    """What may be done to each row: what the role is offered, the row is the person's, and its state lets happen."""
    mine = [one for one in target.actions.values() if can_act(person(), one, target)]
    if not mine or not rows:
        return {}
    query = scoped_query(person(), target, Verb.ACT).where(target.model.id.in_([row.id for row in rows]))
    reached = set(db.session.scalars(query.with_only_columns(target.model.id)))
    found = {row.id: [one for one in mine if one.spec.fits(row)] for row in rows if row.id in reached}
    return {number: actions for number, actions in found.items() if actions}
