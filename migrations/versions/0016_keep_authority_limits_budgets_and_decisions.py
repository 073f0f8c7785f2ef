"""Keep what each level may grant as rows, its budgets, and the decisions on compensations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

MONEY = sa.Numeric(12, 2).with_variant(sa.BigInteger(), "sqlite")
KINDS = (
    'service_adjustment', 'wash_voucher', 'fee_reduction', 'priority_slot', 'special_service', 'full_refund', 'major_compensation', 'policy_exception',
)
CARRY_OVER = """
INSERT INTO authority_limits (level_id, kind, max_amount, second_signature, to_be_set, version, created_at, updated_at, from_history)
SELECT level.id, '{kind}', level.max_amount, level.second_signature, level.to_be_set, 1, level.created_at, level.created_at, level.from_history
FROM escalation_levels AS level WHERE EXISTS (
    SELECT 1 FROM escalation_levels AS other
    WHERE other.rank <= level.rank AND other.archived_at IS NULL AND ' ' || other.grants || ' ' LIKE '% {kind} %'
)
"""
GRANTS = """
UPDATE escalation_levels SET grants = grants || ' {kind}' WHERE id = (
    SELECT limits.level_id FROM authority_limits AS limits JOIN escalation_levels AS level ON level.id = limits.level_id
    WHERE limits.kind = '{kind}' ORDER BY level.rank LIMIT 1
)
"""
AMOUNTS = """
UPDATE escalation_levels SET
    max_amount = (
        SELECT CASE WHEN COUNT(*) = COUNT(limits.max_amount) THEN MAX(limits.max_amount) END FROM authority_limits AS limits
        WHERE limits.level_id = escalation_levels.id
    ),
    second_signature = EXISTS (SELECT 1 FROM authority_limits AS limits WHERE limits.level_id = escalation_levels.id AND limits.second_signature),
    to_be_set = EXISTS (SELECT 1 FROM authority_limits AS limits WHERE limits.level_id = escalation_levels.id AND limits.to_be_set),
    grants = TRIM(grants)
"""
CLAIM = 'CONSTRAINT ck_escalation_levels_a_limit_is_no_debt CHECK (max_amount >= 0)'


def system_columns() -> list[sa.Column[object]]:
    return [
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('from_history', sa.Boolean(), nullable=False),
    ]


def index_archived(table: str) -> None:
    is_archived = sa.text('archived_at IS NOT NULL')
    op.create_index(f'ix_{table}_archived_at', table, ['archived_at'], sqlite_where=is_archived, postgresql_where=is_archived)


def make_limits() -> None:
    op.create_table('authority_limits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('max_amount', MONEY, nullable=True),
    sa.Column('second_signature', sa.Boolean(), nullable=False),
    sa.Column('to_be_set', sa.Boolean(), nullable=False),
    *system_columns(),
    sa.CheckConstraint('(max_amount >= 0) OR from_history', name=op.f('ck_authority_limits_a_limit_is_no_debt')),
    sa.ForeignKeyConstraint(['level_id'], ['escalation_levels.id'], name=op.f('fk_authority_limits_level_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_authority_limits')),
    sa.UniqueConstraint('level_id', 'kind', name=op.f('uq_authority_limits_level_id_kind'))
    )
    index_archived('authority_limits')
    op.create_index('ix_authority_limits_level_id', 'authority_limits', ['level_id'])


def make_budgets() -> None:
    op.create_table('budgets',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=False),
    sa.Column('store_id', sa.Integer(), nullable=True),
    sa.Column('amount', MONEY, nullable=False),
    sa.Column('used', MONEY, nullable=False),
    sa.Column('left', MONEY, nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    *system_columns(),
    sa.CheckConstraint('(amount >= 0) OR from_history', name=op.f('ck_budgets_a_budget_is_no_debt')),
    sa.ForeignKeyConstraint(['level_id'], ['escalation_levels.id'], name=op.f('fk_budgets_level_id')),
    sa.ForeignKeyConstraint(['store_id'], ['stores.id'], name=op.f('fk_budgets_store_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budgets'))
    )
    index_archived('budgets')
    op.create_index('ix_budgets_level_id', 'budgets', ['level_id'])
    op.create_index('ix_budgets_store_id', 'budgets', ['store_id'])
    op.create_index('uq_budgets_one_a_store', 'budgets', ['month', 'level_id', 'store_id'], unique=True)
    is_for_all = sa.text('store_id IS NULL')
    op.create_index(
        'uq_budgets_one_for_all_stores', 'budgets', ['month', 'level_id'], unique=True, sqlite_where=is_for_all, postgresql_where=is_for_all,
    )


def make_decisions() -> None:
    op.create_table('compensation_decisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('compensation_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.String(length=32), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('budget_left', MONEY, nullable=True),
    *system_columns(),
    sa.CheckConstraint('sequence > 0', name=op.f('ck_compensation_decisions_counts_from_one')),
    sa.ForeignKeyConstraint(['compensation_id'], ['compensations.id'], name=op.f('fk_compensation_decisions_compensation_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['staff.id'], name=op.f('fk_compensation_decisions_decided_by_id')),
    sa.ForeignKeyConstraint(['level_id'], ['escalation_levels.id'], name=op.f('fk_compensation_decisions_level_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_compensation_decisions')),
    sa.UniqueConstraint('compensation_id', 'sequence', name=op.f('uq_compensation_decisions_compensation_id_sequence'))
    )
    index_archived('compensation_decisions')
    for name in ('decided_at', 'decided_by_id', 'level_id', 'verdict'):
        op.create_index(f'ix_compensation_decisions_{name}', 'compensation_decisions', [name])


def drop_claim() -> None:
    """PostgreSQL drops a CHECK with its column. SQLite drops no column that a CHECK names: take that out of the table's text, as its manual has it."""
    if op.get_bind().dialect.name != 'sqlite':
        return
    op.execute('PRAGMA writable_schema = ON')
    op.execute(f"""
        UPDATE sqlite_schema SET sql = replace(replace(sql, ', ' || char(10) || char(9) || '{CLAIM}', ''), '{CLAIM}', '')
        WHERE type = 'table' AND name = 'escalation_levels'
    """)
    op.execute('PRAGMA writable_schema = RESET')


def upgrade() -> None:
    make_limits()
    make_budgets()
    make_decisions()
    for kind in KINDS:
        op.execute(CARRY_OVER.format(kind=kind))
    drop_claim()
    for name in ('max_amount', 'second_signature', 'grants', 'to_be_set'):
        op.drop_column('escalation_levels', name)
    op.create_index('ix_compensations_required_level_id_approved_at', 'compensations', ['required_level_id', 'approved_at'])
    op.drop_index('ix_compensations_required_level_id', 'compensations')


def downgrade() -> None:
    op.create_index('ix_compensations_required_level_id', 'compensations', ['required_level_id'])
    op.drop_index('ix_compensations_required_level_id_approved_at', 'compensations')
    money = 'BIGINT' if op.get_bind().dialect.name == 'sqlite' else 'NUMERIC(12, 2)'
    op.execute(f'ALTER TABLE escalation_levels ADD COLUMN max_amount {money} {CLAIM}')
    op.add_column('escalation_levels', sa.Column('second_signature', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('escalation_levels', sa.Column('grants', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('escalation_levels', sa.Column('to_be_set', sa.Boolean(), nullable=False, server_default=sa.false()))
    for kind in KINDS:
        op.execute(GRANTS.format(kind=kind))
    op.execute(AMOUNTS)
    op.drop_table('compensation_decisions')
    op.drop_table('budgets')
    op.drop_table('authority_limits')
