"""Keep a log of the clocks of complaints, let levels count by a calendar, and index what is due next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

NEXT = """
UPDATE complaints SET clock_next_at = CASE
    WHEN {level} IS NULL THEN {overall} WHEN {overall} IS NULL THEN {level} WHEN {level} < {overall} THEN {level} ELSE {overall} END
WHERE clock_stopped_at IS NULL
    AND status IN ('received', 'acknowledged', 'assessed', 'investigating', 'proposal_made', 'agreed', 'implementing')
""".format(
    level='CASE WHEN level_breached_at IS NULL OR level_breached_at <= level_entered_at THEN level_due_at END',
    overall='CASE WHEN overall_breached_at IS NULL THEN overall_due_at END',
)


def upgrade() -> None:
    op.create_table('clock_segments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('complaint_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=False),
    sa.Column('limit_hours', sa.Integer(), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=True),
    sa.Column('calendar_revision', sa.Integer(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('breached_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.CheckConstraint('ended_at >= started_at', name=op.f('ck_clock_segments_ends_after_it_began')),
    sa.CheckConstraint('sequence > 0', name=op.f('ck_clock_segments_counts_from_one')),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendars.id'], name=op.f('fk_clock_segments_calendar_id')),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaints.id'], name=op.f('fk_clock_segments_complaint_id')),
    sa.ForeignKeyConstraint(['level_id'], ['escalation_levels.id'], name=op.f('fk_clock_segments_level_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clock_segments')),
    sa.UniqueConstraint('complaint_id', 'sequence', name=op.f('uq_clock_segments_complaint_id_sequence'))
    )
    is_archived = sa.text('archived_at IS NOT NULL')
    op.create_index('ix_clock_segments_archived_at', 'clock_segments', ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)
    op.create_index('ix_clock_segments_calendar_id', 'clock_segments', ['calendar_id'])
    op.create_index('ix_clock_segments_level_id', 'clock_segments', ['level_id'])

    # By hand: a table made anew would lose the triggers of the search index.
    op.execute('ALTER TABLE escalation_levels ADD COLUMN calendar_id INTEGER CONSTRAINT fk_escalation_levels_calendar_id REFERENCES calendars (id)')
    op.create_index('ix_escalation_levels_calendar_id', 'escalation_levels', ['calendar_id'])

    op.add_column('complaints', sa.Column('clock_next_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_complaints_clock_next_at', 'complaints', ['clock_next_at'])
    op.execute(NEXT)


def downgrade() -> None:
    op.drop_index('ix_complaints_clock_next_at', 'complaints')
    op.drop_column('complaints', 'clock_next_at')
    op.drop_index('ix_escalation_levels_calendar_id', 'escalation_levels')
    op.drop_column('escalation_levels', 'calendar_id')
    op.drop_table('clock_segments')
