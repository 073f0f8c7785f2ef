"""What is remembered of an export: begun with what it sees, ended with what left, recognized when it comes back."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.orm import Session

from backoffice.db import db, reading
from backoffice.declare import actor, clock
from backoffice.declare.journal import AuditEntry
from backoffice.exchange.exporting import Export, write_down
from backoffice.exchange.formats import Format
from backoffice.exchange.formats.shape import Columns
from backoffice.exchange.tables import ExportRun

RECENT = 20_000
"""So many of the last entries are asked for gaps: a slice of an import writes fewer."""


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection of its own that sees one moment from beginning to end and lets everybody write meanwhile."""
    connection = opened()
    try:
        yield connection
    finally:
        connection.close()


def opened() -> Connection:
    """The connection of :func:`snapshot`, for whoever closes it later."""
    connection = db.engine.connect()
    try:
        if connection.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with reading():
            connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


def make(export: Export, kind: Format, filters: Mapping[str, Any]) -> ExportRun:
    """A new export of the person who acts, with a token of its own."""
    person = actor()
    role = getattr(export.person, "role", None)
    return ExportRun(
        token="x" + secrets.token_hex(4), at=clock.now(), user_id=getattr(person, "id", None), who=str(person)[:200] if person is not None else None,
        role=role.value if role is not None else None, resource=export.plan.name, format=kind.name, headers=export.headers,
        columns=[one.name for one in export.fields], filters=dict(filters), gaps=[],
    )


def begin(session: Session, run: ExportRun, export: Export, kind: Format, connection: Connection) -> None:
    """Write down what is exported and what the export sees. The caller commits."""
    run.mark, run.gaps = seen(connection)
    session.add(run)
    write_down(session, export, kind, run.filters, export.count(connection), run.token)


def seen(connection: Connection) -> tuple[int, list[list[int]]]:
    """The last entry of the trail that this connection sees, and the ranges before it that others are about to write."""
    last = connection.execute(select(func.max(AuditEntry.id))).scalar_one() or 0
    if connection.dialect.name == "sqlite":  # its writers come one after the other
        return last, []
    newest = connection.execute(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(RECENT)).scalars().all()
    pairs = zip(newest[1:], newest, strict=False)
    return last, [[before + 1, after - 1] for before, after in pairs if after - before > 1]


class Tally:
    """What has left so far: rows, bytes and their checksum."""

    def __init__(self) -> None:
        self.rows = self.size = 0
        self.checksum = hashlib.sha256()
        self.is_whole = False

    def count(self, chunks: Iterable[Columns], say: Callable[[int], None] = lambda _rows: None) -> Iterator[Columns]:
        """The same rows, counted; ``say`` is told how many after each chunk."""
        for columns in chunks:
            yield columns
            self.rows += len(columns[0])
            say(self.rows)

    def weigh(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same bytes, with their checksum."""
        for piece in pieces:
            self.size += len(piece)
            self.checksum.update(piece)
            yield piece
        self.is_whole = True


def end(session: Session, run_id: int, tally: Tally, **more: Any) -> None:
    """Write down what left. The caller commits."""
    checksum = tally.checksum.hexdigest() if tally.is_whole else None
    values = {"rows": tally.rows, "size": tally.size, "sha256": checksum, "ended_at": clock.now(), **more}
    session.execute(update(ExportRun).where(ExportRun.id == run_id).values(values))
