"""Monthly budgets of compensations: how much a level may grant in a month, and what is left (domain.md 1.12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from backoffice.declare import LongText, Meter, Model, Money, Refused, Resource, Tone, _, action, clock, field, link
from models.acting import linked
from models.authority_limits import yuan
from models.changes import settle_links
from models.claims import claim
from models.escalation_levels import EscalationLevel
from models.roles import CRU, A, E, I, R, Role, rights
from models.scopes import of_store
from models.stores import Store
from models.types import Month

MARKS = (50, 75, 90)
SOON = 75
KEEPERS = (Role.MANAGER, Role.ADMIN)


def budgets_here(person: Any) -> ColumnElement[bool]:
    """Budgets of the person's store, and those of all stores together."""
    return Budget.store_id.is_(None) | of_store(Budget.store_id)(person)


def budget_meters(budget: Budget) -> list[Meter]:
    """How much of it is used."""
    return [meter(budget)]


class Budget(Model):
    """What a level may grant in a month, at one store or at all together; where there is no row there is no limit.

    What is used is counted from the compensations; the stored figures are for lists and are never trusted by a rule.
    """

    __tablename__ = "budgets"
    __table_args__ = (
        claim("a_budget_is_no_debt", "amount >= 0", _("An amount is not below zero.", "金额不能为负数。")),
        Index("uq_budgets_one_a_store", "month", "level_id", "store_id", unique=True),
        Index(
            "uq_budgets_one_for_all_stores", "month", "level_id", unique=True, sqlite_where=text("store_id IS NULL"),
            postgresql_where=text("store_id IS NULL"),
        ),
    )
    __resource__ = Resource(
        _("Budget", "补偿预算"), _("Budgets", "补偿预算"), name="budgets", small=True, key=("month", "level", "store"), icon="piggy-bank",
        group=_("Complaints", "投诉"), order=("-month", "level"), filters=("month", "level", "store"), search=("month", "level.code"),
        columns=("month", "level", "store", "amount", "used", "left"), meters=budget_meters,
        hint=_("What each level may grant in a month, and what is left.", "各级别每月可给予的补偿总额及剩余额度。"),
        rights=rights(
            agent=R, advisor=R, supervisor=R, manager=CRU | A | I | E, admin=CRU | A | I | E, auditor=R | E, store=budgets_here,
        ),
    )

    month: Mapped[Month] = field(_("Month", "月份"))
    level_id: Mapped[int] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    level: Mapped[EscalationLevel] = link(_("Level", "级别"), active_history=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey(Store.id), index=True)
    store: Mapped[Store | None] = link(_("Store", "门店"), help=_("Empty: all stores together.", "不填表示所有门店合计。"), active_history=True)
    amount: Mapped[Money] = field(_("Budget (CNY)", "预算金额（元）"), help=_("Zero: nothing may be granted.", "填 0 表示不得给予任何补偿。"))
    used: Mapped[Money] = field(_("Used (CNY)", "已用（元）"), locked=True, default=Decimal(0))
    left: Mapped[Money] = field(_("Left (CNY)", "剩余（元）"), locked=True, default=Decimal(0))
    note: Mapped[LongText | None] = field(_("Note", "说明"))

    def before_save(self, *, is_new: bool) -> None:
        """Count what is used already."""
        settle_links(self, "level", "store")
        self.count()

    def count(self) -> None:
        """Write down what is used and what is left, for lists."""
        self.used = spent(self)
        self.left = max(Decimal(0), self.amount - self.used)

    @action(
        _("Same for the next month", "沿用到下月"), by=KEEPERS, bulk=True, icon="calendar-plus",
        confirm=_("Make {count} budgets for the next month?", "为下个月新建 {count} 项预算？"),
    )
    def carry_on(self) -> None:
        """A budget of the same amount for the month after; what was left is not carried over."""
        month = month_after(self.month)
        if self.session.scalars(select(Budget.id).where(Budget.month == month, Budget.level == self.level, Budget.store == self.store)).first():
            raise Refused(_("There is a budget for {month} already.", "{month}的预算已存在。", month=month), code="not_unique")
        self.session.add(Budget(month=month, level=self.level, store=self.store, amount=self.amount))


def month_of(moment: datetime) -> str:
    """The month that a moment lies in, where the house is."""
    return moment.astimezone(clock.zone()).strftime("%Y-%m")


def month_after(month: str) -> str:
    """The next month."""
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"


def _start(month: str) -> datetime:
    return datetime.combine(date.fromisoformat(f"{month}-01"), time(), clock.zone())


def spent(budget: Budget) -> Decimal:
    """What was granted on it: counted from the compensations, those that are about to be written as they are going to be."""
    from models.compensations import GRANTED, Compensation  # noqa: PLC0415  # compensations import budgets

    session, level, store = budget.session, linked(budget, "level", EscalationLevel), linked(budget, "store", Store)
    waiting: list[Any] = [one for one in (*session.new, *session.dirty) if isinstance(one, Compensation)]
    start, end = _start(budget.month), _start(month_after(budget.month))
    mine = and_(
        Compensation.required_level_id == budget.level_id if level is None else Compensation.required_level == level, Compensation.approved_at >= start,
        Compensation.approved_at < end, Compensation.status.in_(GRANTED), Compensation.archived_at.is_(None), Compensation.from_history.is_(False),
        Compensation.id.not_in([one.id for one in waiting if one.id is not None]),
    )
    if store is not None:
        mine = and_(mine, Compensation.complaint.has(store_id=store.id))
    stored = session.scalar(select(func.sum(Compensation.amount)).where(mine)) or Decimal(0)
    coming = (
        one.amount for one in waiting
        if one.is_granted and one.required_level is level and start <= one.approved_at < end and (store is None or one.store is store)
    )
    return Decimal(stored + sum(coming, Decimal(0)))


def hold(session: Session, month: str) -> Sequence[Budget]:
    """The budgets of a month, locked until the end of the transaction: nobody else grants meanwhile.

    All of the month in one order, whatever is granted, so that two who hold some never wait for each other.
    """
    rows = select(Budget).where(Budget.month == month, Budget.archived_at.is_(None)).order_by(Budget.id)
    return session.scalars(rows.with_for_update(of=Budget).execution_options(populate_existing=True)).all()


def concerned(session: Session, month: str, level: EscalationLevel, store: Store | None) -> list[Budget]:
    """The budgets on which a level grants something at a store: that of the store, that of all stores, both or none."""
    rows = session.scalars(select(Budget).where(Budget.month == month, Budget.level == level, Budget.archived_at.is_(None)).order_by(Budget.id))
    return [one for one in rows if one.store is None or one.store is store]


def room(budgets: Iterable[Budget]) -> Decimal | None:
    """What may still be granted on all of these; None without a budget."""
    return min((max(Decimal(0), one.amount - spent(one)) for one in budgets), default=None)


def meter(budget: Budget, asked: Decimal = Decimal(0)) -> Meter:
    """A bar: what is used, and what would be used with the amount that is asked for."""
    used = spent(budget)
    left, whole = max(Decimal(0), budget.amount - used), budget.amount
    label = _("Budget {budget}:", "{budget}预算：", budget=budget)
    says = _("{used} of {whole} used, {left} left.", "已用{used}，共{whole}，剩余{left}。", used=yuan(used), whole=yuan(whole), left=yuan(left))
    if asked:
        says = _("{says} This takes {asked}.", "{says}本次需{asked}。", says=says, asked=yuan(asked))
    parts = _percent(used, whole), _percent(asked, whole)
    tone: Tone = "bad" if used + asked > whole else "warn" if sum(parts) >= SOON else "info"
    return Meter(label, round(sum(parts)), says, tone, parts=parts, marks=MARKS)


def _percent(part: Decimal, whole: Decimal) -> float:
    """Of a budget of nothing, anything is more than all."""
    if not whole:
        return 101.0 if part else 0.0
    return float(part * 100 / whole)
