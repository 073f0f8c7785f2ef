"""Puts what was told into the inboxes, with the commit of the transaction that told it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backoffice.declare.messages import LONGEST_TITLE, TOLD, Tidings
from backoffice.messages.tables import MESSAGES
from backoffice.plan import plan_of

ORDER = ("person_id", "resource", "record_id", "occasion", "key")
"""Two transactions that tell the same in this order wait for each other once, and never both."""


def register(sessions: Any) -> None:
    """Write with the commits of these sessions, and forget what was rolled back."""
    event.listen(sessions, "before_commit", _write)
    event.listen(sessions, "after_soft_rollback", _take_back)
    event.listen(sessions, "after_transaction_end", _forget)


def inserting(bind: sa.Engine | sa.Connection) -> Any:
    """The function that makes an ``INSERT`` of this database, which may say ``ON CONFLICT``."""
    return sqlite.insert if bind.dialect.name == "sqlite" else postgresql.insert


def _write(session: Session) -> None:
    """All at once, as the last thing that the transaction does: nothing waits while others are told the same."""
    if session.in_nested_transaction():
        return
    session.flush()  # rules tell, too; and a new record has its number only now
    told: list[Tidings] = session.info.pop(TOLD, [])
    if not told:
        return
    rows = sorted((row for one in told for row in _rows(one)), key=lambda row: [row[name] for name in ORDER])
    connection = session.connection()
    connection.execute(inserting(connection)(MESSAGES).on_conflict_do_nothing(), rows)


def _rows(one: Tidings) -> Iterator[dict[str, Any]]:
    record, (zh, en), body = one.record, one.title, one.body or (None, None)
    shared = {
        "occasion": one.occasion.name, "resource": plan_of(type(record)).name, "record_id": record.id, "key": one.key, "told_at": one.at,
        "title_zh": _line(zh), "title_en": _line(en), "body_zh": body[0], "body_en": body[1], "read_at": None, "by_mail": None,
    }
    return ({"person_id": number, **shared} for number in one.people)


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_TITLE]


def _take_back(session: Session, ended: Any) -> None:
    """What was told inside of a savepoint that is rolled back never happened."""
    if TOLD in session.info:
        session.info[TOLD] = [one for one in session.info[TOLD] if ended not in _around(one.transaction)]


def _around(transaction: Any) -> Iterator[Any]:
    while transaction is not None:
        yield transaction
        transaction = transaction.parent


def _forget(session: Session, ended: Any) -> None:
    if ended.parent is None:
        session.info.pop(TOLD, None)
