"""Takes the write lock of a SQLite database fairly: whoever waits has a turn before the next slice of an import.

SQLite lets waiting writers ask again now and then; a writer that commits and begins at once is
always there first, in any number of slices. So a writer first takes its turn, a lock on a file
beside the database, and holds it only until it has the write lock: while one writes, the next one
already stands at the door, and the one who has just left has to queue behind it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = "-turn"
SHORTEST, LONGEST = 0.000_2, 0.004  # seconds between two tries; a turn that comes free is seen at once


def file_of(connection: sqlite3.Connection) -> str | None:
    """The file to queue at; None for a database in memory, which nobody else writes."""
    main = next(path for _number, name, path in connection.execute("PRAGMA database_list") if name == "main")
    return f"{main}{ENDING}" if main else None


def begin(connection: sqlite3.Connection, file: str, patience_ms: int) -> bool:
    """``BEGIN IMMEDIATE`` when it is this writer's turn; whether it came to that while the patience lasted."""
    until = time.monotonic() + patience_ms / 1000
    connection.execute("PRAGMA busy_timeout=0")
    with _turn(file, until) as is_mine:
        return is_mine and any(_begun(connection) for _pause in _tries(until))


def _begun(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


@contextmanager
def _turn(file: str, until: float) -> Iterator[bool]:
    """Nobody else tries while this one does; whether the turn came in time."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield any(_taken(handle) for _pause in _tries(until))
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tries(until: float) -> Iterator[float]:
    """Once now, and again after ever longer pauses while there is time."""
    pause = SHORTEST
    yield 0.0
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        yield pause
        pause = min(pause * 1.5, LONGEST)

