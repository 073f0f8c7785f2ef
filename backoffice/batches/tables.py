"""Rows that somebody chose on a list, frozen, and what became of each."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import cast

from sqlalchemy import Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Base, Text, _
from backoffice.declare.choice import Tone
from backoffice.declare.columns import Utc


class Verdict(enum.StrEnum):
    """What became of a row."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    DENIED = "denied"
    MEANWHILE = "meanwhile"


WORDS: dict[Verdict, tuple[Text, Tone]] = {
    Verdict.CHANGED: (_("Done"), "good"), Verdict.UNCHANGED: (_("Nothing to change"), "neutral"), Verdict.REFUSED: (_("Refused"), "bad"),
    Verdict.DENIED: (_("Not yours"), "neutral"), Verdict.MEANWHILE: (_("Changed meanwhile"), "warn"),
}


class Batch(Base):
    """The rows that one person chose at one moment; ``run_id`` is the run that worked on them, one at most.

    ``is_all`` where they were all that a list had, rather than ticked one by one.
    """

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column()
    made_at: Mapped[datetime] = mapped_column(Utc(), index=True)
    rows: Mapped[int] = mapped_column(default=0)
    is_all: Mapped[bool] = mapped_column(default=False)
    run_id: Mapped[int | None] = mapped_column(unique=True)


class BatchRow(Base):
    """One of them, at its place from 1 on. ``version`` is the record's when it was chosen, 0 where the person cannot read it.

    Without a ``verdict`` its turn has not come.
    """

    __tablename__ = "batch_rows"
    __table_args__ = (Index("ix_batch_rows_verdict", "batch_id", "verdict", "place"),)

    batch_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column()
    version: Mapped[int] = mapped_column()
    verdict: Mapped[str | None] = mapped_column(String(16))
    why: Mapped[str | None] = mapped_column(String(500))


ROWS = cast("Table", BatchRow.__table__)
