from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.call_windows import day_parts, first_opening
from models.recall import FINAL, Call, Outcome, calls_on, earliest_next, next_call

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAN = SimpleNamespace(
    parts=day_parts("09:00-12:00, 14:00-19:30"), max_attempts=4, max_per_day=2, min_gap_minutes=240, busy_gap_minutes=30, busy_retries=2,
    off_gap_hours=24, off_attempts=3,
)


def at(text):
    """A moment of November 2026 in Shanghai, as ``20 09:30``."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def calls(*made):
    return [Call(Outcome(code), at(text)) for code, text in made]


@pytest.mark.parametrize(("made", "expected"), [
    # no answer: four hours later, in the other part of the day
    ([("NA", "20 09:30")], "20 14:00"),
    ([("NA", "20 11:30")], "20 15:30"),
    ([("NA", "20 14:30")], "21 09:00"),
    ([("NA", "20 19:00")], "21 09:00"),
    ([("NA", "20 13:00")], "20 17:00"),
    # busy: half an hour later, twice, then as no answer; never a third call on one day
    ([("BUSY", "20 09:30")], "20 10:00"),
    ([("BUSY", "20 11:40")], "20 14:00"),
    ([("BUSY", "20 09:30"), ("BUSY", "20 10:00")], "21 09:00"),
    ([("NA", "19 15:00"), ("BUSY", "20 09:30")], "20 10:00"),
    ([("BUSY", "19 19:00"), ("BUSY", "20 09:00")], "20 09:30"),
    ([("BUSY", "18 15:00"), ("BUSY", "19 19:00"), ("BUSY", "20 09:00")], "20 14:00"),
    # off: the next day, at most three times
    ([("OFF", "20 10:15")], "21 10:15"),
    ([("OFF", "20 13:00")], "21 14:00"),
    ([("OFF", "18 10:00"), ("OFF", "19 10:00"), ("OFF", "20 10:00")], None),
    ([("OFF", "18 10:00"), ("NA", "19 10:00"), ("OFF", "20 10:00")], "21 10:00"),
    # another person: the next day
    ([("THIRD", "20 16:00")], "21 16:00"),
    # two calls a day, four in all
    ([("NA", "20 09:00"), ("NA", "20 14:00")], "21 09:00"),
    ([("NA", "20 09:00"), ("NA", "20 13:30")], "21 09:00"),
    ([("NA", "17 10:00"), ("NA", "18 15:00"), ("NA", "19 10:00"), ("NA", "20 15:00")], None),
    ([("NA", "17 10:00"), ("OFF", "18 15:00"), ("THIRD", "19 10:00"), ("BUSY", "20 15:00")], None),
    # nothing follows
    ([("OK", "20 10:00")], None), ([("REFUSE", "20 10:00")], None), ([("WRONG", "20 10:00")], None), ([("COMPL", "20 10:00")], None),
])
def test_the_table_of_outcomes(made, expected):
    """Domain.md 3.4 with Part 4 (m)"""
    assert next_call(PLAN, calls(*made)) == (at(expected) if expected else None)


@pytest.mark.parametrize("made", [[("LATER", "20 10:00")], [("NA", "17 10:00"), ("NA", "18 10:00"), ("NA", "19 10:00"), ("LATER", "20 10:00")]])
def test_a_time_that_the_customer_asked_for_is_kept(made):
    """Outside the call window, and even after the last attempt: it was promised"""
    assert next_call(PLAN, calls(*made), at("22 20:15")) == at("22 20:15")


def test_a_time_that_another_person_named_is_taken():
    assert next_call(PLAN, calls(("THIRD", "20 10:00")), at("23 18:00")) == at("23 18:00")


@pytest.mark.parametrize(("made", "expected"), [
    ([], None), ([("NA", "20 09:00")], "20 13:00"), ([("BUSY", "20 09:00")], None), ([("BUSY", "19 09:00"), ("BUSY", "20 09:00")], None),
    ([("BUSY", "18 09:00"), ("BUSY", "19 09:00"), ("BUSY", "20 09:00")], "20 13:00"),
])
def test_the_minimum_gap_spares_a_busy_line(made, expected):
    """Twice; then it counts like no answer"""
    assert earliest_next(PLAN, calls(*made)) == (at(expected) if expected else None)


REPEATED = [Outcome.NO_ANSWER, Outcome.BUSY, Outcome.OFF, Outcome.THIRD]
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(lambda naive: naive.replace(tzinfo=UTC))


@given(MOMENTS, st.lists(st.sampled_from(REPEATED), min_size=6, max_size=6))
def test_whatever_happens_the_customer_is_left_in_peace(start, outcomes):
    """At most four calls, two a day, each in the window and later than the one before"""
    made = []
    moment = start
    for outcome in outcomes:
        made.append(Call(outcome, moment))
        following = next_call(PLAN, made)
        if following is None:
            break
        assert following > moment
        assert any(part.holds(following) for part in PLAN.parts)
        assert calls_on(made, following) < PLAN.max_per_day
        moment = following

    assert len(made) <= PLAN.max_attempts
    assert next_call(PLAN, made) is None


@given(MOMENTS, st.sampled_from(sorted(FINAL)))
def test_after_a_final_outcome_nobody_calls(moment, outcome):
    assert next_call(PLAN, [Call(outcome, moment)], moment + timedelta(days=1)) is None


@given(MOMENTS)
def test_the_next_opening_is_the_first(moment):
    """Nothing between the moment and the opening lies in the window"""
    opening = first_opening(PLAN.parts, moment)
    between = (moment + timedelta(minutes=step) for step in range(int((opening - moment).total_seconds() // 60)))

    assert any(part.holds(opening) for part in PLAN.parts)
    assert not any(part.holds(minute) for minute in between for part in PLAN.parts)


def test_a_window_of_one_part_is_used_again_the_next_day():
    """No answer asks for another part of the day; where there is none it takes what there is"""
    parts = day_parts("09:00-12:00")

    assert first_opening(parts, at("20 13:00"), avoid=parts[0]) == at("21 09:00")
