"""Index the lists that grow in the order that they are read in."""

from __future__ import annotations

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

LISTS = {
    'orders': ('checked_in_at', ('status', 'service_type', 'store_id', 'advisor_id'), ('status', 'service_type', 'store_id', 'advisor_id', 'checked_in_at')),
    'customers': ('since', ('store_id', 'customer_type', 'language', 'city', 'grade'), ('store_id', 'since')),
    'vehicles': ('vin', ('brand', 'energy', 'model_year'), ()),
    'callbacks': ('due_at', ('status', 'plan_id', 'store_id', 'assignee_id'), ('status', 'plan_id', 'store_id', 'assignee_id', 'due_at')),
    'complaints': (
        'received_at', ('status', 'level_id', 'severity', 'store_id', 'owner_id', 'channel', 'category'),
        ('status', 'level_id', 'severity', 'store_id', 'owner_id', 'category', 'received_at'),
    ),
}
"""By table: the column that sorts its list, those that it is filtered by, and those that had an index alone."""


def upgrade() -> None:
    for table, (by, filters, alone) in LISTS.items():
        if table != 'vehicles':
            op.create_index(f'ix_{table}_{by}_id', table, [by, 'id'])
        for name in filters:
            op.create_index(f'ix_{table}_{name}_{by}', table, [name, by, 'id'])
        for name in alone:
            op.drop_index(f'ix_{table}_{name}', table)


def downgrade() -> None:
    for table, (by, filters, alone) in LISTS.items():
        for name in alone:
            op.create_index(f'ix_{table}_{name}', table, [name])
        for name in filters:
            op.drop_index(f'ix_{table}_{name}_{by}', table)
        if table != 'vehicles':
            op.drop_index(f'ix_{table}_{by}_id', table)
