"""Who may grant a compensation now: the lowest level whose authority covers it and whose budget of the month does (domain.md 1.12, 3.5, 3.9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from backoffice.declare import Meter, Refused, Text, _, clock
from models.authority_limits import AuthorityLimit, able_to_grant, yuan
from models.budgets import concerned, hold, meter, month_of, room
from models.escalation_levels import EscalationLevel

if TYPE_CHECKING:
    from models.compensations import Compensation


@dataclass(frozen=True)
class Way:
    """Under which limit something is granted, what is left in the budget there, and the levels that were passed by, each with what is left."""

    limit: AuthorityLimit
    left: Decimal | None
    passed: tuple[tuple[EscalationLevel, Decimal | None], ...]
    is_open: bool = True
    """False where no budget has enough; then the limit is that of the highest level."""

    @property
    def level(self) -> EscalationLevel:
        """The level that grants."""
        return self.limit.level


def find(one: Compensation) -> Way:
    """The way for a compensation, from its present level upward; the budgets of the month are held until the end of the transaction."""
    session, month, asked_of = one.session, month_of(clock.now()), one.required_level
    hold(session, month)
    limits = [limit for limit in able_to_grant(session, one.kind, one.amount) if asked_of is None or limit.level.rank >= asked_of.rank]
    if not limits:
        raise Refused(_("No level above may grant this. Check the authority limits.", "没有更高级别可以给予该补偿，请检查审批权限设置。"), field="amount")
    passed: list[tuple[EscalationLevel, Decimal | None]] = []
    if asked_of is not None and limits[0].level is not asked_of:  # its limit was lowered meanwhile
        passed.append((asked_of, None))
    for limit in limits:
        left = room(concerned(session, month, limit.level, one.store))
        if left is None or one.amount <= left:
            return Way(limit, left, tuple(passed))
        passed.append((limit.level, left))
    return Way(limits[-1], passed[-1][1], tuple(passed[:-1]), is_open=False)


def used_up(way: Way) -> Text:
    """Why nothing can be granted this month."""
    return _(
        "The budget of {month} is used up: level {level} has {left} left, and no higher level may grant it. Raise a budget first.",
        "{month}的预算已用完：{level}剩余{left}，且没有更高级别可以给予。请先增加预算。",
        month=month_of(clock.now()), level=way.level, left=yuan(way.left or Decimal(0)),
    )


def recount(one: Compensation) -> None:
    """Write down anew what is used of the budgets that it counts in, or counted in until now."""
    moments = {one.approved_at, *(inspect(one).attrs.approved_at.history.deleted or ())}
    for month in sorted({month_of(moment) for moment in moments if moment is not None}):
        for budget in hold(one.session, month):
            budget.count()


def budget_meters(one: Compensation) -> Iterator[Meter]:
    """The budgets that it is, or would be, granted on: what is left, and what it takes."""
    level, is_asked = one.required_level, one.approved_at is None
    if one.from_history or level is None or not (one.is_waiting or one.is_granted):
        return
    for budget in concerned(one.session, month_of(one.approved_at or clock.now()), level, one.store):
        yield meter(budget, one.amount if is_asked else Decimal(0))
