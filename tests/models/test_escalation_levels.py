import pytest

from backoffice.declare import Refused
from models.calendars import WorkCalendar
from models.escalation_levels import ladder, next_above, next_below
from models.roles import Role
from tests.factories import make_calendars, make_levels, make_staff


def test_the_ladder_has_the_limits_of_the_source(session):
    """24, 48 and 72 hours (S2); a crisis answers within two"""
    levels = make_levels(session)

    assert {code: one.limit_hours for code, one in levels.items()} == {"L1": 24, "L2": 48, "L3": 72, "CRISIS": 24}
    assert levels["CRISIS"].first_reply_hours == 2
    assert [one.code for one in ladder(session)] == ["L1", "L2", "L3", "CRISIS"]


def test_the_ladder_is_climbed_step_by_step(session):
    levels = make_levels(session)

    assert next_above(session, None) is levels["L1"]
    assert next_above(session, levels["L1"]) is levels["L2"]
    assert next_above(session, levels["CRISIS"]) is None
    assert next_below(session, levels["L2"]) is levels["L1"]
    assert next_below(session, levels["L1"]) is None




@pytest.mark.parametrize(("role", "owned"), [
    (Role.AGENT, ["L1"]), (Role.ADVISOR, ["L1"]), (Role.SUPERVISOR, ["L1", "L2"]), (Role.MANAGER, ["L1", "L2", "L3", "CRISIS"]), (Role.AUDITOR, []),
])
def test_a_role_owns_its_level_and_those_below(session, role, owned):
    levels, person = make_levels(session), make_staff(session, role=role)

    assert [code for code, one in levels.items() if one.owned_by(person)] == owned


@pytest.mark.parametrize(("field", "value"), [
    ("owner_role", Role.AUDITOR), ("owner_role", Role.AGENT), ("warn_at", "50 120"), ("warn_at", "0"), ("warn_at", "bald"),
])
def test_a_level_that_nobody_could_own_or_be_warned_of_is_refused(session, field, value):
    """Level 2 needs the authority of a head; marks are percentages."""
    level = make_levels(session)["L2"]
    setattr(level, field, value)

    with pytest.raises(Refused) as no:
        session.flush()
    assert no.value.field == field


def test_marks_are_kept_in_order(session):
    level = make_levels(session)["L2"]
    level.warn_at = "90%，50, 75 50"
    session.flush()

    assert (level.warn_at, level.warnings) == ("50 75 90", (50, 75, 90))


def test_a_calendar_by_which_a_limit_would_never_be_over_is_refused(session):
    """Where it is chosen: no complaint ever meets it."""
    level, rare = make_levels(session)["L1"], WorkCalendar(code="RARE", name_zh="很少", name_en="Rare", monday="09:00-09:01")
    level.calendar, level.limit_hours = rare, 100
    with pytest.raises(Refused, match="永远不会到期"):
        session.flush()


def test_a_calendar_that_would_never_let_a_limit_end_is_refused(session):
    """A level counts by it, and its hours are taken away."""
    level, calendar = make_levels(session)["L1"], make_calendars(session)["CN-WORKDAYS"]
    level.calendar, level.limit_hours = calendar, 100
    session.flush()
    calendar.monday, calendar.tuesday, calendar.wednesday, calendar.thursday, calendar.friday = "09:00-09:01", None, None, None, None
    with pytest.raises(Refused, match="永远不会到期"):
        session.flush()
