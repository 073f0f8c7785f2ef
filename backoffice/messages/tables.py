"""What the house remembers of messages: the inboxes, what each person has chosen, and what leaves the house."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Base
from backoffice.declare.columns import Utc
from backoffice.declare.messages import LONGEST_KEY, LONGEST_TITLE, ByMail

QUIET = (22 * 60, 7 * 60)
DIGEST = 8 * 60
TOLD_BY_MAIL = "told"
UNREAD, OPEN, KEPT = "read_at IS NULL", "by_mail IS NULL", "by_mail = 'digest'"


def _few(name: str, column: str, where: str) -> Index:
    """An index of the few rows that something is still to be done with."""
    return Index(name, column, "id", sqlite_where=text(where), postgresql_where=text(where))


class Message(Base):
    """One message in one inbox. What happened is told once to each person, however often it is told.

    ``by_mail`` is what the person wanted when the outbox was filled from it; until then it is empty. Once a digest has told of it, it is
    ``told``.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("person_id", "resource", "record_id", "occasion", "key", name="uq_messages_one_event_one_message"),
        Index("ix_messages_person_id_id", "person_id", "id"),
        _few("ix_messages_unread", "person_id", UNREAD), _few("ix_messages_open", "told_at", OPEN), _few("ix_messages_digest", "person_id", KEPT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column()
    occasion: Mapped[str] = mapped_column(String(40))
    resource: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[int] = mapped_column()
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    told_at: Mapped[datetime] = mapped_column(Utc())
    title_zh: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    title_en: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    body_zh: Mapped[str | None] = mapped_column(Text())
    body_en: Mapped[str | None] = mapped_column(Text())
    read_at: Mapped[datetime | None] = mapped_column(Utc())
    by_mail: Mapped[str | None] = mapped_column(String(16))


MESSAGES: Table = Message.__table__  # type: ignore[assignment]  # a declared class has a plain table


class MessageChoice(Base):
    """What a person wants by e-mail; without a row it is what the occasion says."""

    __tablename__ = "message_choices"

    person_id: Mapped[int] = mapped_column(primary_key=True)
    occasion: Mapped[str] = mapped_column(String(40), primary_key=True)
    by_mail: Mapped[str] = mapped_column(String(16), default=ByMail.AT_ONCE)


class MessageTimes(Base):
    """When mails may reach a person, in minutes since midnight: not from ``quiet_from`` to ``quiet_until``, the digest at ``digest_at``.

    Equal ends mean no quiet hours. Without a row the values above hold.
    """

    __tablename__ = "message_times"

    person_id: Mapped[int] = mapped_column(primary_key=True)
    quiet_from: Mapped[int] = mapped_column(default=QUIET[0])
    quiet_until: Mapped[int] = mapped_column(default=QUIET[1])
    digest_at: Mapped[int] = mapped_column(default=DIGEST)


def times_of(session: Any, person_id: int) -> MessageTimes:
    """The times of a person; of one who has not chosen, the usual ones."""
    found: MessageTimes | None = session.get(MessageTimes, person_id)
    return found or MessageTimes(person_id=person_id, quiet_from=QUIET[0], quiet_until=QUIET[1], digest_at=DIGEST)
