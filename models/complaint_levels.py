"""How a complaint moves between levels; called by the complaint's methods. Its clocks are in complaint_clocks.py."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from backoffice.declare import Refused, Text, _, clock
from models import complaint_clocks as clocks
from models import escalation_messages as messages
from models.acting import linked, me
from models.clock_segments import Turn
from models.complaint_states import EscalationStatus, RaisedBy, Status
from models.deadlines import SOLUTION_HOURS, due_after
from models.escalation_levels import EscalationLevel, lowest, next_above, next_below
from models.escalations import Escalation
from models.level_people import deputy_for, person_for
from models.sla import after
from models.todos import Todo, TodoStatus
from models.triggers import active

if TYPE_CHECKING:
    from models.complaint_steps import ComplaintSteps
    from models.staff import Staff

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
    """Say what became of the current change of level; nobody has to accept it any longer."""
    if (current := current_escalation(case)) is not None:
        current.status = status
        end_todo(case, current, _("No longer needed.", "已不需要。"))
    case.accept_due_at = None


def raise_to(case: ComplaintSteps, to: EscalationLevel | None, reason: str, rule: str | None = None) -> Escalation:
    """Enter a higher level: its clock starts, and somebody there is asked to accept it, by a to-do.

    A person who raises it keeps it until then; a case that a rule raises belongs to whoever is asked.
    """
    target = to or next_above(case.session, case.level)
    if target is None or (case.level is not None and target.rank <= case.level.rank):
        raise Refused(_("The new level must be higher than the present one.", "目标级别必须高于当前级别。"), field="to")
    end_escalation(case, EscalationStatus.RAISED_NEXT)
    row = _enter(case, target, reason, EscalationStatus.RAISED, rule)
    if case.status is Status.PAUSED and case.may_not_pause:
        case.end_pause()
    ask(case, row, person_for(case, target))
    messages.raised(case, row)
    return row


def lower_to(case: ComplaintSteps, to: EscalationLevel | None, reason: str) -> Escalation:
    """Enter a lower level again; never one below what the marks of the case demand."""
    if case.level is None:
        raise Refused(_("The complaint has no level yet.", "该投诉尚无级别。"))
    target = to or next_below(case.session, case.level)
    if target is None or target.rank >= case.level.rank:
        raise Refused(_("The new level must be lower than the present one.", "目标级别必须低于当前级别。"), field="to")
    least = demanded(case)
    if least is not None and target.rank < least.rank:
        raise Refused(
            _("Its marks demand level {level}; it cannot be lowered below that.", "该投诉的标记要求{level}，不能降到更低级别。", level=least),
            field="to", code="trigger_active",
        )
    end_escalation(case, EscalationStatus.LOWERED)
    return _enter(case, target, reason, EscalationStatus.HANDLING, None)


def demanded(case: ComplaintSteps) -> EscalationLevel | None:
    """The level that the triggers hold a case at, or None where none does."""
    return max((one.level for one in active(case.session) if one.demands(case)), key=lambda one: one.rank, default=None)


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


def ask(case: ComplaintSteps, row: Escalation, person: Staff | None) -> None:
    """Somebody of the level, or anybody of its role where there is nobody to name, has some minutes to accept."""
    level = row.to_level
    end_todo(case, row, _("Somebody else was asked.", "已改由他人接手。"))
    row.asked, case.accept_due_at = person, clock.now() + timedelta(minutes=level.accept_minutes)
    if row.rule and person is not None:
        case.owner = person
    title: Text = _("Accept complaint {number} at level {level}", "接手投诉 {number}（{level}）", number=case.complaint_no, level=level)
    case.session.add(Todo(
        title=str(title), person=person, role=level.owner_role, store=case.store, due_at=case.accept_due_at, resource="complaints", record_key=case.complaint_no,
    ))


def hand_to_deputy(case: ComplaintSteps) -> bool:
    """Nobody has accepted in time: the deputy is asked, or whoever has come meanwhile. Whether there was anybody."""
    row = current_escalation(case)
    person = None
    if row is not None and row.status is EscalationStatus.RAISED:
        person = deputy_for(row.asked, row.to_level) if row.asked is not None else person_for(case, row.to_level)
    if row is None or person is None:
        case.accept_due_at = None
        return False
    before = row.asked
    ask(case, row, person)
    messages.passed_on(case, row, before)
    return True


def accept(case: ComplaintSteps) -> Escalation:
    """The colleague who acts takes the case over at its level; the owner before stays in the history."""
    row = current_escalation(case)
    if row is None or not waits(case):
        raise Refused(_("No escalation waits to be accepted.", "没有待接手的升级。"), code="wrong_state")
    row.status, row.acknowledged_at, row.acknowledged_by = EscalationStatus.ACKNOWLEDGED, clock.now(), me()
    end_todo(case, row)
    case.owner, case.accept_due_at = me() or case.owner, None
    return row


def end_todo(case: ComplaintSteps, row: Escalation, why: Text | None = None) -> None:
    """The to-do that asked somebody to accept this change of level is done, or dropped for a reason; also after its time."""
    asked = case.session.query(Todo).filter_by(resource="complaints", record_key=case.complaint_no, status=TodoStatus.OPEN, role=row.to_level.owner_role)
    for todo in asked.filter(Todo.due_at >= row.raised_at, Todo.title.contains(case.complaint_no)):
        if why is None:
            todo.done()
        else:
            todo.drop(reason=str(why))
