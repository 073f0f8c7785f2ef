"""Index only what is archived: of most records the index said that they are not."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

ARCHIVED = sa.text('archived_at IS NOT NULL')


def indexed() -> Iterator[str]:
    """The tables with an index of when records were archived."""
    there = sa.inspect(op.get_bind())
    for table in there.get_table_names():
        if any(one['name'] == f'ix_{table}_archived_at' for one in there.get_indexes(table)):
            yield table


def upgrade() -> None:
    for table in list(indexed()):
        op.drop_index(f'ix_{table}_archived_at', table)
        op.create_index(f'ix_{table}_archived_at', table, ['archived_at'], sqlite_where=ARCHIVED, postgresql_where=ARCHIVED)


def downgrade() -> None:
    for table in list(indexed()):
        op.drop_index(f'ix_{table}_archived_at', table)
        op.create_index(f'ix_{table}_archived_at', table, ['archived_at'])
