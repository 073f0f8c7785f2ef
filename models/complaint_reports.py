"""What is counted of complaints: in time on each level, the promise of 24 hours, the first reply, what was reopened (domain.md 1.16, Part 4 (c), (k), (l), (n)).

A complaint counts as soon as its clock is decided: it was missed, or it stopped for good. Complaints of an old system have
no clocks of ours and are in no rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select
from sqlalchemy.orm import aliased

from backoffice.declare import By, Mean, Per, Report, Share, Tally, Text, _, clock, seconds_between
from models.clock_segments import ClockSegment
from models.complaint_promises import PLAN, REPLY
from models.complaint_states import WORKING, Status
from models.deadlines import SOLUTION_HOURS

if TYPE_CHECKING:
    from models.complaints import Complaint

    Case = type[Complaint]

SETTLED = (Status.RESOLVED, Status.FOLLOW_UP, Status.CLOSED, Status.REJECTED, Status.WITHDRAWN)
"""The states in which both clocks have stopped for good, unless it is reopened."""
PROMISED = {REPLY: "replied_at", PLAN: "decision"}
"""What keeps each promise beside the solution."""


def is_counted(case: Case) -> ColumnElement[bool]:
    """Complaints with clocks of ours."""
    return not_(case.from_history)


def _runs_late(case: Case, due: Any) -> ColumnElement[bool]:
    """Whether a running clock is past its due moment, latched or not yet."""
    return and_(case.status.in_(WORKING), case.clock_stopped_at.is_(None), func.coalesce(due < clock.now(), false()))


def solved_late(case: Case) -> ColumnElement[bool]:
    """The overall limit was missed."""
    return or_(case.overall_breached_at.is_not(None), _runs_late(case, case.overall_due_at))


def solution_decided(case: Case) -> ColumnElement[bool]:
    """It is known whether it was solved in time."""
    return and_(is_counted(case), or_(case.status.in_(SETTLED), solved_late(case)))


def level_late(case: Case) -> ColumnElement[bool]:
    """The limit of some level was missed."""
    return or_(case.level_breached_at.is_not(None), _runs_late(case, case.level_due_at))


def levels_decided(case: Case) -> ColumnElement[bool]:
    """It is known whether every level was in time."""
    return and_(is_counted(case), or_(case.status.in_(SETTLED), level_late(case)))


def late_on(case: Case, level: Any) -> ColumnElement[bool]:
    """The limit of this level was missed; that of another one does not matter."""
    stretch = aliased(ClockSegment)
    missed = select(stretch.id).where(stretch.complaint_id == case.id, stretch.level_id == level, stretch.breached_at.is_not(None)).exists()
    return or_(missed, and_(case.level_id == level, _runs_late(case, case.level_due_at)))


def decided_on(case: Case, level: Any) -> ColumnElement[bool]:
    """It has left this level, or its clocks have stopped, or it was late there."""
    return and_(is_counted(case), or_(case.level_id != level, case.status.in_(SETTLED), late_on(case, level)))


def replied(case: Case) -> ColumnElement[bool]:
    """The customer was told that somebody takes care."""
    return and_(is_counted(case), case.acknowledged_at.is_not(None))


def promise_decided(case: Case, name: str) -> ColumnElement[bool]:
    """A level owed the public a reply, or the customer a plan, and it is known whether in time."""
    return and_(is_counted(case), getattr(case, f"{name}_due_at").is_not(None), or_(promise_missed(case, name), getattr(case, PROMISED[name]).is_not(None)))


def promise_missed(case: Case, name: str) -> ColumnElement[bool]:
    """What was owed came late, or is late."""
    due = getattr(case, f"{name}_due_at")
    overdue = and_(case.status.in_(WORKING), getattr(case, PROMISED[name]).is_(None), func.coalesce(due < clock.now(), false()))
    return or_(getattr(case, f"{name}_breached_at").is_not(None), overdue)


def was_ended(case: Case) -> ColumnElement[bool]:
    """It was closed, rejected or withdrawn once."""
    return and_(is_counted(case), or_(case.closed_at.is_not(None), case.reopened_count > 0))


IN_TIME = (_("in time", "按时"), _("late", "超时"))


def _promise(name: str, figure: str, label: Text, explained: Text) -> Share:
    return Share(
        name=figure, label=label, of=lambda case: promise_decided(case, name), met=lambda case: not_(promise_missed(case, name)), words=IN_TIME,
        tells=(f"{name}_due_at", PROMISED[name], "status"), help=explained,
    )


COMPLAINTS = Report(
    _("Complaint report", "投诉报表"), at="received_at", filters=("store", "level"),
    figures=(
        Share(
            name="solved", label=_("Solved in {hours} h", "{hours}小时解决率", hours=SOLUTION_HOURS), of=solution_decided,
            met=lambda case: not_(solved_late(case)), words=IN_TIME, tells=("overall_due_at", "overall_breached_at", "clock_stopped_at", "status"),
            help=_(
                "The overall clock, from receipt: solved or ended within {hours} hours of running time. A complaint counts once that is decided; "
                "one that still has time does not count yet.",
                "按总时限计算：自接收投诉起{hours}小时计时内解决或结案。结果确定后才计入，仍在时限内的暂不计入。", hours=SOLUTION_HOURS,
            ),
        ),
        Share(
            name="levels", label=_("In time on every level", "各级均按时"), of=levels_decided, met=lambda case: not_(level_late(case)), words=IN_TIME,
            tells=("level_due_at", "level_breached_at", "clock_stopped_at", "status"),
            help=_("No limit of any level that it went through was missed.", "所经各级别的时限均未超时。"),
        ),
        Mean(
            name="reply", label=_("First reply after", "首次回应用时"), of=replied, seconds=lambda case: seconds_between(case.received_at, case.acknowledged_at),
            tells=("acknowledged_at",),
            help=_("From receipt to acknowledgment, around the clock: the mean of those acknowledged.", "自接收至受理的平均用时（全天候计时），仅含已受理的投诉。"),
        ),
        _promise(
            REPLY, "public-reply", _("First public reply in time", "首次公开回应按时率"),
            _("Only complaints on a level that owes the public a first reply, from the moment at which they entered it.",
              "仅统计进入须公开回应级别的投诉，自进入该级别起计时。"),
        ),
        _promise(
            PLAN, "plan", _("Plan in time", "方案按时率"),
            _("Only complaints on a level that owes the customer a plan, from the moment at which they entered it.",
              "仅统计进入须给出方案级别的投诉，自进入该级别起计时。"),
        ),
        Share(
            name="reopened", label=_("Reopened", "重开率"), of=was_ended, met=lambda case: case.reopened_count > 0,
            words=(_("reopened", "重开"), _("not", "未重开")), tells=("reopened_count", "closed_at"),
            help=_("Of those that were closed, rejected or withdrawn at least once.", "占曾经关闭、不予受理或撤回的投诉的比例。"),
        ),
        Tally(
            name="history", label=_("From an old system", "来自旧系统"), where=lambda case: case.from_history, tells=("from_history",),
            help=_("They have no clocks of ours: they are counted, and in no rate.", "没有本系统的计时，只计件数，不计入各项比率。"),
        ),
    ),
    by=(
        Per("segments.level", _("Level that it was on", "经过的级别"), figures=(
            Share(
                name="level", label=_("In time on the level", "本级按时率"), of=decided_on, met=lambda case, level: not_(late_on(case, level)), words=IN_TIME,
                tells=("level", "level_due_at", "clock_stopped_at", "status"),
                help=_(
                    "Each level by its own clock, from the moment at which the complaint entered it. A complaint on several levels counts on each.",
                    "各级别自进入之时起单独计时；经过多个级别的投诉在每一级都计入。",
                ),
            ),
        )),
        By("category"), By("problem_type"), By("subject"), By("store"), By("owner"), By("order.advisor"),
    ),
)
