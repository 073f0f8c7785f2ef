"""Room for a million rows: a large cache, and indexes and keys that are made once, when all rows are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table, text

SETTINGS = {
    "sqlite": ("PRAGMA cache_size=-400000",),
    "postgresql": ("SET LOCAL jit = off", "SET LOCAL maintenance_work_mem = '256MB'", "SET LOCAL work_mem = '64MB'"),
}
DETAILS = {
    "sqlite": "SELECT 'DROP INDEX \"' || name || '\"', sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL",
    "postgresql": """
        SELECT format('DROP INDEX %I', indexname), indexdef FROM pg_indexes
        WHERE schemaname = current_schema() AND tablename = :name AND indexname NOT IN (SELECT conname FROM pg_constraint)
        UNION ALL
        SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', conrelid::regclass, conname),
            format('ALTER TABLE %I ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE contype = 'f' AND conrelid = CAST(:name AS regclass)
    """,
}
"""What a table need not have while it is filled: the statements that take it away and that make it again, which proves it for every row."""


@contextmanager
def roomy(connection: Connection, tables: Iterable[Table]) -> Iterator[None]:
    """Take the indexes and keys of these tables away, and make them again in the end; all of it in the caller's transaction."""
    kind = connection.dialect.name
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar() if kind == "sqlite" else None
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
