"""The two clocks of a complaint, that of its level and the overall one: their log, and the moments that follow from it (domain.md 3.6).

The log is written here alone. A complaint of an old system has none: its stored moments hold, and move by the length of a pause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from backoffice.declare import Refused, _, clock
from models import complaint_promises as promises
from models.calendars import WorkCalendar, followers, opening
from models.clock_segments import KEEPING, RUNNING, ClockSegment, Pace, Turn
from models.complaint_states import WORKING, Status
from models.deadlines import SOLUTION_HOURS, moved_by_pause
from models.escalation_levels import WARNINGS, EscalationLevel
from models.ladder import FULL, next_mark
from models.opening import Calendar, NeverOpen
from models.sla import Clock, NewLimit, Pause, Reading, after, read
from models.triggers import of_time

if TYPE_CHECKING:
    from models.complaint_fields import ComplaintFields
    from models.complaints import Complaint

HOUR = timedelta(hours=1)
OVERALL_MARKS = (*map(int, WARNINGS.split()), FULL)
"""The percentages of the promise of a solution at which people are warned, and its end."""
COUNTING = (*WORKING, Status.PAUSED)
"""The states of a complaint whose clocks are counted anew when a calendar or a level changes; the results of others stay."""


def calendar_of(level: EscalationLevel) -> Calendar | None:
    """When time counts on a level; None around the clock."""
    return opening(level.calendar) if level.calendar is not None else None


def insist_on_an_end(level: EscalationLevel) -> None:
    """Raise :class:`Refused` where the limit of a level would never be over by its calendar."""
    calendar = calendar_of(level)
    try:
        if calendar is not None:
            calendar.add(clock.now(), timedelta(hours=level.limit_hours or 0))
    except NeverOpen:
        raise Refused(_("By this calendar the time limit of {level} would never be over.", "按该日历，{level}的时限永远不会到期。", level=level)) from None


def log(case: ComplaintFields) -> list[ClockSegment]:
    """The stretches so far, in order; none for a complaint of an old system."""
    return sorted(case.segments, key=lambda one: one.sequence)


def turn(case: ComplaintFields, why: Turn, at: datetime | None = None) -> None:
    """From now on the clocks run, or stand still, for this reason; the stretch before ends."""
    rows, at, level = log(case), at or clock.now(), case.level
    if level is None or (not rows and why is not Turn.RECEIVED):
        return
    state = Pace.RUN if why in RUNNING else Pace.PAUSE
    if rows:
        rows[-1].ended_at = max(at, rows[-1].started_at)
    if rows and why in KEEPING:
        state, why = rows[-1].state, why if rows[-1].state is Pace.RUN else rows[-1].reason
    case.session.add(ClockSegment(
        complaint=case, sequence=len(rows) + 1, state=state, reason=why, level=level, limit_hours=level.limit_hours, calendar=level.calendar,
        calendar_revision=level.calendar.revision if level.calendar else None, started_at=at,
    ))


def level_clock(case: ComplaintFields) -> Clock | None:
    """The clock of the present level; None where there is nothing to count from."""
    rows, start, level = log(case), case.level_entered_at, case.level
    if level is None or start is None:
        return None
    calendar = calendar_of(level)
    if not rows:
        return _stored(case, case.level_due_at, level.limit_hours * HOUR)
    rows = [one for one in rows if one.started_at >= start]
    limits = [NewLimit(one.started_at, one.limit_hours * HOUR) for one in rows[1:]]
    return Clock(start, rows[0].limit_hours * HOUR if rows else level.limit_hours * HOUR, calendar, list(_pauses(rows)), limits)


def overall_clock(case: ComplaintFields) -> Clock | None:
    """The promise of a solution within 24 hours of receipt, whatever the level (Part 4 (n)); around the clock."""
    if rows := log(case):
        return Clock(case.received_at, SOLUTION_HOURS * HOUR, None, list(_pauses(rows)))
    return _stored(case, case.overall_due_at, SOLUTION_HOURS * HOUR)


def _pauses(rows: Iterable[ClockSegment]) -> Iterator[Pause]:
    return (Pause(one.started_at, one.ended_at, one.reason.value) for one in rows if one.state is Pace.PAUSE)


def _stored(case: ComplaintFields, due: datetime | None, limit: timedelta) -> Clock | None:
    """What the stored moments of a complaint without a log amount to."""
    if due is None:
        return None
    return Clock(due - limit, limit, None, [Pause(case.clock_stopped_at)] if case.clock_stopped_at else [])


def settle(case: ComplaintFields) -> None:
    """Store what the log says: when each clock is due, and for good that it was late."""
    if not case.segments:
        return
    now, level, overall = clock.now(), level_clock(case), overall_clock(case)
    if level is not None:
        shown = read(level, now)
        case.level_due_at = _due(case, level, shown)
        _latch_level(case, shown.breached_at)
    if overall is not None:
        shown = read(overall, now)
        case.overall_due_at = _due(case, overall, shown)
        case.overall_breached_at = case.overall_breached_at or shown.breached_at


def _due(case: ComplaintFields, one: Clock, shown: Reading) -> datetime:
    """While a clock stands still: when it would be due if it had run on."""
    return shown.due_at or after(one.calendar, max(case.clock_stopped_at or shown.at, one.start), shown.remaining)


def latch(case: ComplaintFields) -> None:
    """Remember for good that a running clock has passed its due moment."""
    if case.segments:
        settle(case)
    elif case.clock_stopped_at is None:
        now = clock.now()
        if case.level_due_at is not None and now > case.level_due_at:
            _latch_level(case, case.level_due_at)
        if case.overall_due_at is not None and now > case.overall_due_at:
            case.overall_breached_at = case.overall_breached_at or case.overall_due_at


def is_level_late(case: ComplaintFields) -> bool:
    """Whether the limit of the present level was missed; that of an earlier one does not count."""
    entered = case.level_entered_at
    return case.level_breached_at is not None and (entered is None or case.level_breached_at > entered)


def _latch_level(case: ComplaintFields, moment: datetime | None) -> None:
    if moment is None or is_level_late(case):
        return
    case.level_breached_at = moment
    for row in reversed(log(case)):
        if row.started_at <= moment:
            row.breached_at = moment
            return


def stop(case: ComplaintFields, why: Turn) -> None:
    """Both clocks stand still from now on."""
    latch(case)
    case.clock_stopped_at = case.clock_stopped_at or clock.now()
    turn(case, why)


def run(case: ComplaintFields, why: Turn) -> None:
    """Both clocks run on with what was left."""
    stopped, now = case.clock_stopped_at, clock.now()
    if stopped is None:
        return
    case.clock_stopped_at = None
    if case.segments:
        turn(case, why)
        settle(case)
        return
    if case.overall_due_at is not None:
        case.overall_due_at = moved_by_pause(case.overall_due_at, stopped, now)
    if case.level_due_at is not None:
        case.level_due_at = moved_by_pause(case.level_due_at, max(stopped, case.level_entered_at or stopped), now)


def enter(case: ComplaintFields, level: EscalationLevel, why: Turn) -> None:
    """The clock of one level ends, that of another begins; the overall clock goes on."""
    latch(case)
    now = clock.now()
    case.level, case.level_entered_at, case.level_warned = level, now, 0
    promises.owe(case, now)
    turn(case, why, now)
    case.level_due_at = after(calendar_of(level), now, level.limit_hours * HOUR)
    settle(case)


def next_moment(case: ComplaintFields) -> datetime | None:
    """When something has to be done next if nobody does anything: a mark is reached, a pause ends, an acceptance or a promise is due."""
    status = case.status or Status.RECEIVED
    if case.from_history:
        return _next_of_history(case) if status in WORKING and case.clock_stopped_at is None else None
    if status is Status.PAUSED:
        return case.paused_until
    if status not in WORKING or case.clock_stopped_at is not None:
        return None
    now = clock.now()
    marks = (next_mark(level_clock(case), level_marks(case), case.level_warned, now), next_mark(overall_clock(case), OVERALL_MARKS, case.overall_warned, now))
    return min((one for one in (*marks, case.accept_due_at, *promises.pending(case).values()) if one is not None), default=None)


def _next_of_history(case: ComplaintFields) -> datetime | None:
    """What is overdue is remembered once, and nothing else happens (Part 4 (p))."""
    level = None if is_level_late(case) else case.level_due_at
    overall = None if case.overall_breached_at else case.overall_due_at
    return min((one for one in (level, overall) if one is not None), default=None)


def level_marks(case: ComplaintFields) -> tuple[int, ...]:
    """The percentages of the level's limit at which something happens: warnings, triggers of time, the limit itself."""
    if case.level is None:
        return ()
    return tuple(sorted({*case.level.warnings, *(one.threshold or FULL for one in of_time(case.session, case.level)), FULL}))


def look_again(cases: Iterable[Complaint]) -> None:
    """Other marks hold: say anew when something is to be done next."""
    for case in cases:
        if case.clock_next_at != (moment := next_moment(case)):
            case.clock_next_at = moment


def count_anew(cases: Iterable[Complaint], *, is_new_limit: bool = False) -> None:
    """What the clocks count by has changed: running and paused ones are due at another moment now, and keep what they used."""
    for case in cases:
        if case.status in COUNTING and case.segments:
            if is_new_limit:
                turn(case, Turn.LIMIT)
            settle(case)


def of_levels(levels: list[EscalationLevel]) -> list[Complaint]:
    """The complaints on these levels whose clocks still count."""
    from models.complaints import Complaint  # noqa: PLC0415  # complaints import their clocks

    if not levels:
        return []
    wanted = select(Complaint).where(Complaint.level_id.in_([one.id for one in levels]), Complaint.status.in_(COUNTING), Complaint.closed_at.is_(None))
    return list(levels[0].session.scalars(wanted.order_by(Complaint.id)))


def follow_calendar(calendar: WorkCalendar) -> None:
    """A calendar has changed, and with it all that follow it."""
    ids = {one.id for one in followers(calendar)}
    levels = calendar.session.scalars(select(EscalationLevel).where(EscalationLevel.calendar_id.in_(ids))).all()
    for level in levels:
        insist_on_an_end(level)
    count_anew(of_levels(list(levels)))

