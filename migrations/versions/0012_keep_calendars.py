"""Keep calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendars',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=100), nullable=False),
    sa.Column('name_en', sa.String(length=100), nullable=False),
    sa.Column('monday', sa.String(length=120), nullable=True),
    sa.Column('tuesday', sa.String(length=120), nullable=True),
    sa.Column('wednesday', sa.String(length=120), nullable=True),
    sa.Column('thursday', sa.String(length=120), nullable=True),
    sa.Column('friday', sa.String(length=120), nullable=True),
    sa.Column('saturday', sa.String(length=120), nullable=True),
    sa.Column('sunday', sa.String(length=120), nullable=True),
    sa.Column('follows_id', sa.Integer(), nullable=True),
    sa.Column('yearly', sa.Boolean(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['follows_id'], ['calendars.id'], name=op.f('fk_calendars_follows_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendars')),
    sa.UniqueConstraint('code', name=op.f('uq_calendars_code'))
    )
    is_archived = sa.text('archived_at IS NOT NULL')
    op.create_index('ix_calendars_archived_at', 'calendars', ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)
    op.create_index('ix_calendars_follows_id', 'calendars', ['follows_id'])

    op.create_table('calendar_days',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('hours', sa.String(length=120), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=True),
    sa.Column('source', sa.String(length=200), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendars.id'], name=op.f('fk_calendar_days_calendar_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_days')),
    sa.UniqueConstraint('calendar_id', 'on', name=op.f('uq_calendar_days_calendar_id_on'))
    )
    op.create_index('ix_calendar_days_archived_at', 'calendar_days', ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)
    op.create_index('ix_calendar_days_calendar_id', 'calendar_days', ['calendar_id'])


def downgrade() -> None:
    op.drop_table('calendar_days')
    op.drop_table('calendars')
