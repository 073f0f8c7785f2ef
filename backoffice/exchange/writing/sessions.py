"""Sessions and transactions on the stage's own connection, so that rows, trail and cursor are committed together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.audit.context import circumstances
from backoffice.db import db, locking
from backoffice.declare.journal import Source
from backoffice.declare.people import acting
from backoffice.exchange.calm import quiet

ROOM_KIB = 65_536


class _Bound(db.session.session_factory.class_):  # type: ignore[misc,name-defined]  # the class that rules and trail listen to
    """A session of the app that stays on one connection."""

    def get_bind(self, *_what: Any, **_how: Any) -> Any:
        return self.bind


@contextmanager
def transaction(connection: Connection, *, is_kept: bool = True) -> Iterator[None]:
    """A transaction that writes, whatever the caller's do; taken back at the end unless it is to be kept."""
    connection.rollback()
    with quiet(), locking(), connection.begin() as begun:
        yield
        if not is_kept:
            begun.rollback()


@contextmanager
def session_on(connection: Connection, person: Any, run_id: int | None) -> Iterator[Session]:
    """A session inside the open transaction of a connection, whose changes an import makes for a person."""
    session: Session = _Bound(db=db, bind=connection, expire_on_commit=False, autoflush=False)
    try:
        who = None if person is access.SYSTEM or person is None else session.get(type(person), person.id)
        with acting(who), circumstances(source=Source.IMPORT, action=None, run_id=run_id):
            yield session
    finally:
        session.expunge_all()
        session.close()


@contextmanager
def roomy(connection: Connection) -> Iterator[None]:
    """More memory for one connection of SQLite: the indexes of a large table do not fit the usual 2 MB, and would be read again and again."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection
    connection.rollback()
    usual = raw.execute("PRAGMA main.cache_size").fetchone()[0]
    for pragma in (f"main.cache_size={-ROOM_KIB}", "temp_store=MEMORY"):
        raw.execute(f"PRAGMA {pragma}")
    try:
        yield
    finally:
        connection.rollback()
        raw.execute(f"PRAGMA main.cache_size={usual}")
