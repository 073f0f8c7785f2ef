"""Make room for the search index: marks of what was written, and what each index holds. The indexes follow from the models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backoffice import search

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('search_due',
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('noun', sa.String(length=64), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_search_due'))
    )
    op.create_table('search_built',
    sa.Column('noun', sa.String(length=64), nullable=False),
    sa.Column('definition', sa.Text(), nullable=False),
    sa.Column('rebuilding_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('noun', name=op.f('pk_search_built'))
    )


def downgrade() -> None:
    search.remove(op.get_bind())
    op.drop_table('search_built')
    op.drop_table('search_due')
