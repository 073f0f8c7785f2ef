"""Reads the stories of complaints from what the house keeps: their rows, the log of their clocks, their changes of level, and the history of their fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, or_, select
from sqlalchemy.orm import Session

from backoffice.declare.journal import AuditEntry, Deed
from models.clock_segments import ClockSegment, Pace, Turn
from models.complaint_states import RaisedBy
from models.complaints import Complaint
from models.customers import Customer
from models.escalation_levels import EscalationLevel
from models.escalations import Escalation
from models.signs import LOOKS_AT, WORDS, Mark, Rule, Sign, meets
from models.stories import Did, Known, Step, Story

MARKS = tuple(one.value for one in Mark)
PLAIN = ("readers", "departments", "asks_higher")
HEARD = frozenset((*WORDS, *MARKS, *PLAIN, "vehicle", "customer"))
"""The fields that triggers look at."""
TURNS = {
    Turn.CUSTOMER: Did.PAUSED, Turn.OEM: Did.PAUSED, Turn.PARTS: Did.PAUSED, Turn.RESUMED: Did.RESUMED, Turn.RESOLVED: Did.RESOLVED,
    Turn.CLOSED: Did.ENDED, Turn.REJECTED: Did.ENDED, Turn.WITHDRAWN: Did.ENDED, Turn.EXTERNAL: Did.REFERRED, Turn.REOPENED: Did.REOPENED,
}
"""What people did when a stretch of the log began for this reason."""


def stories(session: Session, wanted: Select[Any], rules: Iterable[Rule]) -> Iterator[Story]:
    """The stories of complaints, whose numbers are wanted, by their receipt. Complaints of an old system have none.

    A mark that one of these rules would have left at the same moment was left by it, and not by people.
    """
    log, moves, said = _log(session, wanted), _moves(session, wanted), _said(session, wanted)
    earlier, by_rule = _earlier(session, wanted), tuple(one for one in rules if one.mark is not None and one.sign is not Sign.MARK)
    names = ("id", "received_at", "created_at", "vehicle_id", "acknowledged_at", "replied_at", *WORDS, *MARKS, *PLAIN)
    rows = select(*(getattr(Complaint, name) for name in names), Customer.grade).outerjoin(Customer, Complaint.customer_id == Customer.id)
    for row in session.execute(rows.where(Complaint.id.in_(wanted), Complaint.from_history.is_(False)).order_by(Complaint.received_at, Complaint.id)):
        if row.id not in log:
            continue
        told: dict[str, Any] = {name: getattr(row, name) for name in (*WORDS, *MARKS, *PLAIN)}
        heard = _Heard(told, Known(grade=row.grade, earlier=earlier.get(row.id)), by_rule)
        rank, turned = log[row.id]
        known = heard.back(said.get(row.id, ()))
        steps = [*_stamps(row), *heard.steps, *moves.get(row.id, ()), *turned]
        yield Story(row.id, row.received_at, row.created_at, rank, known, tuple(sorted(steps, key=lambda one: one.at)))


def _stamps(row: Any) -> Iterator[Step]:
    if row.acknowledged_at is not None:
        yield Step(row.acknowledged_at, Did.ACKNOWLEDGED)
    if row.replied_at is not None:
        yield Step(row.replied_at, Did.REPLIED)


def _log(session: Session, wanted: Select[Any]) -> dict[int, tuple[int, list[Step]]]:
    """By complaint: the rank that it began at, and when its clocks stopped and ran on."""
    own = select(ClockSegment.complaint_id, ClockSegment.state, ClockSegment.reason, ClockSegment.started_at, EscalationLevel.rank)
    rows = own.join(EscalationLevel, ClockSegment.level_id == EscalationLevel.id).where(ClockSegment.complaint_id.in_(wanted))
    found: dict[int, tuple[int, list[Step]]] = {}
    before = None
    for row in session.execute(rows.order_by(ClockSegment.complaint_id, ClockSegment.sequence)):
        if row.complaint_id not in found:
            found[row.complaint_id] = row.rank, []
        elif row.reason in TURNS and (before is None or row.state is Pace.RUN or before != (Pace.PAUSE, row.reason)):  # else it goes on standing still
            found[row.complaint_id][1].append(Step(row.started_at, TURNS[row.reason]))
        before = row.state, row.reason
    return found


def _moves(session: Session, wanted: Select[Any]) -> dict[int, list[Step]]:
    """By complaint: to which ranks people moved it, and when somebody accepted it there."""
    names = ("complaint_id", "from_level_id", "to_level_id", "trigger", "raised_at", "acknowledged_at")
    rows = select(*(getattr(Escalation, name) for name in names)).where(Escalation.complaint_id.in_(wanted))
    ranks = {row.id: row.rank for row in session.execute(select(EscalationLevel.id, EscalationLevel.rank))}
    found = defaultdict(list)
    for row in session.execute(rows.order_by(Escalation.complaint_id, Escalation.sequence)):
        rank = ranks[row.to_level_id]
        if row.trigger is RaisedBy.MANUAL:
            found[row.complaint_id].append(Step(row.raised_at, Did.RAISED if rank > ranks.get(row.from_level_id, 0) else Did.LOWERED, rank))
        if row.acknowledged_at is not None:
            found[row.complaint_id].append(Step(row.acknowledged_at, Did.ACCEPTED))
    return found


def _said(session: Session, wanted: Select[Any]) -> dict[int, list[tuple[datetime, Mapping[str, Any]]]]:
    """By complaint: what was written into it after it was recorded, the last first."""
    spoken = or_(*(cast(AuditEntry.changes, String).contains(f'"{name}"') for name in (*sorted(HEARD), "decision")))  # most entries are of steps
    rows = select(AuditEntry.record_id, AuditEntry.at, AuditEntry.changes).where(
        AuditEntry.resource == "complaints", AuditEntry.record_id.in_(wanted), AuditEntry.deed == Deed.UPDATE, spoken,
    )
    found = defaultdict(list)
    for number, at, changes in session.execute(rows.order_by(AuditEntry.id.desc())):
        if not HEARD.isdisjoint(changes) or "decision" in changes:
            found[number].append((at, changes))
    return found


def _earlier(session: Session, wanted: Select[Any]) -> dict[int, timedelta]:
    """By complaint: how long before it the same car and category was complained of."""
    cars = select(Complaint.vehicle_id).where(Complaint.id.in_(wanted))
    columns = (Complaint.id, Complaint.vehicle_id, Complaint.category, Complaint.received_at)
    rows = select(*columns).where(Complaint.vehicle_id.in_(cars), Complaint.archived_at.is_(None), Complaint.category.is_not(None))
    found, last = {}, dict[tuple[int, str | None], datetime]()
    for number, car, category, at in session.execute(rows.order_by(Complaint.received_at, Complaint.id)):
        if (car, category) in last:
            found[number] = at - last[car, category]
        last[car, category] = at
    return found


class _Heard:
    """What was said of a complaint, followed back to its beginning; the steps come in the order of time."""

    def __init__(self, told: dict[str, Any], known: Known, rules: tuple[Rule, ...]) -> None:
        self.told, self.known, self.rules = told, known, rules
        self.steps: list[Step] = []

    def back(self, changes: Iterable[tuple[datetime, Mapping[str, Any]]]) -> Known:
        """What was said at first, with the marks that people set."""
        for at, one in changes:
            if "decision" in one and one["decision"][0] is None:
                self.steps.insert(0, Step(at, Did.PLANNED))
            if fields := HEARD & set(one):
                before = {name: one[name][0] for name in fields if name in self.told}
                was = {mark for mark in Mark if before.get(mark.value, self.told[mark.value])}
                known = self._known()
                new = self._by_people(known, known.marks - was, fields)
                self.steps.insert(0, Step(at, Did.SAID, known=replace(known, marks=new), fields=frozenset(fields), taken=frozenset(was - known.marks)))
                self.told.update(before)
        known = self._known()
        return replace(known, marks=self._by_people(known, known.marks, HEARD))

    def _known(self) -> Known:
        told = self.told
        return replace(
            self.known, words="\n".join(filter(None, (told[name] for name in WORDS))), marks=frozenset(one for one in Mark if told[one.value]),
            **{name: told[name] for name in PLAIN},
        )

    def _by_people(self, known: Known, marks: Iterable[Mark], fields: Iterable[str]) -> frozenset[Mark]:
        """These marks without those that a rule left, for it looks at one of the fields."""
        new, heard = frozenset(marks), set(fields)
        left = (one.mark for one in self.rules if one.mark in new and not heard.isdisjoint(LOOKS_AT.get(one.sign, ())) and meets(one, known))
        return new - set(left)
