"""The stage: where the rows of one file wait, checked and compared, until they are written.

It lies beside the database, not in it. On SQLite it is a file of its own, attached as the schema
``stage``, so that filling it never takes the write lock of the database; on PostgreSQL it is a few
unlogged tables in the schema ``stage``.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy import Connection

from backoffice.db import db, reading
from backoffice.exchange.mapping import Column, Mapped
from backoffice.plan import Field, Plan

SCHEMA = "stage"
UNCHANGED, CREATE, UPDATE, REFUSE, DECIDE = "u", "c", "m", "r", "x"
"""What is to become of a row."""
ROOM = {"fillfactor": 60}
"""PostgreSQL writes a changed row anew: beside the old one, where its page has room."""
ROW = "\x01"
"""What the text of a link begins with that points to a row of another part of the file: the file has no key of that record."""


@dataclass
class Part:
    """The rows of one noun in a file: their table, and what its columns ``c0``, ``c1`` … are."""

    plan: Plan
    mapped: Mapped
    rows: sa.Table

    def value(self, place: int) -> sa.Column[Any]:
        """The staged values of a mapped column."""
        return self.rows.c[f"c{place}"]

    def text(self, place: int) -> sa.Column[Any]:
        """The texts of a link that names nothing yet."""
        return self.rows.c[f"t{place}"]

    def target(self, place: int) -> sa.Column[Any]:
        """The stored column that a mapped column goes to."""
        return stored_column(self.plan, self.mapped.columns[place].field)

    def place(self, one: Field) -> int | None:
        """Which mapped column a field has, if any."""
        return next((place for place, column in enumerate(self.mapped.columns) if column.field is one), None)


def stored_column(plan: Plan, one: Field) -> sa.Column[Any]:
    """The column of the table that a field is stored in."""
    column: sa.Column[Any] = plan.model.__mapper__.attrs[one.column].columns[0]
    return column


@dataclass
class Stage:
    """The staged rows of one run, on one connection."""

    connection: Connection
    name: str
    metadata: sa.MetaData = field(default_factory=lambda: sa.MetaData(schema=SCHEMA))

    def __post_init__(self) -> None:
        self.parts_table = sa.Table(
            f"{self.name}_parts", self.metadata,
            sa.Column("position", sa.Integer, primary_key=True), sa.Column("part", sa.String(64)), sa.Column("columns", sa.Text),
        )
        self.findings = sa.Table(
            f"{self.name}_findings", self.metadata,
            sa.Column("id", sa.Integer, primary_key=True), sa.Column("part", sa.String(64)), sa.Column("row", sa.Integer, index=True),
            sa.Column("line", sa.Integer), sa.Column("column", sa.Text), sa.Column("field", sa.String(64)), sa.Column("value", sa.Text),
            sa.Column("code", sa.String(64)), sa.Column("message", sa.Text), sa.Column("is_notice", sa.Boolean),
        )
        self.raws = sa.Table(
            f"{self.name}_raws", self.metadata,
            sa.Column("part", sa.String(64), primary_key=True), sa.Column("row", sa.Integer, primary_key=True), sa.Column("cells", sa.Text),
        )
        self._parts: dict[str, Part] = {}

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self.connection.dialect.name == "sqlite"

    def clear(self) -> None:
        """Make the stage empty."""
        self.drop()
        self.metadata.create_all(self.connection, checkfirst=False)
        self.connection.commit()

    def drop(self) -> None:
        """Remove whatever is on the stage."""
        for name in sa.inspect(self.connection).get_table_names(schema=SCHEMA):
            if name.startswith(f"{self.name}_"):
                self.connection.execute(sa.schema.DropTable(sa.Table(name, sa.MetaData(), schema=SCHEMA)))
        self.connection.commit()
        self._parts.clear()

    def make(self, plan: Plan, mapped: Mapped) -> Part:
        """A table for the rows of one more noun."""
        part = self._part(plan, mapped)
        columns = json.dumps([[one.index, one.header, one.field.name, one.word] for one in mapped.columns])
        part.rows.create(self.connection, checkfirst=False)
        self.connection.execute(self.parts_table.insert().values(position=len(self._parts), part=plan.name, columns=columns))
        self.connection.commit()
        return part

    def parts(self) -> list[Part]:
        """What is on the stage, in the order in which it is to be written."""
        plans = current_app.extensions["plans"]
        known = self.connection.execute(sa.select(self.parts_table).order_by(self.parts_table.c.position)).all()
        for row in known:
            if row.part not in self._parts:
                fields = plans[row.part].fields
                columns = tuple(Column(index, header, fields[name], word) for index, header, name, word in json.loads(row.columns))
                self._part(plans[row.part], Mapped(columns, ()))
        return [self._parts[row.part] for row in known]

    def part(self, name: str) -> Part:
        """The rows of one noun."""
        return next(part for part in self.parts() if part.plan.name == name)

    def _part(self, plan: Plan, mapped: Mapped) -> Part:
        rows = sa.Table(f"{self.name}_{plan.name}".replace("-", "_"), self.metadata, *_columns(plan, mapped), prefixes=self._prefixes(), postgresql_with=ROOM)
        self._parts[plan.name] = Part(plan, mapped, rows)
        return self._parts[plan.name]

    def _prefixes(self) -> list[str]:
        return [] if self.is_sqlite else ["UNLOGGED"]


def _columns(plan: Plan, mapped: Mapped) -> Iterator[sa.Column[Any]]:
    """The columns of the rows of one noun. ``changed`` and ``empties`` have one bit for each mapped column."""
    yield sa.Column("row", sa.Integer, primary_key=True, autoincrement=False)
    yield sa.Column("line", sa.Integer, nullable=False)
    yield sa.Column("verdict", sa.String(1), nullable=False, server_default=CREATE)
    yield sa.Column("record_id", sa.Integer)
    yield sa.Column("record_version", sa.Integer)
    yield sa.Column("is_history", sa.Boolean, nullable=False, server_default=sa.false())
    yield sa.Column("is_ruled", sa.Boolean, nullable=False, server_default=sa.false())
    yield sa.Column("applied", sa.Boolean, nullable=False, server_default=sa.false())
    yield sa.Column("changed", sa.BigInteger, nullable=False, server_default="0")
    yield sa.Column("empties", sa.BigInteger, nullable=False, server_default="0")
    for place, one in enumerate(mapped.columns):
        yield sa.Column(f"c{place}", stored_column(plan, one.field).type)
        if one.field.is_link:
            yield sa.Column(f"t{place}", sa.Text)


@contextmanager
def opened(run_id: int | None) -> Iterator[Stage]:
    """The stage of a run on a connection of its own; without a run, one that is thrown away at the end.

    Its transactions only read the database, unless ``writing`` is entered around them.
    """
    name = f"r{run_id}" if run_id is not None else f"d{secrets.token_hex(6)}"
    folder = Path(current_app.instance_path) / "imports" / str(run_id) if run_id is not None else Path(tempfile.mkdtemp(prefix="import-"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with reading(), db.engine.connect() as connection, _attached(connection, folder / "stage.db"):
            stage = Stage(connection, name)
            yield stage
            if run_id is None:
                connection.rollback()
                stage.drop()
    finally:
        if run_id is None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _attached(connection: Connection, file: Path) -> Iterator[None]:
    """The schema of the stage on this connection."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
        connection.commit()
        yield
        return
    raw: Any = connection.connection.driver_connection
    raw.execute(f"ATTACH DATABASE ? AS {SCHEMA}", (str(file),))
    for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-65536"):  # a killed process loses nothing; a fallen machine may
        raw.execute(f"PRAGMA {SCHEMA}.{pragma}")
    try:
        yield
    finally:
        connection.rollback()
        raw.execute(f"DETACH DATABASE {SCHEMA}")


def forget(run_id: int) -> None:
    """Remove the staged rows of a run; its folder is the caller's."""
    if db.engine.dialect.name == "sqlite":
        for ending in ("", "-wal", "-shm"):
            (Path(current_app.instance_path) / "imports" / str(run_id) / f"stage.db{ending}").unlink(missing_ok=True)
        return
    with opened(run_id) as stage:
        stage.drop()
