"""``/inbox``: what a person was told, and the way to the records that it is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, current_app, flash, g, redirect, render_template, request
from sqlalchemy.exc import OperationalError

from backoffice.access import scoped_query
from backoffice.accounts.redirects import inside
from backoffice.db import db, writing
from backoffice.declare import Model, _
from backoffice.declare.messages import OCCASIONS
from backoffice.errors import BadRequest, NotFound
from backoffice.messages import UNREAD, Message, inbox
from backoffice.plan import Plan
from backoffice.views import cells, links
from backoffice.views.answers import moment
from backoffice.views.common import clipped, person, record_id, record_ids
from backoffice.views.message_choices import choices

messages = Blueprint("inbox", __name__)
HERE = "/inbox"
PATIENCE_MS = 500
"""Whoever opens a message does not wait for long writes of others; it is then unread for another while."""
_MARK = re.compile(r"([nr])([0-9]{1,9})")


def register(app: Flask) -> None:
    """Add the pages, and the number at the top of each page."""
    app.register_blueprint(messages)
    app.register_blueprint(choices)
    app.jinja_env.globals["unread_messages"] = unread_messages


def unread_messages() -> str:
    """How many messages the person has not read, as the top of the page writes it; empty for none."""
    count = g.asked_along[UNREAD] if "asked_along" in g else 0
    return f"{inbox.MOST}+" if count > inbox.MOST else str(count or "")


@messages.get(HERE)
def page() -> str:
    """The messages, unread ones first."""
    who, start = person(), request.args.get("from", "")
    shown, following = inbox.page(db.session(), who.id, _start(start))
    more = f"{'r' if following[0] else 'n'}{following[1]}" if following else ""
    return render_template(
        "messages/inbox.html", messages=shown, more=more, start=start, records=_records(who, shown), occasions=OCCASIONS, plans=_plans(),
        title=inbox.title, body=inbox.body, moment=moment, named=cells.named,
    )


@messages.get(f"{HERE}/<number>")
def open_message(number: str) -> Any:
    """Mark a message as read and go to its record, if the person may read that; back to the inbox otherwise."""
    who = person()
    message = inbox.own(db.session(), who.id, record_id(number))
    if message is None:
        raise NotFound
    plan = _plans().get(message.resource)
    goal = f"/{message.resource}/{message.record_id}" if plan is not None and _is_open(who, plan, message.record_id) else HERE
    if message.read_at is None:
        _note_read(who.id, message.id)
    if goal == HERE:
        flash(str(_("The record of this message does not exist any more, or it belongs to somebody else.")), "info")
    return redirect(goal)


@messages.post(f"{HERE}/read")
def read() -> Any:
    """Mark some messages as read, or all."""
    ids = None if "all" in request.form else record_ids(request.form.getlist("id"))
    inbox.mark_read(db.session(), person().id, ids)
    db.session.commit()
    return redirect(inside(request.form.get("next")) if request.form.get("next") else HERE)


def _start(text: str) -> inbox.Mark | None:
    if not text:
        return None
    found = _MARK.fullmatch(text)
    if found is None:
        raise BadRequest(_("“{text}” is no page number.", text=clipped(text)))
    return found[1] == "r", int(found[2])


def _records(who: Any, shown: Sequence[Message]) -> dict[tuple[str, int], Model]:
    """The records that messages are about, as far as the person may read them now; one query for each noun."""
    wanted: dict[str, set[int]] = {}
    for one in shown:
        wanted.setdefault(one.resource, set()).add(one.record_id)
    return {(name, record.id): record for name, numbers in wanted.items() if name in _plans() for record in _some(who, _plans()[name], numbers)}


def _some(who: Any, plan: Plan, numbers: set[int]) -> Sequence[Model]:
    rows = scoped_query(who, plan, archived=None).where(plan.model.id.in_(numbers)).options(*links.lean(plan, ()))
    return db.session.scalars(rows).unique().all()


def _is_open(who: Any, plan: Plan, number: int) -> bool:
    rows = scoped_query(who, plan, archived=None).where(plan.model.id == number)
    return db.session.scalars(rows.with_only_columns(plan.model.id)).first() is not None


def _note_read(person_id: int, message_id: int) -> None:
    try:
        with writing(PATIENCE_MS):
            inbox.mark_read(db.session(), person_id, [message_id])
    except OperationalError:
        current_app.logger.info("a message was not marked as read: the database is busy")


def _plans() -> Any:
    return current_app.extensions["plans"]
