"""What writing asks of the engine of the database, beyond its statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

FRAMES = 6_000
"""Pages of SQLite's log (24 MB) that slices may fill before they are moved into the database."""
BY_INDEX = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off"}
"""A slice looks up some thousand records in tables of any size; the planner of PostgreSQL would read half a table for them."""


class Log:
    """The log that SQLite writes ahead, on one connection: moved into the database between slices, at what is written in several.

    By itself SQLite does so at every thousand pages, inside the commit of nearly every slice, and pages
    of indexes are moved again and again.
    """

    def __init__(self, connection: Connection) -> None:
        self.raw: Any = connection.connection.driver_connection
        self.slices, self.every = 0, 1

    def settle(self) -> None:
        """A slice is over, and no transaction is open."""
        self.slices += 1
        if self.slices >= self.every:
            self.move()

    def move(self) -> None:
        """Move what is there. Others save meanwhile; pages that somebody still reads are left for the next time."""
        _is_busy, frames, _moved = self.raw.execute("PRAGMA main.wal_checkpoint(PASSIVE)").fetchone()
        self.raw.execute("PRAGMA stage.wal_checkpoint(PASSIVE)").fetchone()
        self.every = max(1, min(2 * self.every, FRAMES * self.slices // max(frames, 1)))
        self.slices = 0


class NoLog:
    """PostgreSQL looks after itself."""

    def settle(self) -> None:
        """Nothing to do."""


@contextmanager
def tuned(connection: Connection) -> Iterator[Log | NoLog]:
    """A connection that writes slices, one after the other."""
    connection.rollback()
    with _by_hand(connection) if connection.dialect.name == "sqlite" else _by_index(connection) as log:
        yield log


@contextmanager
def _by_hand(connection: Connection) -> Iterator[Log]:
    log = Log(connection)
    usual = log.raw.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
    log.raw.execute("PRAGMA wal_autocheckpoint=0")
    try:
        yield log
    finally:
        connection.rollback()
        log.raw.execute(f"PRAGMA wal_autocheckpoint={usual}")
        log.move()


@contextmanager
def _by_index(connection: Connection) -> Iterator[NoLog]:
    for name, value in BY_INDEX.items():
        connection.exec_driver_sql(f"SET {name} = {value}")
    connection.commit()
    try:
        yield NoLog()
    finally:
        with suppress(DBAPIError):  # where the server went away
            connection.rollback()
            for name in BY_INDEX:
                connection.exec_driver_sql(f"RESET {name}")
            connection.commit()
