"""The database: one engine, one session, and what SQLite needs to lose nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event

from backoffice import turnstile
from backoffice.declare import Base

KEPT_STATEMENTS = 200
"""Statements that a process keeps compiled, and half as many again before it forgets the oldest: each takes 100 KB."""
db = SQLAlchemy(
    metadata=Base.metadata, disable_autonaming=True, session_options={"expire_on_commit": False},
    engine_options={"hide_parameters": True, "query_cache_size": KEPT_STATEMENTS},  # an error that some log keeps repeats no values
)

View = TypeVar("View", bound=Callable[..., Any])
PATIENCE_MS = 15_000
_TURN = "turn"
_reading: ContextVar[bool] = ContextVar("reading", default=False)
_patience: ContextVar[int] = ContextVar("patience", default=PATIENCE_MS)


def register(app: Flask) -> None:
    """Bind the session to the app's database."""
    db.init_app(app)
    app.before_request(_read_unless_posting)
    with app.app_context():
        _prepare(db.engine)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions that only read, outside a request (an export by command): they never wait for a writer."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def locking() -> Iterator[None]:
    """Transactions that take the write lock, on connections that otherwise only read."""
    token = _reading.set(False)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def writing(patience_ms: int = PATIENCE_MS) -> Iterator[None]:
    """A transaction of its own that writes, inside a request that reads (a logged look, say).

    On SQLite it waits for another writer as long as ``patience_ms``, then raises OperationalError.
    """
    token, wait = _reading.set(False), _patience.set(patience_ms)
    try:
        db.session.rollback()
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _reading.reset(token)
        _patience.reset(wait)


@contextmanager
def patience(patience_ms: int) -> Iterator[None]:
    """Transactions that wait for another writer no longer than this on SQLite, then raise OperationalError."""
    wait = _patience.set(patience_ms)
    try:
        yield
    finally:
        _patience.reset(wait)


def reads_first(view: View) -> View:
    """Mark a view that reads even when something is posted to it, and writes inside ``writing()`` alone: long work takes no lock."""
    view.reads_first = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def _read_unless_posting() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    _reading.set(request.method in ("GET", "HEAD", "OPTIONS") or getattr(view, "reads_first", False))


def _prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _open_postgresql)


def _open_postgresql(connection: Any, _record: Any) -> None:
    """Run queries as they are planned: to compile those of a report takes longer than to answer them."""
    connection.execute("SET jit = off")
    connection.commit()


def _open_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    """Leave transactions to us; write ahead, so that readers never wait for a writer."""
    connection.isolation_level = None
    for pragma in (f"busy_timeout={PATIENCE_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    record.info[_TURN] = turnstile.file_of(connection)


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock first, in turn: a lock taken half-way loses the other's update, or fails."""
    turn, patience_ms = connection.info.get(_TURN), _patience.get()
    raw: Any = connection.connection.driver_connection
    has_begun = turn is not None and not _reading.get() and turnstile.begin(raw, turn, patience_ms)
    if not has_begun:  # in memory, to read, or to be told that the database is locked
        connection.exec_driver_sql(f"PRAGMA busy_timeout={0 if turn and not _reading.get() else patience_ms}")
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")
    connection.exec_driver_sql(f"PRAGMA busy_timeout={patience_ms}")
