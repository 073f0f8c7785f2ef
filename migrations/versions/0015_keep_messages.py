"""Keep messages, what each person wants of them by e-mail, and what leaves the house; give people an e-mail address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('occasion', sa.String(length=40), nullable=False),
    sa.Column('resource', sa.String(length=64), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('title_zh', sa.String(length=200), nullable=False),
    sa.Column('title_en', sa.String(length=200), nullable=False),
    sa.Column('body_zh', sa.Text(), nullable=True),
    sa.Column('body_en', sa.Text(), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('by_mail', sa.String(length=16), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('person_id', 'resource', 'record_id', 'occasion', 'key', name='uq_messages_one_event_one_message')
    )
    op.create_index('ix_messages_person_id_id', 'messages', ['person_id', 'id'])
    few('ix_messages_unread', 'person_id', 'read_at IS NULL')
    few('ix_messages_open', 'told_at', 'by_mail IS NULL')
    few('ix_messages_digest', 'person_id', "by_mail = 'digest'")

    op.create_table('message_choices',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('occasion', sa.String(length=40), nullable=False),
    sa.Column('by_mail', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('person_id', 'occasion', name=op.f('pk_message_choices'))
    )
    op.create_table('message_times',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('quiet_from', sa.Integer(), nullable=False),
    sa.Column('quiet_until', sa.Integer(), nullable=False),
    sa.Column('digest_at', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_message_times'))
    )

    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(length=255), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('owner', sa.String(length=64), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('who', sa.String(length=200), nullable=True),
    sa.Column('way', sa.String(length=32), nullable=False),
    sa.Column('occasion', sa.String(length=40), nullable=True),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('why', sa.String(length=32), nullable=True),
    sa.Column('reply', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.CheckConstraint("(state IN ('sending', 'handing')) = (owner IS NOT NULL) OR state IN ('sent', 'unsure')", name=op.f('ck_outbox_somebody_sends_it')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('event', name=op.f('uq_outbox_event'))
    )
    is_archived, is_due = sa.text('archived_at IS NOT NULL'), sa.text("state = 'waiting'")
    op.create_index('ix_outbox_archived_at', 'outbox', ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)
    op.create_index('ix_outbox_due', 'outbox', ['way', 'next_at', 'id'], sqlite_where=is_due, postgresql_where=is_due)
    op.create_index('ix_outbox_state', 'outbox', ['state'])
    op.create_index('ix_outbox_message_id', 'outbox', ['message_id'])
    op.create_index('ix_outbox_person_id', 'outbox', ['person_id'])

    op.add_column('staff', sa.Column('email', sa.String(length=120), nullable=True))


def few(name: str, column: str, where: str) -> None:
    op.create_index(name, 'messages', [column, 'id'], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_column('staff', 'email')
    for table in ('outbox', 'message_times', 'message_choices', 'messages'):
        op.drop_table(table)
