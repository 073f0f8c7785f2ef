"""The doorbell: it wakes a worker. Nothing depends on it; a ring that is lost is made up for by the next sweep.

Huey's storages carry the rings: a file of SQLite beside the database, or Redis or PostgreSQL for many machines. They are
imported when somebody rings: they bring 10 MB along, which a process that only shows pages never needs.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backoffice.jobs.stopping import Stop

log = logging.getLogger(__name__)
NAME = "aftercare"
POLL_S = 0.2
TIMEOUT_S = 2
READ_S = 1


class Unreachable(Exception):
    """The bell does not answer."""


class Bell:
    """One bell of one app; opened when it is first needed."""

    def __init__(self, url: str | None, folder: Path) -> None:
        self._url, self._file = url, folder / "queue.db"
        self._lock = threading.Lock()
        self._storage: Any = None
        self._inode: int | None = None

    def ring(self, job_id: int) -> None:
        """Wake a worker. Where that is not possible the job waits for the next sweep."""
        try:
            self._use(lambda bell: bell.enqueue(str(job_id).encode()))
        except Unreachable as problem:
            log.warning("job %s waits for the next sweep: the bell does not answer (%s)", job_id, problem)

    def wait(self, seconds: float, stop: Stop) -> bool:
        """Wait for a ring; False where none came in time. Raises :class:`Unreachable`."""
        end = time.monotonic() + seconds
        while not stop.is_set():
            if self._use(lambda bell: bell.dequeue()) is not None:
                return True
            if time.monotonic() >= end:
                break
            if self._url is None:  # a file does not call; the others let one wait
                stop.wait(POLL_S)
        return False

    def check(self) -> None:
        """Raise :class:`Unreachable` unless the bell could be rung."""
        self._use(lambda bell: bell.queue_size())

    def close(self) -> None:
        """Let go of what it is connected to."""
        with self._lock:
            self._forget()

    def _use(self, what: Callable[[Any], Any]) -> Any:
        with self._lock:
            try:
                return what(self._opened())
            except Unreachable:
                raise
            except sqlite3.DatabaseError as problem:
                self._forget()
                if not isinstance(problem, sqlite3.OperationalError):
                    self._file.unlink(missing_ok=True)  # a spoilt file holds nothing that the table of jobs does not know
                raise Unreachable(type(problem).__name__) from problem
            except Exception as problem:  # each storage has errors of its own
                self._forget()
                raise Unreachable(type(problem).__name__) from problem

    def _opened(self) -> Any:
        from huey.storage import SqliteStorage  # noqa: PLC0415  # see above

        if self._url is not None:
            self._storage = self._storage or _remote(self._url)
            return self._storage
        if self._storage is None or _inode(self._file) != self._inode:  # somebody removed the file
            self._forget()
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._storage = SqliteStorage(NAME, filename=str(self._file), timeout=TIMEOUT_S)
            self._storage.queue_size()
            self._inode = _inode(self._file)
        return self._storage

    def _forget(self) -> None:
        storage, self._storage = self._storage, None
        if storage is not None:
            try:
                storage.close()
            except Exception as problem:  # noqa: BLE001  # it was broken already
                log.debug("the bell did not close (%s)", type(problem).__name__)


def _remote(url: str) -> Any:
    from huey.exceptions import ConfigurationError  # noqa: PLC0415  # see above
    from huey.storage import PostgresStorage, RedisStorage  # noqa: PLC0415  # see above

    try:
        if url.startswith("postgres"):
            return PostgresStorage(NAME, dsn=url.replace("+psycopg", "", 1), read_timeout=READ_S, connect_timeout=TIMEOUT_S)
        impatient = f"{url}{'&' if '?' in url else '?'}socket_connect_timeout={TIMEOUT_S}"
        return RedisStorage(NAME, url=impatient, read_timeout=READ_S)
    except ConfigurationError as problem:
        raise Unreachable(str(problem)) from None


def _inode(file: Path) -> int | None:
    try:
        return file.stat().st_ino
    except FileNotFoundError:
        return None
