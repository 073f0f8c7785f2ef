"""Remember rows that were chosen on a list, and what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('batches',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('resource', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('is_all', sa.Boolean(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches')),
    sa.UniqueConstraint('run_id', name=op.f('uq_batches_run_id'))
    )
    op.create_index('ix_batches_made_at', 'batches', ['made_at'])

    op.create_table('batch_rows',
    sa.Column('batch_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.String(length=16), nullable=True),
    sa.Column('why', sa.String(length=500), nullable=True),
    sa.PrimaryKeyConstraint('batch_id', 'place', name=op.f('pk_batch_rows'))
    )
    op.create_index('ix_batch_rows_verdict', 'batch_rows', ['batch_id', 'verdict', 'place'])


def downgrade() -> None:
    op.drop_index('ix_batch_rows_verdict', table_name='batch_rows')
    op.drop_table('batch_rows')
    op.drop_index('ix_batches_made_at', table_name='batches')
    op.drop_table('batches')
