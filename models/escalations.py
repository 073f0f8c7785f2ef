"""Escalations: the history of a complaint's levels. Rows are made by the complaint's methods and stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Count, LongText, Model, Moment, Resource, ShortText, _, concerns, field, link
from models.acting import keep
from models.complaint_states import EscalationStatus, RaisedBy
from models.escalation_levels import EscalationLevel
from models.roles import E, I, R, Role, rights
from models.scopes import within
from models.staff import Staff

if TYPE_CHECKING:
    from models.complaints import Complaint

FACTS = (
    "complaint", "complaint_id", "sequence", "from_level", "from_level_id", "to_level", "to_level_id", "trigger", "rule", "reason",
    "raised_by", "raised_by_id", "from_owner", "from_owner_id", "raised_at", "due_at", "acknowledged_at", "acknowledged_by",
    "acknowledged_by_id",
)


def escalations_here(person: Any) -> ColumnElement[bool]:
    """Changes of level of the complaints that the person reads."""
    from models.complaints import Complaint, complaints_here  # noqa: PLC0415  # complaints import escalations

    return within(Escalation.complaint_id, Complaint, complaints_here)(person)


def own_escalations(person: Any) -> ColumnElement[bool]:
    """Changes of level of the person's own complaints."""
    from models.complaints import Complaint, own_complaints  # noqa: PLC0415  # complaints import escalations

    return within(Escalation.complaint_id, Complaint, own_complaints)(person)


class Escalation(Model):
    """One change of level: who, why, from whom; only its status moves on, and acceptance is written once."""

    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint("complaint_id", "sequence"),
        CheckConstraint("sequence > 0", name="counts_from_one"),
        CheckConstraint("from_level_id <> to_level_id", name="leads_to_another_level"),
        CheckConstraint("reason IS NOT NULL OR from_history", name="new_has_reason"),
        CheckConstraint("status <> 'acknowledged' OR acknowledged_at IS NOT NULL OR from_history", name="accepted_has_time"),
        CheckConstraint("acknowledged_at >= raised_at OR from_history", name="accepted_after_it_was_raised"),
    )
    __resource__ = Resource(
        _("Escalation", "投诉升级"), _("Escalations", "投诉升级"), name="escalations", key=("complaint", "sequence"), icon="arrow-up-circle",
        group=_("Complaints", "投诉"), columns=("complaint", "sequence", "from_level", "to_level", "status", "raised_at", "due_at", "acknowledged_at"),
        search=("complaint.complaint_no", "reason"), filters=("status", "to_level", "raised_at"), order=("-raised_at",),
        rights=rights(
            agent=R, advisor=R, workshop=R, supervisor=R | I | E, manager=R | I | E, admin=R | I | E, auditor=R | E,
            store=escalations_here, own=own_escalations, only_own=(Role.WORKSHOP,),
        ),
    )

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    complaint: Mapped[Complaint] = link(_("Complaint", "投诉"), aliases=("投诉编号",), locked=True, back_populates="escalations", active_history=True)
    sequence: Mapped[Count] = field(_("Sequence", "序号"), locked=True)
    from_level_id: Mapped[int | None] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    from_level: Mapped[EscalationLevel | None] = link(_("From level", "原级别"), locked=True, foreign_keys=[from_level_id], active_history=True)
    to_level_id: Mapped[int] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    to_level: Mapped[EscalationLevel] = link(_("To level", "目标级别"), locked=True, foreign_keys=[to_level_id], active_history=True)
    trigger: Mapped[RaisedBy] = field(_("Trigger", "触发方式"), default=RaisedBy.MANUAL, locked=True)
    rule: Mapped[ShortText | None] = field(_("Rule", "触发规则"), locked=True)
    reason: Mapped[LongText | None] = field(_("Reason", "原因"), locked=True, needed=True)
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    raised_by: Mapped[Staff | None] = link(_("By", "操作人"), locked=True, foreign_keys=[raised_by_id], active_history=True)
    from_owner_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    from_owner: Mapped[Staff | None] = link(_("Owner before", "原负责人"), locked=True, foreign_keys=[from_owner_id], active_history=True)
    raised_at: Mapped[Moment] = field(_("At", "升级时间"), locked=True, index=True)
    due_at: Mapped[Moment | None] = field(_("Due", "到期时间"), locked=True)
    asked_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    asked: Mapped[Staff | None] = link(_("Asked to accept", "待接手人"), locked=True, foreign_keys=[asked_id])
    acknowledged_at: Mapped[Moment | None] = field(_("Accepted at", "接手时间"), locked=True)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    acknowledged_by: Mapped[Staff | None] = link(_("Accepted by", "接手人"), locked=True, foreign_keys=[acknowledged_by_id], active_history=True)
    status: Mapped[EscalationStatus] = field(_("Status", "状态"), default=EscalationStatus.RAISED, locked=True, index=True)

    @concerns(*FACTS, new=False, history=False)
    def before_save(self, *, is_new: bool) -> None:
        """History is not rewritten."""
        if not is_new:
            keep(self, *FACTS, why=_("The history of levels is not rewritten.", "升级历史不得修改。"))
