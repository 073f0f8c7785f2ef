"""How a complaint moves between levels; called by the complaint's methods. Its clocks are in complaint_clocks.py."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from backoffice.declare import Refused, Text, _, clock
from models import complaint_clocks as clocks
from models.acting import linked, me
from models.clock_segments import Turn
from models.complaint_states import EscalationStatus, RaisedBy, Status
from models.deadlines import SOLUTION_HOURS, due_after
from models.escalation_levels import EscalationLevel, demanded, lowest, next_above, next_below
from models.escalations import Escalation
from models.sla import after
from models.todos import Todo, TodoStatus

if TYPE_CHECKING:
    from models.complaint_steps import ComplaintSteps

CURRENT = (EscalationStatus.RAISED, EscalationStatus.ACKNOWLEDGED, EscalationStatus.HANDLING)


def start_clocks(case: ComplaintSteps) -> None:
    """A new complaint enters the lowest level; both clocks count from its receipt (Part 4 (c), (n)). One of an old system gets no log."""
    if case.level is None and case.level_id is None:
        case.level = lowest(case.session)
    level = linked(case, "level", EscalationLevel)
    if level is None:
        if not case.from_history:
            raise Refused(_("There is no escalation level yet. Load the reference data first.", "尚无升级级别，请先导入基础数据。"))
        return
    start = case.received_at
    case.level, case.level_entered_at = level, case.level_entered_at or start
    if not case.from_history:
        clocks.turn(case, Turn.RECEIVED, start)
        clocks.settle(case)
    case.level_due_at = case.level_due_at or after(clocks.calendar_of(level), case.level_entered_at, timedelta(hours=level.limit_hours))
    case.overall_due_at = case.overall_due_at or due_after(start, SOLUTION_HOURS)


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
    before = case.level
    clocks.enter(case, level, Turn.LOWERED if before is not None and level.rank < before.rank else Turn.RAISED)
    row = Escalation(
        complaint=case, sequence=max((one.sequence for one in case.escalations), default=0) + 1, from_level=before, to_level=level,
        trigger=RaisedBy.AUTO if rule else RaisedBy.MANUAL, rule=rule, reason=reason, raised_by=me(), from_owner=case.owner,
        raised_at=case.level_entered_at, due_at=case.level_due_at, status=status,
    )
    case.session.add(row)
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

