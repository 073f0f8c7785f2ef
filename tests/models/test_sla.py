"""Clocks: what they used, when they are due, and that nothing counts twice or is forgotten."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models.opening import CHINA, Calendar, DayKind, NeverOpen, SpecialDay
from models.sla import Clock, NewLimit, Pause, after, counted, reaches, read

NINE_TO_SIX = ((540, 1080),)
LUNCH = ((510, 720), (810, 1050))
WEEK = (NINE_TO_SIX,) * 5 + ((),) * 2
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    """A moment in China."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def statutory(folder: Path, hours=NINE_TO_SIX) -> Calendar:
    """Weekdays with the holidays and make-up workdays of the State Council."""
    days, years = {}, set()
    for file in sorted(folder.glob("20*.json")):
        for day in json.loads(file.read_text(encoding="utf-8"))["days"]:
            on, is_off = date.fromisoformat(day["date"]), day["isOffDay"]
            days[on] = SpecialDay(DayKind.HOLIDAY if is_off else DayKind.MAKEUP, () if is_off else hours, day["name"])
            years.add(on.year)
    return Calendar((hours,) * 5 + ((),) * 2, days, years)


def test_every_known_case_comes_out(data):
    """154 due moments and spans that two independent calendars agree about, over the holidays of three years."""
    file = json.loads((data / "sla_cases.json").read_text(encoding="utf-8"))
    hours = {name: tuple(tuple(_minutes(end) for end in one) for one in spans) for name, spans in file["hours"].items()}
    calendars = {name: statutory(data / "holidays", one) for name, one in hours.items()}
    wrong = []
    for case in file["cases"]:
        calendar = calendars[case["hours"]]
        if case["kind"] == "due":
            found = calendar.add(at(case["start"]), case["business_minutes"] * MINUTE) == at(case["due"])
        else:
            found = calendar.between(at(case["start"]), at(case["end"])) == case["business_minutes"] * MINUTE
        wrong += [] if found else [case]

    assert len(file["cases"]) == 154
    assert wrong == []


def _minutes(text: str) -> int:
    clock = time.fromisoformat(text)
    return clock.hour * 60 + clock.minute


@pytest.mark.parametrize(("start", "days", "due"), [("2026-09-18", 10, "2026-10-09"), ("2026-02-13", 7, "2026-03-02"), ("2026-04-30", 7, "2026-05-13")])
def test_workdays_leave_out_holidays_and_count_make_up_days(data, start, days, due):
    """A limit in statutory workdays ends on the day that the calendar of the State Council gives."""
    calendar = statutory(data / "holidays")
    end = calendar.add(at(f"{start} 18:00"), days * 9 * HOUR)

    assert end.astimezone(CHINA).date() == date.fromisoformat(due)


unhurried = settings(deadline=None)
CALENDARS = (
    Calendar(WEEK), Calendar((LUNCH,) * 7),
    Calendar((LUNCH,) * 5 + ((), NINE_TO_SIX), {
        date(2026, 1, 8): SpecialDay(DayKind.HOLIDAY), date(2026, 1, 10): SpecialDay(DayKind.MAKEUP, LUNCH),
        date(2026, 1, 12): SpecialDay(DayKind.OVERRIDE, ((0, 1440),)),
    }),
)
BEGIN = at("2026-01-05 00:00")
MOMENTS = some.integers(0, 9 * 1440)
"""Minutes after the beginning of a week with a holiday, a make-up day and an override in it."""
HORIZON = 30 * 1440


def moment(minute: int) -> datetime:
    return BEGIN + minute * MINUTE


def looked_at(calendar: Calendar | None) -> list[bool]:
    """For each minute after the beginning whether it is open, looked at one by one."""
    found = []
    for away in range(HORIZON // 1440):
        hours = ((0, 1440),) if calendar is None else calendar.hours(BEGIN.date() + timedelta(days=away))
        found += [any(first <= minute < last for first, last in hours) for minute in range(1440)]
    return found


PLAIN = [(one, looked_at(one)) for one in (*CALENDARS, None)]


@unhurried
@given(some.sampled_from(PLAIN[:-1]), MOMENTS, MOMENTS)
def test_a_span_is_what_a_minute_by_minute_count_gives(plain, start, end):
    """Whatever holidays, make-up days and lunch hours lie between."""
    calendar, is_open = plain

    assert calendar.between(moment(start), moment(end)) == sum(is_open[start:end]) * MINUTE


@unhurried
@given(some.sampled_from(PLAIN[:-1]), MOMENTS, some.integers(1, 2_000))
def test_a_due_moment_is_the_end_of_the_last_open_minute(plain, start, minutes):
    """Counted minute by minute; so a limit used up at closing time is due then, not at the next opening."""
    calendar, is_open = plain
    now, left = start, minutes
    while left:
        left -= is_open[now]
        now += 1

    assert calendar.add(moment(start), minutes * MINUTE) == moment(now)


@unhurried
@given(
    some.sampled_from(PLAIN), MOMENTS, some.integers(1, 3_000), MOMENTS,
    some.lists(some.tuples(MOMENTS, MOMENTS), max_size=4), some.lists(some.tuples(MOMENTS, some.integers(1, 3_000)), max_size=2, unique_by=lambda one: one[0]),
)
def test_a_clock_shows_what_a_plain_count_shows(plain, start, limit, now, pauses, limits):
    """Used time and breach, with pauses that overlap, end before they begin or begin before the clock, and limits that change."""
    calendar, is_open = plain
    holding = [Pause(moment(first), moment(last)) for first, last in pauses]
    shown = read(Clock(moment(start), limit * MINUTE, calendar, holding, [NewLimit(moment(when), one * MINUTE) for when, one in limits]), moment(now))
    used, breach, held = 0, None, [range(*one) for one in pauses]
    in_force = next((one for when, one in sorted(limits, reverse=True) if when <= start), limit)
    for minute in range(start, now):
        in_force = dict(limits).get(minute, in_force)
        counts = is_open[minute] and not any(minute in one for one in held)
        if breach is None and (used > in_force or (counts and used == in_force)):
            breach = minute
        used += counts

    assert shown.used == used * MINUTE
    assert (shown.breached_at is None) == (breach is None)
    if breach is not None:
        assert counted(calendar, min(shown.breached_at, moment(breach)), max(shown.breached_at, moment(breach))) == timedelta()


@unhurried
@given(some.sampled_from((None, *CALENDARS)), MOMENTS, some.integers(1, 3_000), MOMENTS, MOMENTS)
def test_a_clock_left_alone_is_late_right_after_it_is_due(calendar, start, limit, stop, resume):
    """The due moment that is shown at any time is the one at which it turns out to be used up."""
    start, stop, resume = map(moment, (start, stop, resume))
    clock = Clock(start, limit * MINUTE, calendar, [Pause(stop, resume)])
    due = reaches(clock, max(start, stop, resume), 100)

    assert read(clock, due).breached_at is None
    assert read(clock, due).used == limit * MINUTE
    assert read(clock, due + timedelta(days=9)).breached_at is not None


def test_reopening_goes_on_where_it_stopped():
    """The time closed is a pause: what was used stays used, what was left is left."""
    clock = Clock(at("2026-03-02 10:00"), 24 * HOUR, None, [Pause(at("2026-03-02 20:00"), at("2026-03-20 08:00"), "closed")])
    shown = read(clock, at("2026-03-20 09:00"))

    assert (shown.used, shown.remaining, shown.due_at) == (11 * HOUR, 13 * HOUR, at("2026-03-20 22:00"))
    assert [(one.is_running, one.reasons) for one in shown.segments] == [(True, ()), (False, ("closed",)), (True, ())]


def test_while_it_stands_still_nothing_is_due_and_the_rest_is_known():
    """“Paused, fourteen hours left.”"""
    shown = read(Clock(at("2026-03-02 10:00"), 24 * HOUR, None, [Pause(at("2026-03-02 20:00"), None, "waiting_parts")]), at("2026-03-09 10:00"))

    assert (shown.due_at, shown.is_running, shown.remaining) == (None, False, 14 * HOUR)


def test_a_breach_stays_when_the_limit_is_raised_later():
    """And a limit that is cut below what was used is exceeded that very moment."""
    start = at("2026-03-02 10:00")
    raised = read(Clock(start, 10 * HOUR, None, (), [NewLimit(start + 12 * HOUR, 48 * HOUR)]), start + 13 * HOUR)
    cut = read(Clock(start, 48 * HOUR, None, (), [NewLimit(start + 12 * HOUR, 6 * HOUR)]), start + 13 * HOUR)

    assert (raised.breached_at, raised.due_at, raised.remaining) == (start + 10 * HOUR, start + 48 * HOUR, 35 * HOUR)
    assert (cut.breached_at, cut.due_at) == (start + 12 * HOUR, start + 6 * HOUR)


def test_a_due_moment_in_a_year_without_published_holidays_says_so(data):
    """It is computed all the same, by the weekdays."""
    clock = Clock(at("2026-12-30 09:00"), 40 * HOUR, statutory(data / "holidays"))

    assert read(clock, at("2026-12-30 10:00")).unpublished == (2027,)
    assert read(Clock(clock.start, 9 * HOUR, clock.calendar), clock.start).unpublished == ()


def test_dates_that_counted_otherwise_are_named(data):
    """The holidays and the make-up day between the start and the due moment, and no others."""
    shown = read(Clock(at("2026-02-13 17:00"), 18 * HOUR, statutory(data / "holidays")), at("2026-02-13 17:30"))

    assert shown.due_at == at("2026-02-24 17:00")
    assert next((str(day), one.kind.value) for day, one in shown.special) == ("2026-02-14", "makeup")
    assert {one.kind.value for _day, one in shown.special[1:]} == {"holiday"}
    assert all(first < second for first, second in pairwise(day for day, _one in shown.special))


def test_a_leap_day_counts():
    """Like any other Tuesday."""
    assert Calendar(WEEK).between(at("2028-02-28 00:00"), at("2028-03-02 00:00")) == 27 * HOUR
    assert after(None, at("2028-02-28 12:00"), 48 * HOUR) == at("2028-03-01 12:00")


def test_a_calendar_that_never_opens_says_so():
    """Instead of counting for ever."""
    with pytest.raises(NeverOpen):
        Calendar(((),) * 7).add(datetime(2026, 1, 1, tzinfo=UTC), HOUR)
