"""From the inboxes to the outbox: who gets which message by mail, what is posted to the webhook, and whose digest is due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Connection, func, select, update

from backoffice.db import db, reading
from backoffice.declare import clock
from backoffice.declare.messages import OCCASIONS, ByMail
from backoffice.messages.outbox import OUTBOX, SendState, Way
from backoffice.messages.tables import MESSAGES, Message, MessageChoice, times_of
from backoffice.messages.times import last_digest
from backoffice.messages.writing import inserting

SLICE = 500
Row = dict[str, Any]


def spread() -> int:
    """Look at some messages that nobody has looked at yet; how many these were. What is written is written once, whoever looks at once."""
    with reading():
        waits = select(Message).where(Message.by_mail.is_(None)).order_by(Message.told_at, Message.id).limit(SLICE)
        found = db.session.scalars(waits).all()
        wishes = _wishes(found)
        rows = [row for one in found for row in _rows(one, wishes)]
        db.session.rollback()
    if wishes:
        with db.engine.begin() as connection:
            _put(connection, rows)
            for wish in {one for one, _person in wishes.values()}:
                numbers = [number for number, (one, _person) in wishes.items() if one is wish]
                open_ones = update(MESSAGES).where(MESSAGES.c.id.in_(numbers), MESSAGES.c.by_mail.is_(None))
                connection.execute(open_ones.values(by_mail=wish.value))
    return len(wishes)


def make_digests() -> None:
    """Put a digest into the outbox for each person whose hour has come, and who has something in it: once for each day."""
    oldest = select(Message.person_id, func.min(Message.told_at)).where(Message.by_mail == ByMail.DIGEST.value).group_by(Message.person_id)
    with reading():
        rows = [row for number, told_at in db.session.execute(oldest).all() for row in _digests(number, told_at)]
        db.session.rollback()
    if rows:
        with db.engine.begin() as connection:
            _put(connection, rows)


def people(numbers: set[int]) -> dict[int, Any]:
    """The people with these numbers who can be written to: they may sign in, and have an address."""
    plan = current_app.extensions["plans"].accounts
    found = db.session.scalars(select(plan.model).where(plan.model.id.in_(numbers))).unique()
    return {one.id: one for one in found if one.may_sign_in and one.email}


def _wishes(found: Sequence[Message]) -> dict[int, tuple[ByMail, Any]]:
    """What each message's person wants of it by mail, and the person."""
    if not current_app.config["SMTP_HOST"]:
        return {one.id: (ByMail.NEVER, None) for one in found}
    numbers = {one.person_id for one in found}
    known = people(numbers)
    stored = db.session.scalars(select(MessageChoice).where(MessageChoice.person_id.in_(numbers)))
    chosen = {(one.person_id, one.occasion): next(wish for wish in ByMail if wish.value == one.by_mail) for one in stored}
    return {
        one.id: (chosen.get((one.person_id, one.occasion)) or _usual(one) if one.person_id in known else ByMail.NEVER, known.get(one.person_id))
        for one in found
    }


def _usual(message: Message) -> ByMail:
    occasion = OCCASIONS.get(message.occasion)
    return ByMail.NEVER if occasion is None else occasion.by_mail


def _rows(one: Message, wishes: dict[int, tuple[ByMail, Any]]) -> Iterator[Row]:
    wish, person = wishes[one.id]
    if wish is ByMail.AT_ONCE:
        yield _row(f"mail:{one.id}", Way.MAIL, message_id=one.id, person_id=one.person_id, who=str(person)[:200], occasion=one.occasion)
    if current_app.config["WEBHOOK_URL"]:
        happened = f"webhook:{one.resource}/{one.record_id}/{one.occasion}/{one.key}"
        yield _row(happened, Way.WEBHOOK, message_id=one.id, occasion=one.occasion)


def _digests(number: int, told_at: datetime) -> Iterator[Row]:
    due = last_digest(times_of(db.session, number), clock.now())
    if told_at < due and current_app.config["SMTP_HOST"]:
        person = people({number}).get(number)
        yield _row(f"digest:{number}:{due.date()}", Way.DIGEST, person_id=number, who=str(person)[:200] if person else None)


def _row(happened: str, way: Way, **facts: Any) -> Row:
    empty = {"message_id": None, "person_id": None, "who": None, "occasion": None}
    return {"event": happened, "way": way, "state": SendState.WAITING, "attempts": 0, "next_at": clock.now(), **empty, **facts}


def _put(connection: Connection, rows: list[Row]) -> None:
    if rows:
        connection.execute(inserting(connection)(OUTBOX).on_conflict_do_nothing(), rows)
