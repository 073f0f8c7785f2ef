"""Answers for pickers: records by what somebody types, best match first, by name and never with personal data.

Of those that match alike, what the person chose or opened lately comes first, then one's own. Before
anything is typed these are offered alone. A browser remembers what was chosen, by number; whether a number may be
seen is asked here each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, jsonify, request
from flask_admin import expose
from sqlalchemy import ColumnElement, case, func, or_, select

from backoffice.access import Access, can, field_access, scoped_query
from backoffice.db import db
from backoffice.declare import Code, Invalid, Line, Model, Verb, _
from backoffice.errors import BadRequest
from backoffice.plan import Field, Plan
from backoffice.search import among
from backoffice.views import links
from backoffice.views.common import page_number, person, titled, whole_number
from backoffice.views.finding import best
from backoffice.views.matching import cleaned
from backoffice.views.ordering import ordered
from backoffice.views.search import facts, pieces

PER_ANSWER = 20
SUGGESTED = 10
MOST_RECENT = 30
SMALL = 50
"""Records of a noun that are offered all, before anything is typed."""
NEWEST = 500
"""Of larger ones the newest are looked through for the person's own."""


class PickerPages:
    """The options at ``/<resource>/options?q=&page=&recent=``: ``{"results": [{"id", "text", "parts", "note"}], "more": bool, "new": address}``.

    ``recent`` are the numbers of records that were chosen lately, last first. With it, and without a text, the answer is what to begin with.
    """

    plan: Plan

    @expose("/options")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def options(self) -> Response:
        """The records that match, twenty at a time; for an empty text those that are likely, if they are asked for."""
        who, plan = person(), self.plan
        text, number, recent = cleaned(request.args.get("q")), page_number(), _numbers(request.args.get("recent"))
        told = _told(who, plan)
        loads = links.lean(plan, [*told, *plan.key])
        if text:
            found = best(who, plan, text, PER_ANSWER + 1, skipped=(number - 1) * PER_ANSWER, loads=lambda: loads, before=_before(who, plan, recent), favored=recent)
        else:
            found = list(_likely(who, plan, recent, loads)) if "recent" in request.args else []
        most = PER_ANSWER if text else len(found)
        results = [_option(plan, one, told, text) for one in found[:most]]
        return jsonify(results=results, more=len(found) > most, new=_new(who, plan, text))


def _numbers(text: str | None) -> list[int]:
    """The numbers of an address; raises :class:`BadRequest` for what is none."""
    numbers = [whole_number(one) for one in text.split(",")] if text else []
    if None in numbers or len(numbers) > MOST_RECENT:
        raise BadRequest(_("“{name}” holds numbers of records, at most {most}.", name="recent", most=MOST_RECENT))
    return [one for one in numbers if one is not None]


def _before(who: Any, plan: Plan, recent: Sequence[int]) -> list[ColumnElement[Any]]:
    """What stands first: what was chosen lately, the last first, then the person's own."""
    lately = [case({number: at for at, number in enumerate(recent)}, value=plan.model.id, else_=len(recent))] if recent else []
    own = [condition for one in plan.fields.values() if (condition := _own(who, plan, one)) is not None]
    return [*lately, *([case((or_(*own), 0), else_=1)] if own else [])]


def _own(who: Any, plan: Plan, one: Field) -> ColumnElement[bool] | None:
    """Rows that this link makes the person's own: it leads to the person, or to where the person's own record leads by the same name."""
    people = current_app.extensions["plans"].accounts
    if one.target is None or field_access(who, plan, one) < Access.READ:
        return None
    shared = people.fields.get(one.name)
    if shared is not None and shared.target is one.target:
        value = getattr(who, shared.column, None)
        return None if value is None else getattr(plan.model, one.column) == value
    return getattr(plan.model, one.column) == who.id if one.target is people.model else None


def _likely(who: Any, plan: Plan, recent: Sequence[int], loads: Sequence[Any]) -> Iterator[Model]:
    """All records of a small noun in its own order; of a larger one those chosen lately, then the newest of one's own."""
    number = plan.model.id
    count = db.session.scalar(select(func.count()).select_from(select(number).limit(SMALL + 1).subquery())) or 0
    if count <= SMALL:
        query = ordered(scoped_query(who, plan), plan, plan.resource.order or tuple(one.name for one in plan.key))
        return iter(db.session.scalars(query.options(*loads)).unique())
    near = [*recent, *db.session.scalars(select(number).order_by(number.desc()).limit(NEWEST))]
    rows = scoped_query(who, plan).where(among(number, near, db.engine.dialect.name))
    return iter(db.session.scalars(rows.order_by(*_before(who, plan, recent), number.desc()).options(*loads).limit(SUGGESTED)).unique())


def _told(who: Any, plan: Plan) -> list[Field]:
    """What is told of a record beside its name, so that two of one name are known apart."""
    return [one for one in facts(who, plan) if one.personal is None]


def _option(plan: Plan, record: Model, told: Sequence[Field], text: str) -> dict[str, Any]:
    name = str(record) or plan.key_of(record)
    values = ((one, getattr(record, one.name)) for one in told)
    note = " · ".join(str(value) if one.is_link else one.kind.show(value) for one, value in values if value not in (None, ""))
    return {"id": record.id, "text": name, "parts": pieces(name, text), "note": note}


def _new(who: Any, plan: Plan, text: str) -> str | None:
    """The form of a new record, with what was typed where it fits; None for whoever may not make one, or not see it then."""
    if not (can(who, Verb.CREATE, plan) and can(who, Verb.READ, plan)):
        return None
    names = dict.fromkeys((*(one.name for one in titled(plan)), *plan.resource.search))
    fields = [one for name in names if (one := plan.fields.get(name)) is not None and not one.is_link and not one.numbered]
    fitting = (one for one in sorted(fields, key=lambda one: isinstance(one.kind, Line)) if _fits(who, plan, one, text))
    first = next(fitting, None)
    return f"/{plan.name}/new" + (f"?{urlencode({first.name: text})}" if first else "")


def _fits(who: Any, plan: Plan, one: Field, text: str) -> bool:
    """Whether the text may be a value of the field; a code has a digit at least."""
    if not text or (isinstance(one.kind, Code) and not any(sign.isdigit() for sign in text)):
        return False
    if field_access(who, plan, one, Verb.CREATE) is not Access.WRITE:
        return False
    try:
        return bool(one.kind.parse(text))
    except Invalid:
        return False
