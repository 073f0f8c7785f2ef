"""The records that belong to one record, as tables on its page, with what may be done to them right there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from markupsafe import Markup
from sqlalchemy import Select, func, inspect, select

from backoffice.access import Access, can, can_act, field_access, fields_for, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Text, Verb
from backoffice.plan import Action, Children, Field, Plan, plan_of
from backoffice.views import cells
from backoffice.views.common import page_number, person
from backoffice.views.links import loading, reachable
from backoffice.views.ordering import ordered

ROWS = 10


@dataclass(frozen=True)
class Related:
    """One table: the rows of a page, how many there are in all, and what may be done to each and to several."""

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
    def pages(self) -> int:
        """How many pages the rows fill."""
        return max(1, -(-self.count // ROWS))

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
    """The tables of all nouns that point to the record and that the person may read or add to."""
    known = current_app.extensions["plans"]
    found = ((one, plan_of(one.target)) for one in plan.children)
    return [_table(one, target, record) for one, target in found if target.name in known and _is_theirs(target)]


def _is_theirs(target: Plan) -> bool:
    return can(person(), Verb.READ, target) or can(person(), Verb.CREATE, target)


def _table(one: Children, target: Plan, record: Model) -> Related:
    back = target.fields[one.back]
    mine = scoped_query(person(), target).where(getattr(target.model, back.column) == record.id)
    count = db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    page = page_number(f"{one.name}_page")
    may_add = record.archived_at is None and can(person(), Verb.CREATE, target) and field_access(person(), target, back, Verb.CREATE) is Access.WRITE
    seen = {field.name for field in fields_for(person(), target)}
    columns = [field for field in target.columns if field.name in seen and field.name != back.name]
    query = _ordered(mine, one, target, record).options(*loading(target, columns)).limit(ROWS).offset((page - 1) * ROWS)
    rows = db.session.scalars(query).unique().all()
    open_links = reachable(db.session(), person(), columns, rows)
    may_read = can(person(), Verb.READ, target)
    return Related(one.name, one.label, target, back.name, columns, rows, count, page, may_read, may_add, open_links, _actions(target, rows))


def _ordered(query: Select[Any], one: Children, target: Plan, record: Model) -> Select[Any]:
    """In the order that the link declares, else in that of the noun's own list."""
    declared = inspect(type(record)).relationships[one.name].order_by
    return query.order_by(*declared, target.model.id) if declared else ordered(query, target, target.resource.order)


def _actions(target: Plan, rows: Sequence[Model]) -> dict[int, list[Action]]:
    """What may be done to each row: what the role is offered, the row is the person's, and its state lets happen."""
    mine = [one for one in target.actions.values() if can_act(person(), one, target)]
    if not mine or not rows:
        return {}
    query = scoped_query(person(), target, Verb.ACT).where(target.model.id.in_([row.id for row in rows]))
    reached = set(db.session.scalars(query.with_only_columns(target.model.id)))
    found = {row.id: [one for one in mine if one.spec.fits(row)] for row in rows if row.id in reached}
    return {number: actions for number, actions in found.items() if actions}
