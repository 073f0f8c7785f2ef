"""Who sends what: taking it out of the outbox, handing it over, and what became of it. Each is one statement, fenced by the taker's name."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, and_, case, literal, select, update

from backoffice.db import db, reading
from backoffice.declare import clock
from backoffice.declare.columns import Utc
from backoffice.messages.outbox import OUTBOX, SendState, Way, Why
from backoffice.messages.tables import MESSAGES, TOLD_BY_MAIL

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long it waits after each attempt that failed; after one more it has failed for good."""
AT_ONCE = 20


def take(ways: tuple[Way, ...], owner: str) -> Row[Any] | None:
    """Take what has waited longest; None where nothing is due. Of several who try, one gets it."""
    with reading(), db.engine.connect() as connection:
        due = select(OUTBOX.c.id).where(_due(ways)).order_by(OUTBOX.c.next_at, OUTBOX.c.id).limit(AT_ONCE)
        numbers = connection.scalars(due).all()
    for number in numbers:
        taking = update(OUTBOX).where(OUTBOX.c.id == number, _due(ways)).values(state=SendState.SENDING, owner=owner, attempts=OUTBOX.c.attempts + 1)
        with db.engine.begin() as connection:
            if connection.execute(taking).rowcount == 1:
                return connection.execute(select(OUTBOX).where(OUTBOX.c.id == number)).one()
    return None


def hand_over(number: int, owner: str, told: tuple[int, ...] = ()) -> bool:
    """Say that the next word to the server makes it take the message; False where somebody else has it by now: say nothing then.

    ``told`` are the messages that a digest tells of: they are told with it.
    """
    with db.engine.begin() as connection:
        mine = (OUTBOX.c.id == number) & (OUTBOX.c.owner == owner) & (OUTBOX.c.state == SendState.SENDING)
        if connection.execute(update(OUTBOX).where(mine).values(state=SendState.HANDING)).rowcount != 1:
            return False
        if told:
            connection.execute(_telling(told))
        return True


def settle(told: tuple[int, ...], by_mail: str = TOLD_BY_MAIL) -> None:
    """A digest need not tell of these again; or must, where it has not reached anybody."""
    _settle(_telling(told, by_mail))


def finish(number: int, owner: str, state: SendState, why: Why | None = None, reply: int | None = None) -> None:
    """It has come to an end."""
    kept = owner if state is SendState.UNSURE else None
    _settle(_mine(number, owner).values(state=state, why=why, reply=reply, owner=kept, ended_at=clock.now()))


def try_later(number: int, owner: str, attempts: int, why: Why, reply: int | None) -> None:
    """It did not work this time; after the last time it has failed."""
    if attempts > len(BACK_OFF):
        finish(number, owner, SendState.FAILED, why, reply)
    else:
        later = clock.now() + BACK_OFF[attempts - 1]
        _settle(_mine(number, owner).values(state=SendState.WAITING, owner=None, next_at=later, why=why, reply=reply))


def put_off(number: int, owner: str, until: datetime) -> None:
    """It may not be sent before then. That was no attempt."""
    _settle(_mine(number, owner).values(state=SendState.WAITING, owner=None, next_at=until, attempts=OUTBOX.c.attempts - 1))


def all_later(ways: tuple[Way, ...], why: Why, reply: int | None) -> None:
    """The way is blocked: for all that would go there now it was an attempt."""
    now, has_failed = clock.now(), OUTBOX.c.attempts >= len(BACK_OFF)
    nexts = case(*((OUTBOX.c.attempts == count, literal(now + pause, Utc())) for count, pause in enumerate(BACK_OFF)), else_=literal(now, Utc()))
    state = case((has_failed, SendState.FAILED.value), else_=SendState.WAITING.value)
    ended = case((has_failed, literal(now, Utc())), else_=None)
    _settle(update(OUTBOX).where(_due(ways)).values(attempts=OUTBOX.c.attempts + 1, next_at=nexts, state=state, ended_at=ended, why=why, reply=reply))


def recover(owner: str) -> None:
    """What others had taken and not finished: they are gone. What the server may have taken is not sent again by itself."""
    others = OUTBOX.c.owner != owner
    free = update(OUTBOX).where(OUTBOX.c.state == SendState.SENDING, others).values(state=SendState.WAITING, owner=None, next_at=clock.now())
    unsure = update(OUTBOX).where(OUTBOX.c.state == SendState.HANDING, others).values(state=SendState.UNSURE, why=Why.KILLED, ended_at=clock.now())
    with reading(), db.engine.connect() as connection:
        is_needed = connection.execute(select(OUTBOX.c.id).where(OUTBOX.c.state.in_([SendState.SENDING, SendState.HANDING]), others).limit(1)).first()
    if is_needed:
        with db.engine.begin() as connection:
            connection.execute(free)
            connection.execute(unsure)


def _due(ways: tuple[Way, ...]) -> ColumnElement[bool]:
    return and_(OUTBOX.c.state == SendState.WAITING, OUTBOX.c.way.in_(ways), OUTBOX.c.next_at <= clock.now())


def _mine(number: int, owner: str) -> Update:
    """Still with its taker; one that was thought gone may say how it ended."""
    return update(OUTBOX).where(OUTBOX.c.id == number, OUTBOX.c.owner == owner)


def _telling(told: tuple[int, ...], by_mail: str = TOLD_BY_MAIL) -> Update:
    return update(MESSAGES).where(MESSAGES.c.id.in_(told)).values(by_mail=by_mail)


def _settle(change: Update) -> None:
    with db.engine.begin() as connection:
        connection.execute(change)
