"""What the house remembers of merges: who went into whom, and which two records were taken for one."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Base
from backoffice.declare.columns import Utc


class Merged(Base):
    """One merge. What it changed stands in the audit trail, under its number; ``moved`` counts it by noun.

    ``kept_id`` stayed, ``gone_id`` went into it. It holds until ``undone_at``.
    """

    __tablename__ = "merges"
    __table_args__ = (Index("ix_merges_kept", "resource", "kept_id"), Index("ix_merges_gone", "resource", "gone_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(String(64))
    kept_id: Mapped[int] = mapped_column()
    gone_id: Mapped[int] = mapped_column()
    kept_name: Mapped[str] = mapped_column(String(400))
    gone_name: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(Utc(), index=True)
    user_id: Mapped[int | None] = mapped_column()
    who: Mapped[str | None] = mapped_column(String(200))
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    undone_at: Mapped[datetime | None] = mapped_column(Utc())
    undone_by: Mapped[str | None] = mapped_column(String(200))


class Verdict(enum.StrEnum):
    """What people said of a suspected pair."""

    OPEN = "open"
    DIFFERENT = "different"
    MERGED = "merged"


class Pair(Base):
    """Two records that may be one; ``first_id`` is the smaller number. What was said of them is never asked again.

    ``seen_at`` is the last look that found them alike, ``code`` says in what.
    """

    __tablename__ = "suspected_pairs"
    __table_args__ = (UniqueConstraint("resource", "first_id", "second_id"), Index("ix_suspected_pairs_open", "resource", "verdict", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(String(64))
    first_id: Mapped[int] = mapped_column()
    second_id: Mapped[int] = mapped_column()
    code: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16), default=Verdict.OPEN)
    seen_at: Mapped[datetime] = mapped_column(Utc())
    settled_at: Mapped[datetime | None] = mapped_column(Utc())
    who: Mapped[str | None] = mapped_column(String(200))
