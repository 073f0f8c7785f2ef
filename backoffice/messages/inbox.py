"""The inbox of one person: what is in it, what is unread, and what has been read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from backoffice.declare import clock
from backoffice.declare.text import ENGLISH, locale
from backoffice.messages.tables import Message

MOST = 99
"""Unread messages that are counted; more are not read to the end."""
PER_PAGE = 30
Mark = tuple[bool, int]
"""Where a page begins: whether among those that have been read, and before which number."""


def unread(person_id: ColumnElement[int] | int) -> ColumnElement[int]:
    """How many wait to be read, one more than :data:`MOST` for any higher number; part of a statement about that person."""
    few = select(Message.id).where(Message.person_id == person_id, Message.read_at.is_(None)).limit(MOST + 1)
    if not isinstance(person_id, int):
        few = few.correlate(person_id.table)
    return select(func.count()).select_from(few.subquery()).scalar_subquery()


def page(session: Session, person_id: int, start: Mark | None) -> tuple[list[Message], Mark | None]:
    """The messages from a place on, unread ones first, newest first; and where the next page begins."""
    among_read, before = start or (False, None)
    found: list[Message] = []
    if not among_read:
        found += session.scalars(_rows(person_id, is_read=False, before=before).limit(PER_PAGE + 1))
        before = None
    if len(found) <= PER_PAGE:
        found += session.scalars(_rows(person_id, is_read=True, before=before).limit(PER_PAGE + 1 - len(found)))
    if len(found) <= PER_PAGE:
        return found, None
    shown, following = found[:PER_PAGE], found[PER_PAGE]
    return shown, (following.read_at is not None, following.id + 1)


def mark_read(session: Session, person_id: int, message_ids: Sequence[int] | None = None) -> None:
    """Mark messages of the person as read; all of them where none are named. The caller commits."""
    mine = update(Message).where(Message.person_id == person_id, Message.read_at.is_(None))
    if message_ids is not None:
        mine = mine.where(Message.id.in_(message_ids))
    session.execute(mine.values(read_at=clock.now()).execution_options(synchronize_session=False))


def own(session: Session, person_id: int, message_id: int) -> Message | None:
    """One message of the person."""
    return session.scalars(select(Message).where(Message.id == message_id, Message.person_id == person_id)).first()


def title(message: Message) -> str:
    """What it says, in the language that is spoken now."""
    return message.title_en if locale() == ENGLISH else message.title_zh


def body(message: Message) -> str | None:
    """What it says besides."""
    return message.body_en if locale() == ENGLISH else message.body_zh


def _rows(person_id: int, *, is_read: bool, before: int | None) -> Select[Any]:
    read = Message.read_at.is_not(None) if is_read else Message.read_at.is_(None)
    rows = select(Message).where(Message.person_id == person_id, read).order_by(Message.id.desc())
    return rows if before is None else rows.where(Message.id < before)
