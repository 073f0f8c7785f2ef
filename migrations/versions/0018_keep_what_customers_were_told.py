"""Keep what customers were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('customer_notices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('notice_no', sa.String(length=40), nullable=False),
    sa.Column('complaint_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=32), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('means', sa.String(length=32), nullable=False),
    sa.Column('told_by_id', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaints.id'], name=op.f('fk_customer_notices_complaint_id')),
    sa.ForeignKeyConstraint(['told_by_id'], ['staff.id'], name=op.f('fk_customer_notices_told_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_notices')),
    sa.UniqueConstraint('notice_no', name=op.f('uq_customer_notices_notice_no'))
    )
    is_archived = sa.text('archived_at IS NOT NULL')
    op.create_index('ix_customer_notices_archived_at', 'customer_notices', ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)
    op.create_index('ix_customer_notices_complaint_id', 'customer_notices', ['complaint_id'])
    op.create_index('ix_customer_notices_told_at_id', 'customer_notices', ['told_at', 'id'])
    for name in ('step', 'means', 'told_by_id'):
        op.create_index(f'ix_customer_notices_{name}_told_at', 'customer_notices', [name, 'told_at', 'id'])


def downgrade() -> None:
    op.drop_table('customer_notices')
