import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Invalid
from backoffice.declare.text import use_locale
from backoffice.plan import plan_of
from models.callback_plans import CallbackPlan, Trigger
from tests.factories import make_plans

WINDOW = plan_of(CallbackPlan).fields["call_window"].kind


def test_the_service_callback_is_due_in_three_days_and_void_after_a_week(session):
    """Part 4 (f) and (m)"""
    plan = make_plans(session)["3DC"]

    assert (plan.due_hours, plan.hard_limit_hours, plan.trigger) == (72, 168, Trigger.ORDER)
    assert (plan.max_attempts, plan.max_per_day, plan.min_gap_minutes) == (4, 2, 240)


def test_one_plan_alone_follows_a_delivery(session):
    """A customer is not called three times for one service unless the dealer wants it"""
    plans = make_plans(session).values()

    assert [plan.code for plan in plans if plan.active and plan.trigger is Trigger.ORDER] == ["3DC"]


def test_a_plan_is_named_in_the_readers_language(session):
    plan = make_plans(session)["3DC"]
    with use_locale("en"):
        english = str(plan)

    assert (english, str(plan)) == ("3DC Service callback within three days", "3DC 售后三日回访")


@pytest.mark.parametrize("text", ["09:00-12:00, 14:00-19:30", "9:00-12:00,14:00-19:30", "９：００－１２：００，１４：００–１９：３０"])
def test_a_call_window_is_understood_as_people_write_it(text):
    """With or without zeros and blanks, half or full width"""
    assert WINDOW.parse(text) == "09:00-12:00, 14:00-19:30"


@pytest.mark.parametrize("text", ["mornings", "12:00-09:00", "09:00-12:00, 11:00-13:00", "14:00-15:00, 09:00-10:00", "09:00-25:00", "09:00", "09:00-09:00"])
def test_a_call_window_that_cannot_be_is_refused(text):
    """Backwards, overlapping, out of order, beyond the day"""
    with pytest.raises(Invalid) as no:
        WINDOW.parse(text)

    assert no.value.code == "invalid_window"


def test_the_limit_never_comes_before_the_target(session):
    plan = make_plans(session)["3DC"]
    plan.hard_limit_hours = 48

    with pytest.raises(IntegrityError, match="target_comes_before_the_limit"):
        session.flush()
