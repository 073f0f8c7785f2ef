"""The clocks of a complaint: what their log holds, and what follows from it when calendars and levels change."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from backoffice.db import db
from backoffice.declare import Refused, clock
from models.clock_segments import ClockSegment, Pace, Turn
from models.complaint_clocks import level_clock, log
from models.complaint_states import PauseReason, Status
from models.complaints import Complaint
from models.opening import CHINA, DayKind
from models.sla import read
from tests.factories import make_calendar_day, make_calendars, make_complaint, make_levels
from tests.models.ways import DAY, HOUR, STEPS, bring, later
from tests.support.client import sign_in
from tests.support.world import make_people


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def counted_by_workdays(session, hours=24):
    """Level 1 counts in the hours 09:00 to 18:00 of workdays; it is Friday noon."""
    level = make_levels(session)["L1"]
    level.calendar, level.limit_hours = make_calendars(session)["CN-WORKDAYS"], hours
    session.flush()
    return level


def finish(case):
    """The way from the investigation to the end."""
    for state in (Status.PROPOSAL_MADE, Status.AGREED, Status.IMPLEMENTING, Status.RESOLVED, Status.FOLLOW_UP, Status.CLOSED):
        STEPS[state](case)
        case.session.flush()


def test_the_log_tells_every_stretch(session):
    """Run, pause, level, end: when, why, on which level; without gaps."""
    case = bring(make_complaint(session), Status.PAUSED)
    with later(hours=2):
        case.raise_level(reason="客户要求")
    with later(hours=5):
        case.resume()
        finish(case)
    rows = log(case)

    assert [(one.state, one.reason, one.level.code) for one in rows] == [
        (Pace.RUN, Turn.RECEIVED, "L1"), (Pace.PAUSE, Turn.PARTS, "L1"), (Pace.PAUSE, Turn.PARTS, "L2"), (Pace.RUN, Turn.RESUMED, "L2"),
        (Pace.PAUSE, Turn.RESOLVED, "L2"), (Pace.PAUSE, Turn.CLOSED, "L2"),
    ]
    assert [one.ended_at for one in rows[:-1]] == [one.started_at for one in rows[1:]]
    assert rows[-1].ended_at is None
    assert [one.limit_hours for one in rows[1:3]] == [24, 48]


def test_the_log_is_not_rewritten(session):
    case = make_complaint(session)
    case.segments[0].started_at -= HOUR

    with pytest.raises(Refused) as no:
        session.flush()
    assert no.value.code == "immutable"


def test_a_level_may_count_by_a_calendar(session):
    """24 hours of nine a day from Friday noon: 6 on Friday, 9 on Monday, 9 on Tuesday; the promise to the customer runs around the clock."""
    counted_by_workdays(session)
    case = make_complaint(session)

    assert (case.level_due_at, case.overall_due_at) == (at("2026-11-24 18:00"), clock.now() + 24 * HOUR)
    assert (log(case)[0].calendar.code, log(case)[0].calendar_revision) == ("CN-WORKDAYS", 1)


def test_a_pause_over_a_weekend_costs_only_what_was_open(session):
    """From Friday 15:00 to Monday 10:00 the level's clock stood still for four open hours, the overall clock for 67."""
    counted_by_workdays(session)
    case = bring(make_complaint(session), Status.INVESTIGATING)
    overall = case.overall_due_at
    with later(hours=3):
        case.pause(waits_for=PauseReason.OEM, until=clock.now() + 5 * DAY)
    with later(hours=70):
        case.resume()

    assert (case.level_due_at, case.overall_due_at) == (at("2026-11-25 13:00"), overall + 67 * HOUR)


def test_another_calendar_day_moves_running_and_paused_clocks(session):
    """Monday becomes a holiday: due a workday later; a closed complaint keeps what it was due."""
    counted_by_workdays(session)
    running, paused, closed = (bring(make_complaint(session), state) for state in (Status.INVESTIGATING, Status.PAUSED, Status.CLOSED))
    kept = closed.level_due_at, closed.version
    make_calendar_day(session, on=date(2026, 11, 23))

    assert running.level_due_at == paused.level_due_at == at("2026-11-25 18:00")
    assert running.clock_next_at == running.overall_due_at - 12 * HOUR
    assert (closed.level_due_at, closed.version) == kept


def test_a_change_reaches_clocks_over_calendars_that_follow(session):
    """The house follows the statutory days; its own hours count too."""
    calendars = make_calendars(session)
    calendars["OPEN"].follows = calendars["CN-WORKDAYS"]
    level = make_levels(session)["L1"]
    level.calendar = calendars["OPEN"]
    session.flush()
    case = make_complaint(session)
    before = case.level_due_at
    make_calendar_day(session, on=date(2026, 11, 21), kind=DayKind.HOLIDAY)

    assert case.level_due_at == before + DAY
    calendars["OPEN"].sunday = "08:30-17:00"
    session.flush()
    assert case.level_due_at == before + DAY + HOUR


def test_another_limit_keeps_what_was_used(session):
    """After three of 24 hours the level gets 48: 45 are left. The log says so."""
    case = make_complaint(session)
    with later(hours=3):
        case.level.limit_hours = 48
        session.flush()
        shown = read(level_clock(case), clock.now())

        assert (shown.used, shown.remaining, case.level_due_at) == (3 * HOUR, 45 * HOUR, clock.now() + 45 * HOUR)
    assert [(one.reason, one.limit_hours) for one in log(case)] == [(Turn.RECEIVED, 24), (Turn.LIMIT, 48)]


def test_each_level_that_was_missed_is_remembered(session):
    """Late on level 1, raised, late on level 2 as well: both stand in the log."""
    case = bring(make_complaint(session), Status.INVESTIGATING)
    first = case.level_due_at
    with later(hours=25):
        case.raise_level(reason="超时")
        second = case.level_due_at
        session.flush()
    with later(hours=80):
        case.pause(waits_for=PauseReason.OEM, until=clock.now() + DAY)
        session.flush()

    assert (case.level_breached_at, case.overall_breached_at) == (second, first)
    assert [one.breached_at for one in log(case)] == [first, second, None]


def test_what_is_due_next_is_known_while_clocks_run(session):
    """The first mark, half of the time; the end of a pause while they stand still; nothing once it is over."""
    case = make_complaint(session)
    due = case.clock_next_at
    bring(case, Status.PAUSED)
    paused = case.clock_next_at
    case.resume()
    session.flush()

    assert (due, paused, case.clock_next_at) == (clock.now() + 12 * HOUR, clock.now() + DAY, clock.now() + 12 * HOUR)
    finish(case)
    assert case.clock_next_at is None


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=False)
def test_the_log_is_removed_with_its_complaint(app):
    """A complaint that nothing else depends on may be removed for good; its log keeps it from that no more than its fields do."""
    with app.app_context():
        case = make_complaint(db.session, archived_at=clock.now())
        make_people(db.session)
        path = f"/complaints/{case.id}"
        answer = sign_in(app.test_client(), "admin").post(f"{path}/purge")
        left = [db.session.scalar(select(func.count()).select_from(noun)) for noun in (Complaint, ClockSegment)]

        assert (answer.status_code, left) == (302, [0, 0])


def test_an_old_complaint_without_a_log_keeps_its_moments(session):
    """Imported as history: its due moment stays as it was stored, and moves by the length of a pause."""
    counted_by_workdays(session)
    due = clock.now() + timedelta(hours=7)
    case = make_complaint(session, from_history=True, status=Status.INVESTIGATING, acknowledged_at=clock.now(), level_due_at=due)
    make_calendar_day(session, on=date(2026, 11, 23))

    assert (case.segments, case.level_due_at) == ([], due)
    case.pause(waits_for=PauseReason.PARTS, until=clock.now() + DAY)
    with later(hours=4):
        case.resume()
    assert (case.segments, case.level_due_at) == ([], due + 4 * HOUR)
