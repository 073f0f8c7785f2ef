"""Calendars: hours as people write them, days that differ, calendars that follow each other."""

from __future__ import annotations

from datetime import date

import pytest

from backoffice.declare import Invalid, Refused
from backoffice.plan import plan_of
from models.calendars import WorkCalendar, opening
from models.opening import DayKind
from tests.factories import make_calendar_day, make_calendars

HOURS = plan_of(WorkCalendar).fields["monday"].kind
OFFICE = ((540, 1080),)


def follower(session, **week) -> WorkCalendar:
    """A calendar of a house that follows the statutory days."""
    calendar = WorkCalendar(code="HOUSE", name_zh="售后", name_en="House", follows=make_calendars(session)["CN-WORKDAYS"], **week)
    session.add(calendar)
    session.flush()
    return calendar


@pytest.mark.parametrize(("text", "kept"), [
    ("9:00-12:00 13:00-18:00", "09:00-12:00 13:00-18:00"), ("０９：００－１２：００，１３：００－１８：００", "09:00-12:00 13:00-18:00"),
    ("09:00 – 18:00", "09:00-18:00"),
    ("00:00-24:00", "00:00-24:00"), ("09:00-12:00 12:00-18:00", "09:00-12:00 12:00-18:00"),
])
def test_hours_are_understood_as_people_write_them(text, kept):
    """With or without zeros, blanks and full width; to midnight; touching."""
    assert HOURS.parse(text) == kept


@pytest.mark.parametrize(("text", "why"), [
    ("mornings", "no times of a day"), ("09:00", "no times of a day"), ("09:00-25:00", "no times of a day"), ("18:00-09:00", "ends before it begins"),
    ("09:00-09:00", "ends before it begins"), ("09:00-13:00 12:00-18:00", "overlap"), ("13:00-18:00 09:00-12:00", "overlap"),
])
def test_hours_that_cannot_be_are_refused_with_a_sentence(text, why):
    """Overlapping, reversed, out of order, beyond the day."""
    with pytest.raises(Invalid) as no:
        HOURS.parse(text)

    assert no.value.code == "invalid_hours"
    assert why in no.value.why.in_locale("en")


def test_a_day_counts_by_its_kind(session):
    """A holiday is closed; a make-up Saturday has the hours of a workday unless it says others; an own closure closes."""
    calendar = make_calendars(session)["CN-WORKDAYS"]
    days = {
        date(2026, 11, 23): (DayKind.HOLIDAY, None), date(2026, 11, 28): (DayKind.MAKEUP, None), date(2026, 11, 29): (DayKind.MAKEUP, "10:00-15:00"),
        date(2026, 11, 24): (DayKind.OVERRIDE, None), date(2026, 11, 25): (DayKind.OVERRIDE, "09:00-12:00"),
    }
    for on, (kind, hours) in days.items():
        make_calendar_day(session, on=on, kind=kind, hours=hours)
    found = opening(calendar)

    assert [found.hours(day) for day in days] == [(), OFFICE, ((600, 900),), (), ((540, 720),)]
    assert (found.hours(date(2026, 11, 26)), found.hours(date(2026, 11, 22))) == (OFFICE, ())


def test_a_calendar_follows_the_days_of_another(session):
    """With its own hours on a make-up day; an own closure counts before a followed make-up day, that before an own holiday."""
    calendar = follower(session, monday="08:00-12:00", saturday="08:00-10:00")
    for day in (26, 27, 28):
        make_calendar_day(session, on=date(2026, 9, day), kind=DayKind.MAKEUP)
    make_calendar_day(session, calendar=calendar, on=date(2026, 9, 27), kind=DayKind.HOLIDAY)
    make_calendar_day(session, calendar=calendar, on=date(2026, 9, 28), kind=DayKind.OVERRIDE)
    found = opening(calendar)

    assert [found.hours(date(2026, 9, day)) for day in (26, 27, 28)] == [((480, 720),), ((480, 720),), ()]


def test_years_without_any_holiday_are_not_published(session):
    """Of the calendar whose holidays come year by year, and of those that follow it; others know every year."""
    calendar = follower(session, monday="08:00-12:00")
    make_calendar_day(session, on=date(2026, 1, 1))

    assert opening(calendar).years == opening(calendar.follows).years == {2026}
    assert opening(make_calendars(session)["OPEN"]).years is None


def test_a_change_is_seen_at_once(session):
    """By whoever asks in the same transaction; and counted."""
    day = make_calendar_day(session, on=date(2026, 11, 23))
    calendar = day.calendar
    assert opening(calendar).hours(day.on) == ()
    revision = calendar.revision
    day.hours = "09:00-10:00"
    session.flush()

    assert opening(calendar).hours(day.on) == ((540, 600),)
    assert calendar.revision > revision
    day.archived_at = day.created_at
    session.flush()
    assert opening(calendar).hours(day.on) == OFFICE


def test_calendars_do_not_follow_each_other_in_a_circle(session):
    """Not even over a third."""
    calendars = make_calendars(session)
    house = follower(session, monday="08:00-12:00")
    calendars["OPEN"].follows = house
    session.flush()
    calendars["CN-WORKDAYS"].follows = calendars["OPEN"]

    with pytest.raises(Refused) as no:
        session.flush()
    assert (no.value.code, no.value.field) == ("circle", "follows")


def test_a_calendar_that_never_opens_is_refused(session):
    """Where it is written, not where somebody counts by it."""
    with pytest.raises(Refused) as no:
        follower(session)

    assert no.value.field == "monday"
