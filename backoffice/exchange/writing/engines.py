"""What writing asks of the engine of the database, beyond its statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

FRAMES = 6_000
"""Pages of SQLite's log (24 MB) that slices may fill before they are moved into the database."""
BY_INDEX = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off"}
"""A slice looks up some thousand records in tables of any size; the planner of PostgreSQL would read half a table for them."""


class Log:
    """The log that SQLite writes ahead: moved into the database by a thread of its own, at what several slices have written.

    By itself SQLite does so at every thousand pages, inside the commit of nearly every slice, and pages
    of indexes are moved again and again. What a slice writes while the thread is at work is moved right
    after it, so that the log is empty for a moment and begins anew.
    """

    def __init__(self, connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        self.files = [(file, "NORMAL" if name == "main" else "OFF") for _number, name, file in raw.execute("PRAGMA database_list") if file]
        self.thread = ThreadPoolExecutor(1, "log")
        self.slices, self.every = 0, 1
        self.moving: Future[int] | None = None

    def settle(self) -> None:
        """A slice is over, and no transaction is open."""
        self.slices += 1
        if self.moving is not None:
            frames = max(self.moving.result(), self.move())
            self.every = max(1, min(2 * self.every, FRAMES * self.slices // max(frames, 1)))
            self.slices, self.moving = 0, None
        elif self.slices >= self.every:
            self.moving = self.thread.submit(self.move)

    def move(self) -> int:
        """Move what is there, and say how many pages the log had. Others save meanwhile; what somebody still reads is left."""
        return max((self._moved(*one) for one in self.files), default=0)

    @staticmethod
    def _moved(file: str, care: str) -> int:
        with suppress(sqlite3.Error), closing(sqlite3.connect(file, timeout=0)) as own:
            own.execute(f"PRAGMA synchronous={care}")
            frames: int = own.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
            return frames
        return 0

    def end(self) -> None:
        """Leave as little as can be to those who save next."""
        self.thread.shutdown()
        self.move()


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
    raw: Any = connection.connection.driver_connection
    log, usual = Log(connection), raw.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
    raw.execute("PRAGMA wal_autocheckpoint=0")
    try:
        yield log
    finally:
        connection.rollback()
        raw.execute(f"PRAGMA wal_autocheckpoint={usual}")
        log.end()


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
