"""Index what the lists that grow are filtered and sorted by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

COLUMNS = (
    ('authorizations', 'at'), ('callback_answers', 'score'), ('callback_issues', 'issue_class'), ('callback_issues', 'tone'), ('compensations', 'kind'),
    ('compensations', 'proposed_at'), ('contact_preferences', 'purpose'), ('escalations', 'raised_at'), ('extra_work_lines', 'urgency'),
    ('extra_work_lines', 'decided_at'),
)
MARKS = ('urgent', 'angry')


def upgrade() -> None:
    for table, column in COLUMNS:
        op.create_index(f'ix_{table}_{column}', table, [column])
    for mark in MARKS:
        op.create_index(f'ix_callbacks_{mark}_marked', 'callbacks', ['due_at', 'id'], sqlite_where=sa.text(f'{mark} = 1'), postgresql_where=sa.text(mark))
    op.create_index('ix_audit_entries_deed', 'audit_entries', ['deed', 'id'])


def downgrade() -> None:
    op.drop_index('ix_audit_entries_deed', 'audit_entries')
    for mark in MARKS:
        op.drop_index(f'ix_callbacks_{mark}_marked', 'callbacks')
    for table, column in reversed(COLUMNS):
        op.drop_index(f'ix_{table}_{column}', table)
