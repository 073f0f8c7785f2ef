"""Room for a million rows: no log beside the file, a large cache, and indexes and keys that are made once, when all rows are there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, Table, text

SETTINGS = {
    "sqlite": ("PRAGMA cache_size=-400000",),
    "postgresql": ("SET LOCAL jit = off", "SET LOCAL maintenance_work_mem = '256MB'", "SET LOCAL work_mem = '64MB'", "SET LOCAL timezone = 'UTC'"),
}
DETAILS = {
    "sqlite": """
        SELECT 'DROP INDEX "' || name || '"', sql FROM sqlite_master
        WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL AND sql NOT LIKE '% WHERE % IS NOT NULL'
    """,
    "postgresql": """
        SELECT format('DROP INDEX %I', indexname), indexdef FROM pg_indexes
        WHERE schemaname = current_schema() AND tablename = :name AND indexname NOT IN (SELECT conname FROM pg_constraint)
            AND indexdef NOT LIKE '% WHERE % IS NOT NULL)'
        UNION ALL
        SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', conrelid::regclass, conname),
            format('ALTER TABLE %I ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE contype = 'f' AND conrelid = CAST(:name AS regclass)
    """,
}
"""What a table need not have while it is filled: the statements that take it away and that make it again, which proves it for every row.

Indexes of the few rows that have been archived or merged stay: the past has none of them, and to make one again is to read all rows.
"""


def unlogged(engine: Engine) -> None:
    """Let the next transaction on SQLite write into the file itself, if nobody else has the database open.

    The log would take all pages of a large demo, have each looked up in it again and again, and copied in the end. The rollback journal
    keeps only what was there before: whoever opens the database after a fall in the midst of it finds it as it was. Every
    connection that is opened later goes back to the log.
    """
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection, suppress(sqlite3.OperationalError):  # locked: somebody else is there, and the log stays
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA busy_timeout=0")
        raw.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def roomy(connection: Connection, tables: Iterable[Table]) -> Iterator[None]:
    """Take the indexes and keys of these tables away, and make them again in the end; all of it in the caller's transaction."""
    kind = connection.dialect.name
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar() if kind == "sqlite" else None
    if kind == "sqlite" and connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete":
        connection.detach()  # is closed after the transaction, however that ends; the next one is opened as usual, with the log
    for setting in SETTINGS[kind]:
        connection.exec_driver_sql(setting)
    found = [pair for table in tables for pair in connection.execute(text(DETAILS[kind]), {"name": table.name}).all()]
    for away, _again in found:
        connection.exec_driver_sql(away)
    yield
    for _away, again in found:
        connection.exec_driver_sql(again)
    if usual is not None:
        connection.exec_driver_sql(f"PRAGMA cache_size={usual}")
