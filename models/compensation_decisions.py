"""Decisions on compensations: who granted, asked, passed on, signed, refused or called off, when, at which level and why. Never rewritten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Count, LongText, Model, Moment, Money, Resource, Text, _, clock, field, link
from models import compensation_messages as messages
from models.acting import keep
from models.escalation_levels import EscalationLevel
from models.roles import E, R, rights
from models.scopes import within
from models.staff import Staff
from models.todos import Todo, TodoStatus

if TYPE_CHECKING:
    from models.compensations import Compensation

FACTS = (
    "compensation", "compensation_id", "sequence", "verdict", "level", "level_id", "decided_by", "decided_by_id", "decided_at", "reason", "budget_left",
)


class Verdict(Choice):
    """What was decided."""

    GRANTED = "granted", _("Granted at once", "权限内给予"), "good"
    ASKED = "asked", _("Approval asked for", "提交审批"), "info"
    PASSED = "passed_on", _("Passed on to a higher level", "转上级审批"), "warn"
    APPROVED = "approved", _("Approved", "批准"), "good"
    SIGNED = "signed_second", _("Signed as second", "第二人签字"), "good"
    REJECTED = "rejected", _("Rejected", "驳回"), "bad"
    CANCELLED = "cancelled", _("Called off", "撤销"), "neutral"


def decisions_here(person: Any) -> ColumnElement[bool]:
    """Decisions on the compensations that the person reads."""
    from models.compensations import Compensation, compensations_here  # noqa: PLC0415  # compensations import their decisions

    return within(CompensationDecision.compensation_id, Compensation, compensations_here)(person)


class CompensationDecision(Model):
    """One step on the way of a compensation. A request brings a to-do for those who own the level."""

    __tablename__ = "compensation_decisions"
    __table_args__ = (
        UniqueConstraint("compensation_id", "sequence"),
        CheckConstraint("sequence > 0", name="counts_from_one"),
    )
    __resource__ = Resource(
        _("Compensation decision", "补偿审批记录"), _("Compensation decisions", "补偿审批记录"), name="compensation-decisions",
        key=("compensation", "sequence"), icon="pen", group=_("Complaints", "投诉"), importable=False, lasting=True, order=("-decided_at",),
        columns=("compensation", "sequence", "verdict", "level", "decided_by", "decided_at", "reason", "budget_left"),
        filters=("verdict", "decided_by", "decided_at"), search=("compensation.compensation_no",),
        rights=rights(supervisor=R, manager=R, admin=R, auditor=R | E, store=decisions_here),
    )

    compensation_id: Mapped[int] = mapped_column(ForeignKey("compensations.id"))
    compensation: Mapped[Compensation] = link(_("Compensation", "补偿"), locked=True, back_populates="decisions", active_history=True)
    sequence: Mapped[Count] = field(_("Sequence", "序号"), locked=True)
    verdict: Mapped[Verdict] = field(_("Decision", "审批结果"), locked=True, index=True)
    level_id: Mapped[int | None] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    level: Mapped[EscalationLevel | None] = link(_("Level", "级别"), locked=True, active_history=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    decided_by: Mapped[Staff | None] = link(_("By", "操作人"), locked=True, active_history=True)
    decided_at: Mapped[Moment] = field(_("At", "时间"), locked=True, index=True)
    reason: Mapped[LongText | None] = field(_("Reason", "理由"), locked=True)
    budget_left: Mapped[Money | None] = field(
        _("Left in the budget before (CNY)", "决定前预算剩余（元）"), locked=True,
        help=_("Empty: no budget for the level and month.", "空白表示该级别当月未设预算。"),
    )

    def before_save(self, *, is_new: bool) -> None:
        """What was decided stays as it is; whoever has to decide next is told."""
        if not is_new:
            keep(self, *FACTS, why=_("A decision is not rewritten.", "审批记录不得修改。"))
            return
        if self.sequence == max(other.sequence for other in self.compensation.decisions):
            _settle_todos(self.compensation)
            if self.compensation.is_waiting:
                _ask_further(self.compensation)
                messages.asked(self.compensation)
            else:
                messages.decided(self.compensation, self)


def _settle_todos(one: Compensation) -> None:
    """What was asked of a level has been answered, or is asked of another one now."""
    mine = one.session.query(Todo).filter_by(resource="compensations", record_key=one.compensation_no, status=TodoStatus.OPEN, person_id=None)
    for todo in mine:
        todo.done()


def _ask_further(one: Compensation) -> None:
    """A to-do for the owners of the level, at the store."""
    if one.required_level is None:
        return
    level, number = one.required_level, one.compensation_no
    title: Text = _("Decide compensation {number} at level {level}", "审批补偿 {number}（{level}）", number=number, level=level)
    if one.approved_by is not None:
        title = _("Sign compensation {number} second at level {level}", "第二人签字：补偿 {number}（{level}）", number=number, level=level)
    one.session.add(Todo(
        title=str(title), role=level.owner_role, store=one.store, due_at=clock.now() + timedelta(minutes=level.accept_minutes), resource="compensations",
        record_key=number,
    ))
