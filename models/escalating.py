"""The pass: what time alone does with open complaints. It warns, remembers what is late, raises, and asks the deputy (domain.md 2.2, 3.6).

Safe with several workers and after any downtime: a case is locked, looked at again and written with what was done to it in one transaction,
and what was done once is not due again. A level begins when the case comes to it, so none is passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backoffice.declare import Moment, clock, command, periodic
from models import complaint_clocks as clocks
from models import complaint_levels as levels
from models import complaint_promises as promises
from models import escalation_messages as messages
from models.complaint_states import WORKING, Status
from models.complaints import Complaint
from models.escalation_levels import EscalationLevel
from models.ladder import ACCEPTANCE, BREACHED, FULL, LEVEL, OVERALL, RAISED, REASSIGNED, WARNED, raising, reached, spoken
from models.triggers import Trigger, of_time

log = logging.getLogger(__name__)
EVERY_S = 60
AT_ONCE = 50
"""So many cases are locked, and written together."""
PUT_OFF = timedelta(minutes=10)


@dataclass(frozen=True)
class Event:
    """What the pass did: to which case, on which level, by which clock, at which percentage of its limit (None where it is no matter of a limit)."""

    what: str
    case: Complaint
    level: str
    clock: str
    mark: int | None


class Report(dict[str, Any]):
    """What one pass did, as JSON; as text how often."""

    def __str__(self) -> str:
        return ", ".join(f"{what} {len(self[what])}" for what in (WARNED, BREACHED, RAISED, REASSIGNED))


@periodic("escalate", every_s=EVERY_S)
def work(session: Session) -> Iterator[None]:
    """One pass over all that is due; each yield is a good moment to commit."""
    for _events in passing(session):
        yield


@command("escalate")
def escalate(session: Session, *, now: Moment | None = None) -> Report:
    """One pass over the complaints: warn, remember what is late, raise, ask deputies. NOW is the moment it is done for; without an offset in the house's zone."""
    moment = now or clock.now()
    report = Report(now=moment.astimezone(clock.zone()).isoformat(), **{what: [] for what in (WARNED, BREACHED, RAISED, REASSIGNED)})
    with clock.stopped_at(moment):
        for events in passing(session):
            for one in events:
                report[one.what].append({"complaint_no": one.case.complaint_no, "level": one.level, "clock": one.clock, "mark": one.mark})
            session.commit()
    return report


def passing(session: Session) -> Iterator[list[Event]]:
    """Set by set, what was done; whoever asks for the next one has committed this one. Each case comes once."""
    last = 0
    while cases := _due(session, last):
        last = cases[-1].id
        yield [one for case in cases for one in _carefully(case)]


def _due(session: Session, last: int) -> list[Complaint]:
    """Cases with something due, behind one; those that somebody writes just now wait for the next pass."""
    due = select(Complaint).where(Complaint.clock_next_at <= clock.now(), Complaint.archived_at.is_(None), Complaint.id > last)
    locked = due.order_by(Complaint.id).limit(AT_ONCE).with_for_update(skip_locked=True)
    return list(session.scalars(locked.execution_options(populate_existing=True)))


def _carefully(case: Complaint) -> list[Event]:
    """One case that nobody can handle must not keep the others waiting; it is looked at again later."""
    session, number = case.session, case.id
    try:
        with session.begin_nested():
            events = list(act(case))
            session.flush()
    except Exception as problem:  # noqa: BLE001  # whatever is wrong with it, the next one has a right to its pass
        log.warning("complaint %s was put off: %s", number, type(problem).__name__)
        session.execute(update(Complaint).where(Complaint.id == number).values(clock_next_at=clock.now() + PUT_OFF))
        return []
    return events


def act(case: Complaint) -> Iterator[Event]:
    """Do to one case what is due now; nothing that is not."""
    if case.from_history:
        yield from _remember(case)
    elif case.status is Status.PAUSED:
        if case.paused_until is not None and case.paused_until <= clock.now():
            case.end_pause()
            messages.resumed(case)
    elif case.status in WORKING:
        yield from _promises(case)
        yield from _overall(case)
        yield from _acceptance(case)
        yield from _level(case)
    clocks.look_again([case])


def _remember(case: Complaint) -> Iterator[Event]:
    """What an old system left overdue is remembered once, and nobody is told (Part 4 (p))."""
    before = clocks.is_level_late(case), case.overall_breached_at
    clocks.latch(case)
    if clocks.is_level_late(case) and not before[0]:
        yield _event(BREACHED, case, LEVEL, FULL)
    if case.overall_breached_at and not before[1]:
        yield _event(BREACHED, case, OVERALL, FULL)


def _promises(case: Complaint) -> Iterator[Event]:
    for name in promises.latch(case):
        messages.breached(case, name)
        yield _event(BREACHED, case, name, FULL)


def _overall(case: Complaint) -> Iterator[Event]:
    marks = reached(clocks.overall_clock(case), clocks.OVERALL_MARKS, case.overall_warned, clock.now())
    if marks:
        case.overall_warned = marks[-1]
        clocks.latch(case)
        yield _told(case, OVERALL, marks[-1])


def _acceptance(case: Complaint) -> Iterator[Event]:
    if case.accept_due_at is not None and case.accept_due_at <= clock.now() and levels.hand_to_deputy(case):
        yield _event(REASSIGNED, case, ACCEPTANCE, None)


def _level(case: Complaint) -> Iterator[Event]:
    """Warn, or remember that the limit is missed; and where a trigger says so the next level takes over."""
    marks = reached(clocks.level_clock(case), clocks.level_marks(case), case.level_warned, clock.now())
    if not marks or case.level is None:
        return
    case.level_warned, level = marks[-1], case.level
    clocks.latch(case)
    rule = _rule(case, level, marks)
    mark = spoken(marks, level.warnings, is_raised=rule is not None)
    if mark is not None:
        yield _told(case, LEVEL, mark) if rule is None else _event(BREACHED, case, LEVEL, mark)
    if rule is not None:
        yield from _raise(case, rule)


def _rule(case: Complaint, level: EscalationLevel, marks: tuple[int, ...]) -> Trigger | None:
    """The trigger of time that raises the case now."""
    known = {one.code: one for one in of_time(case.session, level)}
    rule = raising((one.rule() for one in known.values()), level.rank, marks, is_acknowledged=case.acknowledged_at is not None)
    return known[rule.code] if rule is not None else None


def _raise(case: Complaint, rule: Trigger) -> Iterator[Event]:
    """Whoever is told that it was raised is told nothing else of the same moment."""
    owner = case.owner
    levels.raise_to(case, rule.level, str(rule.in_words), rule=rule.code)
    yield _event(RAISED, case, LEVEL, rule.threshold)
    if case.owner is not owner:
        yield _event(REASSIGNED, case, LEVEL, rule.threshold)


def _told(case: Complaint, by: str, mark: int) -> Event:
    """Warn of a limit, or say that it is missed."""
    if mark == FULL:
        messages.breached(case, by)
    else:
        messages.warned(case, by, mark)
    return _event(BREACHED if mark == FULL else WARNED, case, by, mark)


def _event(what: str, case: Complaint, by: str, mark: int | None) -> Event:
    return Event(what, case, case.level.code if case.level else "", by, mark)
