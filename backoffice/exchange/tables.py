"""What files in and out are remembered by, beside the journal: how a source's columns are matched, and what left the house."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Base
from backoffice.declare.columns import Utc


class ImportProfile(Base):
    """How the columns and values of one source are to be taken; offered when a file with such headers comes again."""

    __tablename__ = "import_profiles"
    __table_args__ = (UniqueConstraint("resource", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(100))
    headers: Mapped[list[str]] = mapped_column(JSON)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    user_id: Mapped[int | None] = mapped_column()
    used_at: Mapped[datetime] = mapped_column(Utc())


class ExportRun(Base):
    """One export: who, what, how much, and the checksum of what left. The file of a job is kept until ``expires_at``.

    ``token`` stands in the file or its name. ``mark`` is the last entry of the audit trail that the
    export saw, ``gaps`` are ranges of entries before it that it did not see: others were about to write them.
    Of a download that broke off, ``ended_at`` is known and ``sha256`` is not.
    """

    __tablename__ = "export_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(16), unique=True)
    at: Mapped[datetime] = mapped_column(Utc(), index=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    who: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str | None] = mapped_column(String(64))
    resource: Mapped[str] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(16))
    headers: Mapped[str] = mapped_column(String(16))
    columns: Mapped[list[str]] = mapped_column(JSON)
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    mark: Mapped[int | None] = mapped_column()
    gaps: Mapped[list[list[int]]] = mapped_column(JSON, default=list)
    rows: Mapped[int] = mapped_column(default=0)
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(Utc())
    expires_at: Mapped[datetime | None] = mapped_column(Utc(), index=True)
