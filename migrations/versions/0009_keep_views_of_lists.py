"""Keep views of lists, and the columns that people chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('saved_views',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('resource', sa.String(length=64), nullable=False),
    sa.Column('audience', sa.String(length=32), nullable=False),
    sa.Column('team', sa.String(length=32), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('who', sa.String(length=200), nullable=True),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('columns', sa.Text(), nullable=True),
    sa.Column('pinned', sa.Boolean(), nullable=False),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.CheckConstraint("(audience = 'team') = (team IS NOT NULL)", name=op.f('ck_saved_views_a_view_of_a_team_names_it')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_views'))
    )
    op.create_index('ix_saved_views_owner_id_audience', 'saved_views', ['owner_id', 'audience'])
    op.create_index('ix_saved_views_audience', 'saved_views', ['audience'])
    op.create_index('ix_saved_views_resource', 'saved_views', ['resource'])
    is_archived = sa.text('archived_at IS NOT NULL')
    op.create_index('ix_saved_views_archived_at', 'saved_views', ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)

    op.create_table('list_columns',
    sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('resource', sa.String(length=64), nullable=False),
    sa.Column('view_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('columns', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('user_id', 'resource', 'view_id', name=op.f('pk_list_columns'))
    )
    op.create_index('ix_list_columns_view_id', 'list_columns', ['view_id'])


def downgrade() -> None:
    op.drop_table('list_columns')
    op.drop_table('saved_views')
