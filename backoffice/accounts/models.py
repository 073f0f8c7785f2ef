"""What signing in remembers: the sessions that are alive, and the attempts that failed lately.

Both are the house's own housekeeping, not nouns: they have no page, no history and no export.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Base
from backoffice.declare.columns import Utc


class SignIn(Base):
    """One session of one person. Without its row a cookie opens nothing.

    Only the SHA-256 of the token is stored: who reads the table cannot become anybody.
    """

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(Utc())
    last_seen_at: Mapped[datetime] = mapped_column(Utc(), index=True)


class LoginFailure(Base):
    """One attempt to sign in that failed, or that is being checked at this moment.

    ``account`` and ``address`` are keyed hashes: they can be counted, not read.
    """

    __tablename__ = "login_failures"
    __table_args__ = (
        Index("ix_login_failures_account_at", "account", "at"),
        Index("ix_login_failures_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc(), index=True)
    account: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
