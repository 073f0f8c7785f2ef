"""How a page writes: the row is locked first, the rules run, and the record stays within the person's reach."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

from flask import make_response, redirect, request
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.urls import iri_to_uri

from backoffice import integrity, merging
from backoffice.access import can, get_record, reaches
from backoffice.accounts.redirects import inside
from backoffice.db import db
from backoffice.declare import Model, Refused, Verb, _
from backoffice.errors import BadRequest, Stale
from backoffice.plan import Plan
from backoffice.views.common import person, record_id, whole_number

P = ParamSpec("P")
R = TypeVar("R")
OUTSIDE: Final = "outside"


def locked(plan: Plan, number: str | int, purpose: Verb) -> Model:
    """The record, locked against every other writer until the end of the transaction.

    Raises NotFound or Denied as :func:`backoffice.access.get_record` does.
    """
    here = record_id(number)
    db.session.scalars(
        select(plan.model).where(plan.model.id == here).with_for_update(of=plan.model).execution_options(populate_existing=True)
    ).first()
    return get_record(db.session(), person(), plan, here, purpose)


def insist_open(record: Model) -> None:
    """Refuse to change an archived record."""
    merging.insist_open(db.session(), record)


def flush(plan: Plan) -> None:
    """Write what has changed; what the database refuses becomes a :class:`Refused` with a sentence."""
    integrity.flush(db.session(), plan)


def flush_within_reach(plan: Plan, record: Model, purpose: Verb) -> None:
    """Write, and refuse what would put the record where the person may not change it."""
    flush(plan)
    if not reaches(db.session(), person(), plan, record, purpose):
        raise Refused(_("Saved like this, the record would belong to somebody else. You may only keep records that are yours."), code=OUTSIDE)


def status_of(no: Refused) -> int:
    """The HTTP status of a refusal: 403 where it is about whose the record is, else 422."""
    return 403 if no.code == OUTSIDE else 422


def version_sent(record: Model, name: str = "version") -> int:
    """The version of the record that the form showed; raises BadRequest for what cannot be one."""
    number = whole_number(request.form.get(name))
    if number is None or number > record.version:
        raise BadRequest(_("The form does not say which version of the record it showed. Reload the page and try again."))
    return number


def persistently(page: Callable[P, R]) -> Callable[P, R]:
    """Run the page once more where another writer slipped in between reading and writing; then it is a 409."""

    @functools.wraps(page)
    def twice(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return page(*args, **kwargs)
        except StaleDataError:
            db.session.rollback()
        try:
            return page(*args, **kwargs)
        except StaleDataError:
            raise Stale from None

    return twice


def next_address(default: str) -> str:
    """Where the person wants to go afterwards: an address of this site, else the default."""
    wish = request.values.get("next", "")
    return wish if wish and inside(wish) == wish else default


def address(plan: Plan, record: Model | None = None, *more: Any) -> str:
    """``/orders/``, ``/orders/7``, ``/orders/7/edit``."""
    parts = [plan.name, str(record.id), *map(str, more)] if record is not None else [plan.name, ""]
    return "/" + "/".join(parts)


def readable_address(plan: Plan, record: Model | None = None) -> str:
    """The same, or home for somebody who may create what they may not read."""
    return address(plan, record) if can(person(), Verb.READ, plan) else "/"


def is_fragment() -> bool:
    """Whether a script asks for the inside of a dialog."""
    return bool(request.args.get("fragment"))


def gone_to(target: str) -> Any:
    """Lead to a page; a dialog's script is told where, so that it does not fetch the page itself."""
    if not is_fragment():
        return redirect(target)
    answer = make_response("", 204)
    answer.headers["X-Next"] = iri_to_uri(target)
    return answer
