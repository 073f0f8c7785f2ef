"""Keep standard phrases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('standard_phrases',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('situation', sa.String(length=32), nullable=False),
    sa.Column('wording_zh', sa.Text(), nullable=False),
    sa.Column('wording_en', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_standard_phrases')),
    sa.UniqueConstraint('code', name=op.f('uq_standard_phrases_code'))
    )
    is_archived = sa.text('archived_at IS NOT NULL')
    op.create_index('ix_standard_phrases_archived_at', 'standard_phrases', ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)


def downgrade() -> None:
    op.drop_table('standard_phrases')
