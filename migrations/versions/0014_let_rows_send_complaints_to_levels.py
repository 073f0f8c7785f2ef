"""Let rows send complaints to levels; warn, ask for acceptance, and owe a first reply and a plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

MARKS = {
    'safety': ('涉及安全', 'Safety'), 'media': ('涉及媒体', 'Press or social media'), 'legal': ('涉及法律', 'Legal threat'),
    'vip': ('贵宾客户', 'VIP customer'), 'repeat': ('重复投诉', 'Repeated complaint'),
}
COMPLAINTS = (
    ('readers', sa.Integer()), ('departments', sa.Integer()), ('reply_due_at', sa.DateTime(timezone=True)), ('replied_at', sa.DateTime(timezone=True)),
    ('reply', sa.Text()), ('reply_breached_at', sa.DateTime(timezone=True)), ('plan_due_at', sa.DateTime(timezone=True)),
    ('plan_breached_at', sa.DateTime(timezone=True)), ('accept_due_at', sa.DateTime(timezone=True)),
)
FROM_FLAGS = """
INSERT INTO escalation_triggers (code, name_zh, name_en, sign, level_id, mark, unacknowledged, active, version, created_at, updated_at, from_history)
SELECT '{code}', '{zh}', '{en}', 'mark', id, '{mark}', {no}, {yes}, 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, {no} FROM escalation_levels
WHERE rank = (SELECT min(rank) FROM escalation_levels WHERE for_{mark} AND archived_at IS NULL)
"""
TO_FLAGS = """
UPDATE escalation_levels SET for_{mark} = {yes}
WHERE id IN (SELECT level_id FROM escalation_triggers WHERE sign = 'mark' AND mark = '{mark}' AND active AND archived_at IS NULL)
"""
LOOK = """
UPDATE complaints SET clock_next_at = received_at
WHERE status IN ('received', 'acknowledged', 'assessed', 'investigating', 'proposal_made', 'agreed', 'implementing') AND clock_stopped_at IS NULL AND NOT from_history
"""
PAUSED = "UPDATE complaints SET clock_next_at = {} WHERE status = 'paused' AND NOT from_history"


def upgrade() -> None:
    op.create_table('escalation_triggers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=100), nullable=False),
    sa.Column('name_en', sa.String(length=100), nullable=False),
    sa.Column('sign', sa.String(length=32), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=False),
    sa.Column('mark', sa.String(length=32), nullable=True),
    sa.Column('phrases', sa.Text(), nullable=True),
    sa.Column('harmless', sa.Text(), nullable=True),
    sa.Column('threshold', sa.Integer(), nullable=True),
    sa.Column('grade', sa.String(length=32), nullable=True),
    sa.Column('of_level_id', sa.Integer(), nullable=True),
    sa.Column('unacknowledged', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.CheckConstraint("sign <> 'grade' OR grade IS NOT NULL", name=op.f('ck_escalation_triggers_the_grade_is_named')),
    sa.CheckConstraint("sign <> 'mark' OR mark IS NOT NULL", name=op.f('ck_escalation_triggers_the_mark_is_named')),
    sa.CheckConstraint("sign <> 'phrase' OR phrases IS NOT NULL", name=op.f('ck_escalation_triggers_phrases_are_named')),
    sa.CheckConstraint(
        "sign <> 'time' OR (of_level_id IS NOT NULL AND threshold <= 100)", name=op.f('ck_escalation_triggers_time_is_that_of_a_level'),
    ),
    sa.CheckConstraint(
        "sign NOT IN ('repeat', 'reach', 'departments', 'time') OR threshold > 0", name=op.f('ck_escalation_triggers_a_threshold_is_above_zero'),
    ),
    sa.ForeignKeyConstraint(['level_id'], ['escalation_levels.id'], name=op.f('fk_escalation_triggers_level_id')),
    sa.ForeignKeyConstraint(['of_level_id'], ['escalation_levels.id'], name=op.f('fk_escalation_triggers_of_level_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_escalation_triggers')),
    sa.UniqueConstraint('code', name=op.f('uq_escalation_triggers_code'))
    )
    is_archived = sa.text('archived_at IS NOT NULL')
    op.create_index('ix_escalation_triggers_archived_at', 'escalation_triggers', ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)
    op.create_index('ix_escalation_triggers_level_id', 'escalation_triggers', ['level_id'])
    op.create_index('ix_escalation_triggers_of_level_id', 'escalation_triggers', ['of_level_id'])
    for number, (mark, (zh, en)) in enumerate(MARKS.items(), start=1):
        op.execute(FROM_FLAGS.format(code=f'T{number:02}', mark=mark, zh=zh, en=en, **_booleans()))
    for mark in MARKS:
        op.drop_column('escalation_levels', f'for_{mark}')

    # By hand where a table made anew would lose the triggers of the search index.
    op.add_column('escalation_levels', sa.Column('plan_hours', sa.Integer(), nullable=True))
    op.add_column('escalation_levels', sa.Column('warn_at', sa.String(length=200), nullable=False, server_default='50 75 90'))
    op.add_column('escalation_levels', sa.Column('pause_hours', sa.Integer(), nullable=True))
    op.add_column('staff', sa.Column('absent_from', sa.Date(), nullable=True))
    op.add_column('staff', sa.Column('absent_until', sa.Date(), nullable=True))
    op.execute('ALTER TABLE escalations ADD COLUMN asked_id INTEGER CONSTRAINT fk_escalations_asked_id REFERENCES staff (id)')
    op.create_index('ix_escalations_asked_id', 'escalations', ['asked_id'])

    for name, kind in COMPLAINTS:
        op.add_column('complaints', sa.Column(name, kind, nullable=True))
    op.add_column('complaints', sa.Column('asks_higher', sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ('level_warned', 'overall_warned'):
        op.add_column('complaints', sa.Column(name, sa.Integer(), nullable=False, server_default='0'))
    op.execute(LOOK)
    op.execute(PAUSED.format('paused_until'))


def downgrade() -> None:
    op.execute(PAUSED.format('NULL'))
    for name in ('overall_warned', 'level_warned', 'asks_higher', *(name for name, _kind in reversed(COMPLAINTS))):
        op.drop_column('complaints', name)
    op.drop_index('ix_escalations_asked_id', 'escalations')
    op.drop_column('escalations', 'asked_id')
    for name in ('absent_until', 'absent_from'):
        op.drop_column('staff', name)
    for name in ('pause_hours', 'warn_at', 'plan_hours'):
        op.drop_column('escalation_levels', name)
    for mark in MARKS:
        op.add_column('escalation_levels', sa.Column(f'for_{mark}', sa.Boolean(), nullable=False, server_default=sa.false()))
        op.execute(TO_FLAGS.format(mark=mark, **_booleans()))
    op.drop_table('escalation_triggers')


def _booleans() -> dict[str, str]:
    return {'no': '0', 'yes': '1'} if op.get_bind().dialect.name == 'sqlite' else {'no': 'false', 'yes': 'true'}
