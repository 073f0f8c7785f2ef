"""How a complaint moves between levels and how its two clocks stop and run on; called by the complaint's methods."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from backoffice.declare import Refused, Text, _, clock
from models.acting import me
from models.complaint_states import EscalationStatus, RaisedBy, Status
from models.deadlines import SOLUTION_HOURS, due_after, moved_by_pause
from models.escalation_levels import EscalationLevel, demanded, lowest, next_above, next_below
from models.escalations import Escalation
from models.todos import Todo, TodoStatus

if TYPE_CHECKING:
    from models.complaint_steps import ComplaintSteps

CURRENT = (EscalationStatus.RAISED, EscalationStatus.ACKNOWLEDGED, EscalationStatus.HANDLING)


def start_clocks(case: ComplaintSteps) -> None:
    """A new complaint enters the lowest level; both clocks count from its receipt (Part 4 (c), (n))."""
    if case.level is None and case.level_id is None:
        case.level = lowest(case.session)
    if case.level is None:
        if not case.from_history:
            raise Refused(_("There is no escalation level yet. Load the reference data first.", "尚无升级级别，请先导入基础数据。"))
        return
    start = case.received_at
    case.level_entered_at = case.level_entered_at or start
    case.level_due_at = case.level_due_at or due_after(case.level_entered_at, case.level.limit_hours)
    case.overall_due_at = case.overall_due_at or due_after(start, SOLUTION_HOURS)


def latch(case: ComplaintSteps) -> None:
    """Remember for good that a running clock has passed its due moment."""
    if case.clock_stopped_at is not None:
        return
    now = clock.now()
    if case.level_due_at is not None and now > case.level_due_at:
        case.level_breached_at = case.level_breached_at or case.level_due_at
    if case.overall_due_at is not None and now > case.overall_due_at:
        case.overall_breached_at = case.overall_breached_at or case.overall_due_at


def stop_clocks(case: ComplaintSteps) -> None:
    """Both clocks stand still from now on."""
    latch(case)
    case.clock_stopped_at = case.clock_stopped_at or clock.now()


def run_clocks(case: ComplaintSteps) -> None:
    """Both clocks run on; what they stood still is added to their due moments."""
    stopped, now = case.clock_stopped_at, clock.now()
    if stopped is None:
        return
    if case.overall_due_at is not None:
        case.overall_due_at = moved_by_pause(case.overall_due_at, stopped, now)
    if case.level_due_at is not None:
        entered = case.level_entered_at or stopped
        case.level_due_at = moved_by_pause(case.level_due_at, max(stopped, entered), now)
    case.clock_stopped_at = None


def current_escalation(case: ComplaintSteps) -> Escalation | None:
    """The change of level that brought the complaint where it is, unless it is over."""
    return next((one for one in sorted(case.escalations, key=lambda one: -one.sequence) if one.status in CURRENT), None)


def waits(case: ComplaintSteps) -> bool:
    """Whether a raised level still has to be accepted."""
    current = current_escalation(case)
    return current is not None and current.status is EscalationStatus.RAISED


def end_escalation(case: ComplaintSteps, status: EscalationStatus) -> None:
    """Say what became of the current change of level."""
    if (current := current_escalation(case)) is not None:
        current.status = status


def raise_to(case: ComplaintSteps, to: EscalationLevel | None, reason: str, rule: str | None = None) -> Escalation:
    """Enter a higher level: its clock starts, the owner stays until somebody there accepts, who is told by a to-do."""
    target = to or next_above(case.session, case.level)
    if target is None or (case.level is not None and target.rank <= case.level.rank):
        raise Refused(_("The new level must be higher than the present one.", "目标级别必须高于当前级别。"), field="to")
    end_escalation(case, EscalationStatus.RAISED_NEXT)
    row = _enter(case, target, reason, EscalationStatus.RAISED, rule)
    if case.status is Status.PAUSED and case.may_not_pause:
        case.end_pause()
    _ask_to_accept(case, target)
    return row


def lower_to(case: ComplaintSteps, to: EscalationLevel | None, reason: str) -> Escalation:
    """Enter a lower level again; never one below what the marks of the case demand."""
    if case.level is None:
        raise Refused(_("The complaint has no level yet.", "该投诉尚无级别。"))
    target = to or next_below(case.session, case.level)
    if target is None or target.rank >= case.level.rank:
        raise Refused(_("The new level must be lower than the present one.", "目标级别必须低于当前级别。"), field="to")
    least = demanded(case.session, case)
    if least is not None and target.rank < least.rank:
        raise Refused(
            _("Its marks demand level {level}; it cannot be lowered below that.", "该投诉的标记要求{level}，不能降到更低级别。", level=least),
            field="to", code="trigger_active",
        )
    end_escalation(case, EscalationStatus.LOWERED)
    return _enter(case, target, reason, EscalationStatus.HANDLING, None)


def _enter(case: ComplaintSteps, level: EscalationLevel, reason: str, status: EscalationStatus, rule: str | None) -> Escalation:
    latch(case)
    now = clock.now()
    row = Escalation(
        complaint=case, sequence=max((one.sequence for one in case.escalations), default=0) + 1, from_level=case.level, to_level=level,
        trigger=RaisedBy.AUTO if rule else RaisedBy.MANUAL, rule=rule, reason=reason, raised_by=me(), from_owner=case.owner, raised_at=now,
        due_at=due_after(now, level.limit_hours), status=status,
    )
    case.session.add(row)
    case.level, case.level_entered_at, case.level_due_at = level, now, row.due_at
    return row


def accept(case: ComplaintSteps) -> Escalation:
    """The colleague who acts takes the case over at its level; the owner before stays in the history."""
    row = current_escalation(case)
    if row is None or not waits(case):
        raise Refused(_("No escalation waits to be accepted.", "没有待接手的升级。"), code="wrong_state")
    row.status, row.acknowledged_at, row.acknowledged_by = EscalationStatus.ACKNOWLEDGED, clock.now(), me()
    case.owner = me() or case.owner
    for todo in case.session.query(Todo).filter_by(resource="complaints", record_key=case.complaint_no, status=TodoStatus.OPEN, person_id=None):
        if todo.role is row.to_level.owner_role:
            todo.done()
    return row


def _ask_to_accept(case: ComplaintSteps, level: EscalationLevel) -> None:
    title: Text = _("Accept complaint {number} at level {level}", "接手投诉 {number}（{level}）", number=case.complaint_no, level=level)
    case.session.add(Todo(
        title=str(title), role=level.owner_role, store=case.store, due_at=clock.now() + timedelta(minutes=level.accept_minutes), resource="complaints",
        record_key=case.complaint_no,
    ))

