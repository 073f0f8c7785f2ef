"""Puts the rows of a file on the stage as fast as the database takes them, chunk by chunk."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backoffice.exchange.stage import Stage

Columns = Mapping[str, Sequence[Any]]
"""The rows of one chunk, column by column; columns that are not given keep what rows begin with."""


class Insert:
    """Inserts on the connection of the stage."""

    def __init__(self, connection: Connection, table: str) -> None:
        self.connection, self.table = connection, table

    def write(self, columns: Columns, after: sa.Executable) -> None:
        """Write one chunk, and run a statement ``after`` it."""
        marks = ",".join("?" * len(columns))
        rows = list(zip(*columns.values(), strict=True))
        self.connection.exec_driver_sql(f"INSERT INTO {self.table} ({','.join(columns)}) VALUES ({marks})", rows)  # noqa: S608  # our own names
        self.connection.execute(after)


class Copy:
    """Copies in a thread of its own: PostgreSQL takes one chunk in while the next one is judged."""

    def __init__(self, connection: Connection, table: str, thread: ThreadPoolExecutor) -> None:
        self.connection, self.table, self.thread = connection, table, thread
        self.running: Future[None] | None = None

    def write(self, columns: Columns, after: sa.Executable) -> None:
        """Wait for the chunk before, write this one and run a statement ``after`` it; what goes wrong with it is raised by the next call."""
        block = "\n".join(map("\t".join, zip(*itertools.starmap(_texts, columns.items()), strict=True))) + "\n"
        self.settle()
        self.running = self.thread.submit(self._copy, f"COPY {self.table} ({','.join(columns)}) FROM STDIN", block, after)

    def settle(self) -> None:
        """Wait until everything is written."""
        if self.running is not None:
            self.running.result()

    def _copy(self, statement: str, block: str, after: sa.Executable) -> None:
        raw: Any = self.connection.connection
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(block)
        self.connection.execute(after)


@contextmanager
def inserting(stage: Stage, rows: sa.Table, *, aside: bool = False) -> Iterator[Insert | Copy]:
    """What takes the rows of one noun; they are all there at the end.

    ``aside`` (PostgreSQL): write them on a second connection, in a transaction of their own, while the stage's goes on with
    other work. Only for rows that the stage does not read meanwhile, and that may stay if its own transaction is taken back.
    """
    table = stage.connection.dialect.identifier_preparer.format_table(rows)
    if stage.is_sqlite:
        yield Insert(stage.connection, table)
        return
    with stage.connection.engine.connect() if aside else nullcontext(stage.connection) as connection, ThreadPoolExecutor(1, "copy") as thread:
        copy = Copy(connection, table, thread)
        yield copy
        copy.settle()
        if aside:
            connection.commit()


def _texts(name: str, given: Sequence[Any]) -> Iterable[str]:
    """Values as PostgreSQL copies them; cells are texts already."""
    if name[0] in "ct":
        return [r"\N" if value is None else value for value in given] if None in given else given
    return ("t" if value else "f" for value in given) if isinstance(given[0], bool) else map(str, given)
