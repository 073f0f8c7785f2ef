"""Keeps the index in step: works off marks, in the session that wrote a few, or in the worker; makes an index anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import Connection, Row, event
from sqlalchemy.orm import Session, scoped_session

from backoffice.db import db, locking, reading
from backoffice.declare import Model, clock
from backoffice.search.building import FUNCTION, known
from backoffice.search.initials import initials_of
from backoffice.search.nouns import Noun, noun_of
from backoffice.search.shelves import Post, among, shelf_of
from backoffice.search.tables import BUILT, DUE, OLD

FEW, SLICE = 200, 2000
FILL = 5000
LOCK = 7_203_041
"""The number by which those who work off marks on PostgreSQL know that one does already."""
PATIENCE = timedelta(minutes=5)
_WROTE = "search_wrote"


def register(app: Flask) -> None:
    """Give the database the function that the search compares with."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _give_function)


def watch(session: scoped_session[Any]) -> None:
    """What a session writes is in the index when it is committed, unless it is much."""
    event.listen(session, "after_flush", _notice)
    event.listen(session, "before_commit", _settle)
    event.listen(session, "after_rollback", lambda one: one.info.pop(_WROTE, None))


def catch_up(connection: Connection, most: int = SLICE) -> int:
    """Put marked records into the index, oldest marks first; answers how many marks were worked off.

    Part of the caller's transaction. On PostgreSQL one does it at a time; for the others nothing is to do.
    """
    if connection.dialect.name == "postgresql" and not connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK))):
        return 0
    marks = connection.execute(_waiting().order_by(DUE.c.seq).limit(most)).all()
    _settle_marks(connection, marks)
    return len(marks)


def work_off(is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Put all marked records into the index, some at a time, each time in a short transaction of its own."""
    while not is_stopped():
        with reading(), db.engine.connect() as connection:
            if connection.execute(_waiting().limit(1)).first() is None:
                return
        with locking(), db.engine.begin() as connection:
            if not catch_up(connection):
                return


def rebuild(noun: Noun, tell: Callable[[int], None] = lambda _done: None) -> int:
    """Make the index of a noun anew, beside the old one, which serves until it is done; answers how many records it has.

    What is written meanwhile is marked, and the marks are kept until the new one stands.
    """
    fresh, done, last = f"{noun.index}_new", 0, 0
    with locking(), db.engine.begin() as connection:
        _mind(connection, noun)
        connection.execute(sa.update(DUE).where(DUE.c.noun == noun.name).values(noun=OLD + noun.name))
        shelf_of(connection).make_to_fill(connection, fresh)
    while True:
        with db.engine.begin() as connection:
            rows = _read(connection, noun, noun.table.c.id > last, FILL)
            shelf = shelf_of(connection)
            (shelf.pour if isinstance(shelf, Post) else shelf.add)(connection, fresh, _cut(noun, rows))
            _mind(connection, noun)
        if not rows:
            break
        done, last = done + len(rows), rows[-1].id
        tell(done)
    with db.engine.begin() as connection:
        shelf = shelf_of(connection)
        shelf.finish(connection, fresh)
        shelf.rename(connection, fresh, noun.index)
        connection.execute(sa.update(BUILT).where(BUILT.c.noun == noun.name).values(definition=noun.definition, rebuilding_until=None))
        connection.execute(sa.delete(DUE).where(DUE.c.noun == OLD + noun.name))
    return done


def _waiting() -> sa.Select[Any]:
    """The marks of nouns whose index is not being made anew."""
    noun = sa.func.ltrim(DUE.c.noun, OLD)
    return sa.select(DUE.c.seq, noun.label("noun"), DUE.c.record_id).where(noun.not_in(sa.select(BUILT.c.noun).where(BUILT.c.rebuilding_until > clock.now())))


def _mind(connection: Connection, noun: Noun) -> None:
    connection.execute(sa.update(BUILT).where(BUILT.c.noun == noun.name).values(rebuilding_until=clock.now() + PATIENCE))


def _settle_marks(connection: Connection, marks: list[Row[Any]] | Any) -> None:
    for noun in known({mark.noun for mark in marks}):
        numbers = sorted({mark.record_id for mark in marks if mark.noun == noun.name})
        rows = _read(connection, noun, among(noun.table.c.id, numbers, connection.dialect.name))
        shelf_of(connection).add(connection, noun.index, _cut(noun, rows))
    if marks:
        connection.execute(sa.delete(DUE).where(among(DUE.c.seq, [mark.seq for mark in marks], connection.dialect.name)))


def _read(connection: Connection, noun: Noun, where: Any, most: int | None = None) -> list[Row[Any]]:
    query = sa.select(noun.table.c.id, *noun.columns).where(where).order_by(noun.table.c.id).limit(most)
    return list(connection.execute(query))


def _cut(noun: Noun, rows: list[Row[Any]]) -> Iterator[tuple[int, set[str]]]:
    return ((row[0], noun.pieces(tuple(row[1:]))) for row in rows)


def _notice(session: Session, _context: Any) -> None:
    if any(isinstance(one, Model) and noun_of(one.__class__) for written in (session.new, session.dirty) for one in written):
        session.info[_WROTE] = True


def _settle(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    if session.info.pop(_WROTE, False):
        connection = session.connection()
        waiting = connection.execute(sa.select(DUE.c.seq).limit(FEW + 1)).all()
        if 0 < len(waiting) <= FEW:
            catch_up(connection, FEW)


def _give_function(connection: sqlite3.Connection, _record: Any) -> None:
    connection.create_function(FUNCTION, 1, lambda name: None if name is None else initials_of(name), deterministic=True)
