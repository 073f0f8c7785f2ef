"""Index what belongs to a record in the order that its timeline is read in."""

from __future__ import annotations

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

TABLES = {'orders': 'checked_in_at', 'complaints': 'received_at'}
LINKS = ('customer_id', 'vehicle_id')


def upgrade() -> None:
    for table, at in TABLES.items():
        for link in LINKS:
            op.create_index(f'ix_{table}_{link}_{at}', table, [link, at, 'id'])
            op.drop_index(f'ix_{table}_{link}', table)


def downgrade() -> None:
    for table, at in TABLES.items():
        for link in LINKS:
            op.create_index(f'ix_{table}_{link}', table, [link])
            op.drop_index(f'ix_{table}_{link}_{at}', table)
