"""Answers for pickers: records by what somebody types, best match first, by name and never with personal data."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_admin import expose
from sqlalchemy import ColumnElement, Select, case, or_

from backoffice.access import scoped_query
from backoffice.db import db
from backoffice.declare import Code, Invalid, Line, fold
from backoffice.plan import Field, Plan
from backoffice.views import links
from backoffice.views.common import page_number, person, titled
from backoffice.views.matching import cleaned, escaped, matching

PER_ANSWER = 20


class PickerPages:
    """The options at ``/<resource>/options?q=&page=``: ``{"results": [{"id", "text"}], "more": bool}``."""

    plan: Plan

    @expose("/options")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def options(self) -> Response:
        """The records that match, twenty at a time; nothing for an empty text."""
        text, number = cleaned(request.args.get("q")), page_number()
        found = _found(person(), self.plan, text, number) if text else []
        results = [{"id": record.id, "text": str(record) or self.plan.key_of(record)} for record in found[:PER_ANSWER]]
        return jsonify(results=results, more=len(found) > PER_ANSWER)


def _found(who: Any, plan: Plan, text: str, number: int) -> list[Any]:
    query = best_first(scoped_query(who, plan).where(matching(who, plan, text)), plan, text)
    query = query.options(*links.naming(plan)).limit(PER_ANSWER + 1).offset((number - 1) * PER_ANSWER)
    return list(db.session.scalars(query))


def best_first(query: Select[Any], plan: Plan, text: str) -> Select[Any]:
    """The same rows: those called exactly so, then those that begin so, then the others, newest first."""
    names = [one for one in dict.fromkeys((*plan.key, *titled(plan))) if not one.is_link and one.personal is None]
    exactly = [condition for one in names if (condition := _is(plan, one, text)) is not None]
    begins = [getattr(plan.model, one.column).ilike(f"{escaped(text)}%", escape="\\") for one in names if isinstance(one.kind, (Code, Line))]
    ranks = [(or_(*some), rank) for rank, some in enumerate((exactly, begins)) if some]
    return query.order_by(case(*ranks, else_=2), plan.model.id.desc()) if ranks else query.order_by(plan.model.id.desc())


def _is(plan: Plan, one: Field, text: str) -> ColumnElement[bool] | None:
    try:
        return getattr(plan.model, one.column) == one.kind.parse(text) if fold(text) else None
    except Invalid:
        return None
