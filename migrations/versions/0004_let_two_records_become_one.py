"""Let two records become one.

The new column of vehicles is added by plain SQL: a copy of the table, as SQLite's batch mode makes one, would lose its triggers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('merges',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('resource', sa.String(length=64), nullable=False),
    sa.Column('kept_id', sa.Integer(), nullable=False),
    sa.Column('gone_id', sa.Integer(), nullable=False),
    sa.Column('kept_name', sa.String(length=400), nullable=False),
    sa.Column('gone_name', sa.String(length=400), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('who', sa.String(length=200), nullable=True),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merges'))
    )
    op.create_index('ix_merges_at', 'merges', ['at'])
    op.create_index('ix_merges_kept', 'merges', ['resource', 'kept_id'])
    op.create_index('ix_merges_gone', 'merges', ['resource', 'gone_id'])

    op.create_table('suspected_pairs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('resource', sa.String(length=64), nullable=False),
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('verdict', sa.String(length=16), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('who', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suspected_pairs')),
    sa.UniqueConstraint('resource', 'first_id', 'second_id', name=op.f('uq_suspected_pairs_resource_first_id_second_id'))
    )
    op.create_index('ix_suspected_pairs_open', 'suspected_pairs', ['resource', 'verdict', 'id'])

    op.add_column('audit_entries', sa.Column('merge_id', sa.Integer(), nullable=True))
    is_one = sa.text('merge_id IS NOT NULL')
    op.create_index('ix_audit_entries_merge', 'audit_entries', ['merge_id', 'id'], sqlite_where=is_one, postgresql_where=is_one)

    op.execute(
        'ALTER TABLE vehicles ADD COLUMN merged_into_id INTEGER CONSTRAINT fk_vehicles_merged_into_id REFERENCES vehicles (id) '
        'CONSTRAINT ck_vehicles_merged_into_another CHECK ((merged_into_id <> id) OR from_history)'
    )
    op.create_index('ix_vehicles_merged_into_id', 'vehicles', ['merged_into_id'])


def downgrade() -> None:
    op.drop_index('ix_vehicles_merged_into_id', table_name='vehicles')
    op.execute('ALTER TABLE vehicles DROP COLUMN merged_into_id')
    op.drop_index('ix_audit_entries_merge', table_name='audit_entries')
    op.execute('ALTER TABLE audit_entries DROP COLUMN merge_id')
    op.drop_table('suspected_pairs')
    op.drop_table('merges')
