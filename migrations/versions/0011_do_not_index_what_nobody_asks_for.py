"""Do not index whose entries those of the trail are: nobody asks, and every imported row pays."""

from __future__ import annotations

from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_audit_entries_user_id', 'audit_entries')


def downgrade() -> None:
    op.create_index('ix_audit_entries_user_id', 'audit_entries', ['user_id'])
