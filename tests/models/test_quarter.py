"""A quarter of complaints, lived through twice: by the program, and by a plain count of minutes.

`make acceptance` does it with 500; ``QUARTER_PARTS=10`` with 5,000, which takes some minutes.
"""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backoffice.declare import clock
from backoffice.declare.messages import TOLD
from backoffice.declare.people import acting
from models.complaint_clocks import level_clock, overall_clock
from models.complaint_states import EscalationStatus, PauseReason, Status
from models.complaints import Complaint
from models.escalating import passing
from models.roles import Role
from models.sla import read
from tests import factories as make
from tests.models.quarter import DAY, QUARTER, Plain, stories

BEGIN = datetime(2026, 6, 30, 16, tzinfo=UTC)
PARTS = int(os.environ.get("QUARTER_PARTS") or 1)
MINUTE = timedelta(minutes=1)
WORKED_ON = (Status.RECEIVED, Status.ACKNOWLEDGED, Status.INVESTIGATING)


class House:
    """The program, told the same stories."""

    def __init__(self, session) -> None:
        self.session, self.cases, self.lines = session, [], defaultdict(list)
        make.make_triggers(session)
        self.vehicle = make.make_vehicle(session)
        here = self.vehicle.owner.store
        self.agent, head, chief = (make.make_staff(session, role=role, store=here) for role in (Role.AGENT, Role.SUPERVISOR, Role.MANAGER))
        head.deputy = deputy = make.make_staff(session, role=Role.MANAGER)
        self.names = {self.agent: "agent", head: "head", chief: "chief", deputy: "deputy"}
        session.flush()

    def receive(self, number: int) -> None:
        with acting(self.agent):
            case = Complaint(
                vehicle=self.vehicle, customer=self.vehicle.owner, store=self.vehicle.owner.store, category=f"类别{number}", problem_type="异响",
                description="一直响",
            )
            self.session.add(case)
            self.session.flush()
        self.cases.append(case)

    def is_due(self) -> bool:
        found = select(Complaint.id).where(Complaint.clock_next_at <= clock.now()).limit(1)
        return self.session.scalar(found) is not None

    def step(self, minute: int) -> None:
        for events in passing(self.session):
            for one in events:
                self.lines[one.case.id].append((minute, one.what, one.level, one.clock, one.mark))
            self.session.info.pop(TOLD, None)

    def do(self, case: Complaint, what: str, minutes: int) -> None:
        getattr(self, f"_{what}")(case, minutes)
        self.session.flush()

    def _acknowledge(self, case, _minutes) -> None:
        if case.status is Status.RECEIVED:
            case.acknowledge()

    def _investigate(self, case) -> None:
        if case.status is Status.RECEIVED:
            case.acknowledge()
        if case.status is Status.ACKNOWLEDGED:
            case.investigate()

    def _pause(self, case, minutes) -> None:
        if case.status in WORKED_ON:
            self._investigate(case)
            case.pause(waits_for=list(PauseReason)[minutes % 3], until=clock.now() + minutes * MINUTE)

    def _resume(self, case, _minutes) -> None:
        if case.status is Status.PAUSED:
            case.resume()

    def _raise(self, case, _minutes) -> None:
        if case.status in (*WORKED_ON, Status.PAUSED) and case.level.code != "L3":
            case.raise_level(reason="客户要求")

    def _accept(self, case, _minutes) -> None:
        waiting = [one for one in case.escalations if one.status is EscalationStatus.RAISED and one.asked is not None and case.accept_due_at is not None]
        if waiting:
            with acting(waiting[-1].asked):
                case.accept()

    def _resolve(self, case, _minutes) -> None:
        if case.status in WORKED_ON:
            self._investigate(case)
            case.propose(decision="免费更换", promised_at=clock.now() + timedelta(hours=5), responsible=self.agent, cause="漏涂润滑脂")
            case.agree()
            case.resolve(result="已更换")

    def _deny(self, case, _minutes) -> None:
        if case.status is Status.RESOLVED:
            case.confirm(satisfied=False)

    def _close(self, case, _minutes) -> None:
        if case.status is Status.RESOLVED:
            case.confirm(satisfied=True)
            case.close(breach_reason="配件到货晚")

    def _reopen(self, case, _minutes) -> None:
        if case.status is Status.CLOSED:
            case.reopen(reason="又响了")

    def end(self, case: Complaint) -> tuple[object, ...]:
        used = (read(one, clock.now()).used // MINUTE for one in (level_clock(case), overall_clock(case)))
        late = (case.level_breached_at, case.overall_breached_at, case.accept_due_at)
        level_late, overall_late, accept = ((one - BEGIN) // MINUTE if one else None for one in late)
        return case.status.value, case.level.code, self.names[case.owner], *used, case.level_warned, case.overall_warned, level_late, overall_late, accept


def live(session, told, *, every_minute: bool) -> tuple[House, int]:
    """The clock stands at each minute at which anything is due or anybody does something, or at every one."""
    house, ahead = House(session), defaultdict(list)
    for number, story in enumerate(told):
        ahead[story.received].append((number, "receive", 0))
        for minute, what, minutes in story.steps:
            ahead[minute].append((number, what, minutes))
    minute, steps = min(ahead), sorted(ahead, reverse=True)
    while True:
        with clock.stopped_at(BEGIN + minute * MINUTE):
            if every_minute or house.is_due():
                house.step(minute)
            for number, what, minutes in ahead.get(minute, ()):
                house.receive(number) if what == "receive" else house.do(house.cases[number], what, minutes)
        while steps and steps[-1] <= minute:
            steps.pop()
        due = session.scalar(select(Complaint.clock_next_at).where(Complaint.clock_next_at.is_not(None)).order_by(Complaint.clock_next_at).limit(1))
        others = ([-(-(due - BEGIN) // MINUTE)] if due else []) + steps[-1:]
        if not others:
            return house, minute
        minute = minute + 1 if every_minute else max(minute + 1, min(others))


@pytest.mark.parametrize(("number", "seed", "every_minute"), [
    (40, 11, False), *(pytest.param(500, seed, False, marks=pytest.mark.acceptance) for seed in range(PARTS)),
    pytest.param(5, 5, True, marks=pytest.mark.acceptance),
])
def test_a_quarter_goes_as_counted_minute_by_minute(session, number, seed, every_minute):
    """Each warning, missed limit, raise and call to a deputy in the same minute, and the same end; a pass at any other minute does nothing."""
    told = stories(number, seed, DAY if every_minute else QUARTER)
    counted = [Plain(one).live() for one in told]
    house, last = live(session, told, every_minute=every_minute)

    assert sum(len(one.lines) for one in counted) > number / 2
    for case, plain in zip(house.cases, counted, strict=True):
        assert house.lines[case.id] == plain.lines, (plain.story, case.id)
    with clock.stopped_at(BEGIN + last * MINUTE):
        for case, plain in zip(house.cases, counted, strict=True):
            ours, theirs = house.end(case), plain.end
            if plain.state not in ("resolved", "closed"):  # clocks that run on are compared by what they came to
                ours, theirs = (*ours[:3], *ours[5:]), (*theirs[:3], *theirs[5:])
            assert ours == theirs, plain.story
