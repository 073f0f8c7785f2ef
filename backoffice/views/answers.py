"""What the pages of one record have in common: how they answer, and how a value is shown in full."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, make_response
from markupsafe import Markup

from backoffice.access import Access, can, field_access, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Verb
from backoffice.declare.kinds import Instant, Verbatim
from backoffice.plan import Field, Plan, plan_of
from backoffice.views import cells
from backoffice.views.common import person
from backoffice.views.writing import address

_INSTANT = Instant()


class Answers:
    """A mix-in of the pages of one noun."""

    plan: Plan
    render: Any

    def answer(self, template: str, status: int = 200, **values: Any) -> Response:
        """Render a template with what all of them use."""
        html = self.render(template, plan=self.plan, moment=moment, address=address, in_full=in_full, **values)
        return make_response(html, status)


def moment(value: datetime | None) -> str:
    """A moment in the zone of the house."""
    return "" if value is None else _INSTANT.show(value)


def in_full(one: Field, value: Any, *, is_masked: bool = False) -> Markup:
    """A value on a page of its own: long texts whole and line by line, other records as links where they may be opened."""
    if value is None or value == "":
        return cells.NONE
    if is_masked:
        return Markup('<span class="masked">{}</span>').format(one.kind.mask(value))
    if one.is_link:
        return cells.linked(one, value, is_open=may_open(value))
    if isinstance(one.kind, Verbatim):
        return Markup('<div class="verbatim">{}</div>').format(value)
    return cells.shown(one, value)


def may_open(record: Model) -> bool:
    """Whether the person reaches the page of a record."""
    plan = plan_of(type(record))
    if not can(person(), Verb.READ, plan):
        return False
    query = scoped_query(person(), plan, archived=None).where(plan.model.id == record.id).with_only_columns(plan.model.id)
    return db.session.scalars(query).first() is not None


def is_masked(plan: Plan, one: Field) -> bool:
    """Whether the person sees only a mask of the field."""
    return field_access(person(), plan, one) is Access.MASKED
