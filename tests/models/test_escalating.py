"""The pass: what time alone does with open complaints."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backoffice.declare import clock
from backoffice.declare.messages import TOLD
from backoffice.declare.people import acting
from models import complaint_levels as levels
from models.complaint_states import EscalationStatus, PauseReason, Status
from models.escalating import escalate
from models.escalation_messages import RAISED, WARNED
from models.roles import Role
from tests.factories import make_complaint, make_levels, make_triggers
from tests.models.ways import DAY, HOUR, bring, staff


def passing(session, **span):
    """One pass so much later; answers (what, clock, mark) of all that it did."""
    report = escalate(session, now=clock.now() + timedelta(**span))
    return [(what, one["clock"], one["mark"]) for what in ("warned", "breached", "raised", "reassigned") for one in report[what]]


@pytest.fixture
def house(session):
    """The ladder with its triggers, and an owner for each level at the store of the complaints."""
    make_triggers(session)
    return {role: staff(session, role) for role in (Role.AGENT, Role.SUPERVISOR, Role.MANAGER)}


def received(session, house, **given):
    with acting(house[Role.AGENT]):
        case = make_complaint(session, **given)
    case.acknowledge()
    session.flush()
    return case


def test_each_mark_warns_once(session, house):
    """50, 75 and 90 percent of 24 hours; both clocks stand at the same; a second pass says nothing."""
    received(session, house)

    assert passing(session, hours=11) == []
    assert passing(session, hours=12) == [("warned", "overall", 50), ("warned", "level", 50)]
    assert passing(session, hours=12, minutes=1) == []
    assert passing(session, hours=18) == [("warned", "overall", 75), ("warned", "level", 75)]
    assert passing(session, hours=22) == [("warned", "overall", 90), ("warned", "level", 90)]
    assert passing(session, hours=24) == []


def test_time_raises_level_by_level(session, house):
    """24 hours at level 1, then 48 at level 2, then 72 at level 3, where nothing is above; the owner of each level has it."""
    case = received(session, house)
    due, minute = case.level_due_at, timedelta(minutes=1)

    assert [(what, mark) for what, _clock, mark in passing(session, hours=24, minutes=1)] == [
        ("breached", 100), ("breached", 100), ("raised", 100), ("reassigned", 100),
    ]
    assert (case.level.code, case.owner, case.first_owner, case.level_breached_at) == ("L2", house[Role.SUPERVISOR], house[Role.AGENT], due)
    assert case.level_due_at == due + minute + 48 * HOUR
    passing(session, days=3, minutes=2)
    assert (case.level.code, case.owner, case.level_due_at) == ("L3", house[Role.MANAGER], clock.now() + 3 * DAY + 2 * minute + 72 * HOUR)
    assert passing(session, days=6, minutes=3) == [("breached", "level", 100)]
    assert passing(session, days=60) == []
    assert [(one.rule, one.status) for one in case.escalations] == [("T01", EscalationStatus.RAISED_NEXT), ("T03", EscalationStatus.RAISED)]


def test_after_days_without_a_pass_no_level_is_skipped(session, house):
    """One step a pass: the level that comes in gets its whole time, and what was missed is dated when it was missed."""
    case = received(session, house)
    due = case.level_due_at

    assert [what for what, _clock, _mark in passing(session, days=9)] == ["breached", "breached", "raised", "reassigned"]
    assert (case.level.code, case.level_breached_at, case.level_due_at) == ("L2", due, clock.now() + 9 * DAY + 48 * HOUR)
    assert passing(session, days=9) == []


def test_nine_tenths_without_acknowledgment_raise(session, house):
    """Domain.md 3.5: level 1 at 90 percent unacknowledged; an acknowledged one only when the limit is missed."""
    with acting(house[Role.AGENT]):
        case = make_complaint(session)

    assert ("raised", "level", 90) in passing(session, hours=22)
    assert (case.level.code, case.level_breached_at) == ("L2", None)


def test_what_is_not_accepted_goes_to_the_deputy(session, house):
    """After 30 minutes; the deputy who accepts owns it, and nobody else is asked."""
    head, deputy = house[Role.SUPERVISOR], staff(session, Role.MANAGER)
    head.deputy = deputy
    case = received(session, house)
    passing(session, hours=25)

    assert passing(session, hours=25, minutes=29) == []
    assert passing(session, hours=25, minutes=30) == [("reassigned", "acceptance", None)]
    assert (case.owner, case.escalations[0].asked) == (deputy, deputy)
    with clock.stopped_at(clock.now() + 26 * HOUR), acting(deputy):
        case.accept()
        session.flush()
    assert passing(session, hours=30) == []
    assert case.owner is deputy


def test_whoever_is_away_is_not_asked(session, house):
    """The deputy is, at once."""
    head, deputy = house[Role.SUPERVISOR], staff(session, Role.MANAGER)
    head.deputy, head.absent_from, head.absent_until = deputy, date(2026, 11, 1), date(2026, 12, 24)
    case = received(session, house)
    passing(session, hours=25)

    assert case.owner is deputy


def test_the_least_busy_of_a_level_is_asked(session, house):
    other = staff(session, Role.SUPERVISOR)
    received(session, house).owner = house[Role.SUPERVISOR]
    session.flush()
    case = received(session, house)
    case.raise_level(reason="客户要求")

    assert case.escalations[0].asked is other


def test_a_pause_holds_all_and_ends_by_itself(session, house):
    """Nothing warns while the clocks stand still; on the day that was named they run on with what was left."""
    case = received(session, house)
    case.investigate()
    with clock.stopped_at(clock.now() + 6 * HOUR):
        case.pause(waits_for=PauseReason.PARTS, until=clock.now() + 4 * DAY)
        session.flush()

    assert passing(session, days=4) == []
    assert case.status is Status.PAUSED
    assert passing(session, days=4, hours=6) == []
    assert (case.status, case.level_due_at) == (Status.INVESTIGATING, clock.now() + 4 * DAY + 24 * HOUR)
    assert passing(session, days=4, hours=12) == [("warned", "overall", 50), ("warned", "level", 50)]


def test_what_an_old_system_left_overdue_is_remembered_once(session, house):
    """Part 4 (p): no warning, no level, no message."""
    case = make_complaint(session, from_history=True, received_at=clock.now() - 9 * DAY)

    assert passing(session, minutes=1) == [("breached", "level", 100), ("breached", "overall", 100)]
    assert (case.level.code, case.escalations) == ("L1", [])
    assert passing(session, days=9) == []


def test_a_crisis_that_is_not_answered_in_two_hours_is_late(session, house):
    case = received(session, house, readers=80_000)

    assert ("breached", "reply", 100) in passing(session, hours=2, minutes=1)
    assert case.reply_breached_at == case.reply_due_at
    assert ("breached", "plan", 100) in passing(session, hours=24, minutes=1)


def test_nothing_happens_to_what_is_resolved_closed_or_archived(session, house):
    for state in (Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN, Status.EXTERNAL):
        bring(make_complaint(session), state)
    make_complaint(session).archived_at = clock.now()
    session.flush()

    assert passing(session, days=30) == []


def test_one_case_that_cannot_be_handled_does_not_stop_the_others(session, house, monkeypatch):
    """It is put off for some minutes and tried again; what it had begun is taken back."""
    bad, good = received(session, house), received(session, house)
    real = levels.raise_to
    monkeypatch.setattr(levels, "raise_to", lambda case, *more, **rest: 1 / 0 if case.id == bad.id else real(case, *more, **rest))
    passing(session, hours=25)
    session.refresh(bad)

    assert (good.level.code, bad.level.code, bad.level_warned) == ("L2", "L1", 0)
    assert bad.clock_next_at == clock.now() + 25 * HOUR + timedelta(minutes=10)
    monkeypatch.undo()
    passing(session, hours=26)
    assert bad.level.code == "L2"


def test_a_changed_mark_holds_from_the_next_pass_on(session, house):
    received(session, house)
    make_levels(session)["L1"].warn_at = "10"
    session.flush()

    assert passing(session, hours=3) == [("warned", "level", 10)]


def told(session):
    """(occasion, key without the moment, who) of all that is told with the next commit; then nothing is."""
    return sorted((one.occasion.name, len(one.people)) for one in session.info.pop(TOLD, []))


def test_each_thing_is_told_once_to_whom_it_concerns(session, house):
    """A warning to the owner; a missed limit that raises as one message, to who is asked, who had it and who took it; the deputy, and who did not accept."""
    house[Role.SUPERVISOR].deputy = staff(session, Role.MANAGER)
    received(session, house)
    told(session)
    passing(session, hours=12)

    assert told(session) == [("complaint-warned", 1), ("complaint-warned", 1)]
    passing(session, hours=25)
    assert session.info[TOLD][-1].body[1] == "To be accepted within 30 minutes. Reason: Limit of the front line missed"
    assert told(session) == [("complaint-breached", 1), ("complaint-raised", 2)]
    passing(session, hours=25)
    assert told(session) == []
    passing(session, hours=25, minutes=30)
    assert told(session) == [("complaint-raised", 2)]


def test_a_message_that_has_been_overtaken_is_not_sent(session, house):
    """A warning once the case is resolved; a call to accept once somebody has accepted."""
    case = received(session, house)
    passing(session, hours=12)
    key = session.info[TOLD][-1].key

    assert WARNED.still(case, key)
    with clock.stopped_at(clock.now() + 13 * HOUR):
        case.raise_level(reason="客户要求")
        session.flush()
    assert not WARNED.still(case, key)
    asked = session.info[TOLD][-1].key
    assert RAISED.still(case, asked)
    with clock.stopped_at(clock.now() + 14 * HOUR), acting(house[Role.SUPERVISOR]):
        case.accept()
    assert not RAISED.still(case, asked)
