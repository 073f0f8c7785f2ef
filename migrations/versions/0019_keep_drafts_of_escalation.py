"""Keep drafts of escalation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('escalation_drafts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('draft_no', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('switched_on_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_escalation_drafts')),
    sa.UniqueConstraint('draft_no', name=op.f('uq_escalation_drafts_draft_no'))
    )
    op.create_table('escalation_draft_lines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('draft_id', sa.Integer(), nullable=True),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=True),
    sa.Column('limit_hours', sa.Integer(), nullable=True),
    sa.Column('warn_at', sa.String(length=200), nullable=True),
    sa.Column('accept_minutes', sa.Integer(), nullable=True),
    sa.Column('trigger_id', sa.Integer(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=True),
    sa.Column('threshold', sa.Integer(), nullable=True),
    sa.Column('phrases', sa.Text(), nullable=True),
    sa.Column('harmless', sa.Text(), nullable=True),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.CheckConstraint('(level_id IS NULL) <> (trigger_id IS NULL)', name=op.f('ck_escalation_draft_lines_is_about_one_thing')),
    sa.ForeignKeyConstraint(['draft_id'], ['escalation_drafts.id'], name=op.f('fk_escalation_draft_lines_draft_id')),
    sa.ForeignKeyConstraint(['level_id'], ['escalation_levels.id'], name=op.f('fk_escalation_draft_lines_level_id')),
    sa.ForeignKeyConstraint(['trigger_id'], ['escalation_triggers.id'], name=op.f('fk_escalation_draft_lines_trigger_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_escalation_draft_lines')),
    sa.UniqueConstraint('draft_id', 'sequence', name=op.f('uq_escalation_draft_lines_draft_id_sequence')),
    sa.UniqueConstraint('draft_id', 'level_id', name=op.f('uq_escalation_draft_lines_draft_id_level_id')),
    sa.UniqueConstraint('draft_id', 'trigger_id', name=op.f('uq_escalation_draft_lines_draft_id_trigger_id'))
    )
    is_archived = sa.text('archived_at IS NOT NULL')
    for table in ('escalation_drafts', 'escalation_draft_lines'):
        op.create_index(f'ix_{table}_archived_at', table, ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)
    for column in ('draft_id', 'level_id', 'trigger_id'):
        op.create_index(f'ix_escalation_draft_lines_{column}', 'escalation_draft_lines', [column])


def downgrade() -> None:
    op.drop_table('escalation_draft_lines')
    op.drop_table('escalation_drafts')
