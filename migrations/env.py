"""Runs a migration on the app's own database; column types are written as plain SQL types."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from backoffice import search
from backoffice.declare.columns import Cents, Utc


def plain_type(kind: str, item: Any, _autogenerate: Any) -> str | bool:
    """How a column's type is written in a migration, so that the migration outlives the code."""
    if kind != "type":
        return False
    if isinstance(item, Utc):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Cents):
        return 'sa.Numeric(12, 2).with_variant(sa.BigInteger(), "sqlite")'
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


def same_type(_context: Any, _inspected: Any, _column: Any, inspected: Any, declared: Any) -> bool | None:
    """Closed lists are stored as text of the same length: that is no change."""
    return False if isinstance(declared, sa.Enum | Cents | Utc) and isinstance(inspected, sa.types.TypeEngine) else None


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether a table is declared: a doorbell in the same database has tables of its own, and so has the search index."""
    is_index = (name or "").startswith("search_") and name not in current_app.extensions["migrate"].db.metadata.tables
    return kind != "table" or not ((name or "").startswith("huey_") or is_index)


def run() -> None:
    """Run the steps in one transaction; then make what the search index lacks, and triggers that a step took along with a table."""
    database = current_app.extensions["migrate"].db
    with database.engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=database.metadata, render_item=plain_type, compare_type=same_type, render_as_batch=True,
            include_name=is_ours,
        )
        with context.begin_transaction():
            context.run_migrations()
            search.prepare(connection)
        connection.commit()


run()
