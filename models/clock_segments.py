"""Clock segments: the log of a complaint's clocks, each stretch that they ran or stood still (domain.md 3.2, 3.6). Made by its methods alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Count, Model, Moment, Resource, _, concerns, field, link
from models.acting import keep
from models.calendars import WorkCalendar
from models.escalation_levels import EscalationLevel
from models.roles import E, R, Role, rights
from models.scopes import within

if TYPE_CHECKING:
    from models.complaints import Complaint

FACTS = ("complaint", "complaint_id", "sequence", "state", "reason", "level", "level_id", "limit_hours", "calendar", "calendar_id", "started_at", "ended_at")


class Pace(Choice):
    """Whether the clocks run."""

    RUN = "run", _("Running", "计时"), "info"
    PAUSE = "pause", _("Standing still", "停表"), "neutral"


class Turn(Choice):
    """What began a stretch."""

    RECEIVED = "received", _("Received", "接收投诉")
    RESUMED = "resumed", _("Resumed", "恢复处理")
    REOPENED = "reopened", _("Reopened", "重新打开")
    RAISED = "raised", _("Level raised", "升级")
    LOWERED = "lowered", _("Level lowered", "降级")
    LIMIT = "limit", _("Rules of the level changed", "级别规则变更")
    CUSTOMER = "waiting_customer", _("Waiting for the customer", "等待客户")
    OEM = "waiting_oem", _("Waiting for the manufacturer", "等待厂家")
    PARTS = "waiting_parts", _("Waiting for parts", "等待配件")
    RESOLVED = "resolved", _("Resolved", "已解决")
    CLOSED = "closed", _("Closed", "已关闭")
    REJECTED = "rejected", _("Rejected", "不予受理")
    WITHDRAWN = "withdrawn", _("Withdrawn", "客户撤回")
    EXTERNAL = "external", _("With an outside body", "外部机构处理")


RUNNING = (Turn.RECEIVED, Turn.RESUMED, Turn.REOPENED)
KEEPING = (Turn.RAISED, Turn.LOWERED, Turn.LIMIT)
"""After these the clocks go on as before: they run, or stand still for the reason that they stood still for."""


def segments_here(person: Any) -> ColumnElement[bool]:
    """The logs of the complaints that the person reads."""
    from models.complaints import Complaint, complaints_here  # noqa: PLC0415  # complaints import their log

    return within(ClockSegment.complaint_id, Complaint, complaints_here)(person)


def own_segments(person: Any) -> ColumnElement[bool]:
    """The logs of the person's own complaints."""
    from models.complaints import Complaint, own_complaints  # noqa: PLC0415  # complaints import their log

    return within(ClockSegment.complaint_id, Complaint, own_complaints)(person)


class ClockSegment(Model):
    """One stretch, under one limit of one level. Once it has ended it is not rewritten."""

    __tablename__ = "clock_segments"
    __table_args__ = (
        UniqueConstraint("complaint_id", "sequence"),
        CheckConstraint("sequence > 0", name="counts_from_one"),
        CheckConstraint("ended_at >= started_at", name="ends_after_it_began"),
    )
    __resource__ = Resource(
        _("Clock segment", "计时段"), _("Clock segments", "计时段"), name="clock-segments", key=("complaint", "sequence"), icon="stopwatch",
        group=_("Complaints", "投诉"), columns=("complaint", "sequence", "state", "reason", "level", "started_at", "ended_at"), importable=False,
        order=("-id",), hint=_("What the clocks of complaints are counted from.", "投诉计时的依据。"),
        rights=rights(
            agent=R, advisor=R, workshop=R, supervisor=R | E, manager=R | E, admin=R | E, auditor=R | E,
            store=segments_here, own=own_segments, only_own=(Role.WORKSHOP,),
        ),
    )

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"))
    complaint: Mapped[Complaint] = link(_("Complaint", "投诉"), locked=True, back_populates="segments", active_history=True)
    sequence: Mapped[Count] = field(_("Sequence", "序号"), locked=True)
    state: Mapped[Pace] = field(_("Clocks", "计时状态"), locked=True)
    reason: Mapped[Turn] = field(_("Because", "原因"), locked=True)
    level_id: Mapped[int] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    level: Mapped[EscalationLevel] = link(_("Level", "级别"), locked=True)
    limit_hours: Mapped[Count] = field(_("Time limit (hours)", "时限（小时）"), locked=True)
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey(WorkCalendar.id), index=True)
    calendar: Mapped[WorkCalendar | None] = link(_("Calendar", "工作日历"), locked=True)
    calendar_revision: Mapped[Count | None] = field(_("Revision of the calendar", "日历版本"), locked=True)
    started_at: Mapped[Moment] = field(_("From", "开始时间"), locked=True)
    ended_at: Mapped[Moment | None] = field(_("To", "结束时间"), locked=True)
    breached_at: Mapped[Moment | None] = field(_("Level limit missed", "本级超时时间"), locked=True)

    @concerns(*FACTS, new=False, history=False)
    def before_save(self, *, is_new: bool) -> None:
        """A log is not rewritten."""
        if not is_new:
            keep(self, *FACTS, why=_("The log of the clocks is not rewritten.", "计时记录不得修改。"))
