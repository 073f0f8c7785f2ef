"""What is about to leave the house, looked at once more: whether it is still so, still theirs, and not the middle of their night."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from backoffice.access import SYSTEM, scoped_query
from backoffice.db import db
from backoffice.declare import Model, clock
from backoffice.declare.messages import OCCASIONS, ByMail, Occasion
from backoffice.messages.outbox import Way, Why
from backoffice.messages.spreading import people
from backoffice.messages.tables import Message, times_of
from backoffice.messages.times import quiet_until
from backoffice.plan import Plan

MOST_IN_A_DIGEST = 100


class NotNow(Exception):
    """It is not sent: for good because of ``why``, or not ``until`` then."""

    def __init__(self, why: Why | None = None, until: datetime | None = None, told: tuple[int, ...] = ()) -> None:
        super().__init__(why)
        self.why, self.until, self.told = why, until, told


@dataclass(frozen=True)
class Item:
    """A message with its record as it stands now."""

    message: Message
    occasion: Occasion
    plan: Plan
    record: Model


@dataclass(frozen=True)
class Parcel:
    """What one row of the outbox comes to: one message, or those of a digest (``told`` are all that it settles), for a person or a machine."""

    event: str
    way: Way
    items: tuple[Item, ...]
    person: Any = None
    told: tuple[int, ...] = ()
    left_out: int = 0


def parcel_of(row: Any) -> Parcel:
    """Look at it now; raises :class:`NotNow` where it has been overtaken. Reads only."""
    if row.way is Way.DIGEST:
        return _digest(row)
    message = db.session.get(Message, row.message_id)
    if message is None:
        raise NotNow(Why.NOT_THEIRS)
    if row.way is Way.WEBHOOK:
        return Parcel(row.event, row.way, (_item(message, SYSTEM),))
    if message.read_at is not None:
        raise NotNow(Why.READ)
    person = _person(row.person_id)
    item = _item(message, person)
    until = None if item.occasion.urgent else quiet_until(times_of(db.session, person.id), clock.now())
    if until is not None:
        raise NotNow(until=until)
    return Parcel(row.event, row.way, (item,), person)


def _digest(row: Any) -> Parcel:
    kept = select(Message).where(Message.by_mail == ByMail.DIGEST.value, Message.person_id == row.person_id).order_by(Message.id)
    messages = db.session.scalars(kept).all()
    told = tuple(one.id for one in messages)
    try:
        person = _person(row.person_id)
    except NotNow as never:
        raise NotNow(never.why, told=told) from None
    items = list(_items([one for one in messages if one.read_at is None], person))
    if not items:
        raise NotNow(Why.READ, told=told)
    return Parcel(row.event, row.way, tuple(items[:MOST_IN_A_DIGEST]), person, told, len(items[MOST_IN_A_DIGEST:]))


def _items(messages: Sequence[Message], person: Any) -> Iterator[Item]:
    for one in messages:
        try:
            yield _item(one, person)
        except NotNow:
            continue


def _item(message: Message, person: Any) -> Item:
    """The message with its record; raises NotNow where the person may not read that, or it is not so any more."""
    plan, occasion = current_app.extensions["plans"].get(message.resource), OCCASIONS.get(message.occasion)
    if plan is None or occasion is None:
        raise NotNow(Why.OVERTAKEN)
    rows = scoped_query(person, plan, archived=None).where(plan.model.id == message.record_id)
    record = db.session.scalars(rows).first()
    if record is None:
        raise NotNow(Why.NOT_THEIRS)
    if occasion.still is not None and not occasion.still(record, message.key):
        raise NotNow(Why.OVERTAKEN)
    return Item(message, occasion, plan, record)


def _person(number: int) -> Any:
    person = people({number}).get(number)
    if person is None:
        raise NotNow(Why.NO_ADDRESS)
    return person
