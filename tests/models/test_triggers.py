"""Triggers: what sends a complaint to a level by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice.db import db
from backoffice.declare import Refused, clock
from backoffice.declare.messages import TOLD
from backoffice.declare.people import acting
from models.complaint_states import PauseReason, RaisedBy, Status
from models.customers import Grade
from models.roles import Role
from models.signs import Mark, Sign
from models.todos import Todo, TodoStatus
from models.triggers import Trigger, tried
from tests.factories import make_complaint, make_customer, make_levels, make_staff, make_triggers
from tests.models.ways import DAY, bring, later, staff
from tests.support.client import sign_in
from tests.support.world import make_people


@pytest.mark.parametrize(("given", "level", "mark"), [
    ({"description": "高速上刹车失灵，太危险了"}, "L3", "safety"),
    ({"description": "安全带卡扣坏了"}, "L1", None),
    ({"description": "再不处理我就找媒体"}, "L3", "media"),
    ({"description": "多媒体屏幕黑屏"}, "L1", None),
    ({"remedy_sought": "否则打12315"}, "L3", "legal"),
    ({"description": "我对你们非常不满"}, "L2", None),
    ({"asks_higher": True}, "L2", None),
    ({"departments": 2}, "L2", None),
    ({"departments": 1}, "L1", None),
    ({"safety": True}, "L3", "safety"),
    ({"readers": 10_000}, "CRISIS", "media"),
    ({"readers": 9_999}, "L1", None),
])
def test_a_new_complaint_goes_to_the_level_that_its_signs_demand(session, given, level, mark):
    """Straight there, with the mark and the rule named; words that only look alike do nothing."""
    make_triggers(session)
    case = make_complaint(session, **given)

    assert case.level.code == level
    assert [one.value for one in Mark if getattr(case, one.value)] == ([mark] if mark else [])
    assert [(one.trigger, one.rule is not None) for one in case.escalations] == ([] if level == "L1" else [(RaisedBy.AUTO, True)])


def test_whoever_is_asked_about_a_new_complaint_reads_its_number(session):
    """In the message and in the to-do, which leads to the complaint and is done once somebody has accepted."""
    make_triggers(session)
    manager = make_staff(session, role=Role.MANAGER)
    case = make_complaint(session, safety=True)
    (told,), (asked,) = session.info[TOLD], session.scalars(select(Todo)).all()

    assert [case.complaint_no in text for text in (*told.title, asked.title, asked.record_key)] == [True] * 4

    with acting(manager):
        case.accept()
    assert asked.status is TodoStatus.DONE


def test_a_gold_customer_is_looked_after_at_level_three(session):
    make_triggers(session)
    case = make_complaint(session, customer=make_customer(session, grade=Grade.GOLD))

    assert (case.level.code, case.vip) == ("L3", True)


@pytest.mark.parametrize(("days", "level"), [(90, "L2"), (91, "L1")])
def test_the_same_car_and_category_within_ninety_days_goes_to_level_two(session, days, level):
    """Another category does not count, nor does an older complaint."""
    make_triggers(session)
    first = make_complaint(session)
    with later(days=days):
        again = make_complaint(session, vehicle=first.vehicle, customer=first.customer, category=first.category)
        other = make_complaint(session, vehicle=first.vehicle, customer=first.customer, category="空调")

    assert (again.level.code, again.repeat) == (level, level == "L2")
    assert other.level.code == "L1"


def test_what_comes_to_light_later_raises_as_well(session):
    """A waiting safety case goes on at level 3; its agent is no longer its owner, and stays its first one."""
    make_triggers(session)
    taker, head = staff(session, Role.AGENT), staff(session, Role.MANAGER)
    with acting(taker):
        case = bring(make_complaint(session), Status.PAUSED)
        case.description += "，现在方向盘也失灵了"
        session.flush()

    assert (case.level.code, case.status, case.owner, case.first_owner) == ("L3", Status.INVESTIGATING, head, taker)
    assert case.escalations[0].asked is head


def test_a_mark_that_was_wrong_may_be_taken_away_and_the_level_lowered(session):
    """The phrase stays in the customer's words; what holds the case is the mark, which is a person's to judge."""
    make_triggers(session)
    case = make_complaint(session, description="安全抵达，但是等了三小时")
    with acting(staff(session, Role.MANAGER)):
        case.safety = False
        session.flush()
        case.lower_level(reason="与行车安全无关")
        session.flush()

    assert (case.level.code, case.safety) == ("L2", False)


def test_records_of_an_old_system_meet_no_trigger(session):
    """Part 4 (p)"""
    make_triggers(session)
    case = make_complaint(session, from_history=True, description="刹车失灵", safety=True)

    assert (case.level.code, case.escalations) == ("L1", [])


def test_a_trigger_that_is_not_in_use_does_nothing(session):
    make_triggers(session)["T30"].active = False
    session.flush()

    assert make_complaint(session, safety=True).level.code == "L1"


def test_a_trigger_says_how_many_past_complaints_it_would_have_met(session):
    """Before it is switched on; those of the last year."""
    levels = make_levels(session)
    for words in ("方向盘异响", "空调不制冷", "方向盘抖动"):
        make_complaint(session, description=words)
    make_complaint(session, description="方向盘", received_at=clock.now() - 400 * DAY)
    trigger = Trigger(code="T99", name_zh="转向", name_en="Steering", sign=Sign.PHRASE, level=levels["L2"], phrases="方向盘", harmless="方向盘套", active=False)
    session.add(trigger)
    session.flush()

    assert tried(session, trigger) == (2, 3)
    assert "2" in str(trigger.try_out())


@pytest.mark.parametrize(("given", "field"), [
    ({"sign": Sign.PHRASE, "phrases": " ，"}, "phrases"), ({"sign": Sign.MARK}, "mark"), ({"sign": Sign.GRADE}, "grade"), ({"sign": Sign.REACH}, "threshold"),
    ({"sign": Sign.REPEAT, "threshold": 0}, "threshold"), ({"sign": Sign.TIME, "threshold": 90}, "of_level"),
    ({"sign": Sign.TIME, "threshold": 101, "of": "L1"}, "threshold"),
    ({"sign": Sign.TIME, "threshold": 100, "of": "L2"}, "level"),
])
def test_a_trigger_that_looks_for_nothing_is_refused_where_it_is_written(session, given, field):
    levels = make_levels(session)
    of = levels.get(given.pop("of", None))
    session.add(Trigger(code="T99", name_zh="试", name_en="Try", level=levels["L2"], of_level=of, **given))

    with pytest.raises(Refused) as no:
        session.flush()
    assert no.value.field == field


def test_a_crisis_owes_a_public_reply_in_two_hours_and_a_plan_in_a_day(session):
    """S2; kept in time, nothing is missed, and missed it is for good."""
    make_triggers(session)
    kept, missed = (make_complaint(session, readers=50_000) for _each in range(2))

    assert (kept.reply_due_at, kept.plan_due_at) == (clock.now() + timedelta(hours=2), clock.now() + timedelta(hours=24))
    with later(hours=1):
        kept.reply_publicly(reply="微博：已联系车主，今晚公布处理方案")
    with later(hours=3):
        missed.reply_publicly(reply="微博：已联系车主")
    session.flush()

    assert (kept.reply_breached_at, missed.reply_breached_at) == (None, missed.reply_due_at)


@pytest.mark.parametrize("length", [2, 3])
def test_deputies_in_a_circle_are_refused(session, length):
    """Where they are written, with the names."""
    people = [make_staff(session, role=Role.SUPERVISOR, name=f"主管{number}") for number in range(length)]
    for one, deputy in zip(people, [*people[1:], people[0]], strict=True):
        one.deputy = deputy

    with pytest.raises(Refused, match="主管0") as no:
        session.flush()
    assert no.value.code == "deputies_in_a_circle"


def test_a_pause_lasts_as_long_as_its_level_allows(session):
    case = bring(make_complaint(session), Status.INVESTIGATING)
    make_levels(session)["L1"].pause_hours = 48
    with pytest.raises(Refused) as no:
        case.pause(waits_for=PauseReason.PARTS, until=clock.now() + 3 * DAY)

    assert no.value.code == "pause_too_long"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=False)
def test_the_page_of_a_trigger_says_what_it_would_have_met(app):
    """“Try on past complaints”: the answer stands on the page, and nothing is changed."""
    with app.app_context():
        make_people(db.session)
        make_complaint(db.session, description="电池鼓包", received_at=clock.now())
        trigger = Trigger(code="T99", name_zh="鼓包", name_en="Swelling", sign=Sign.PHRASE, level=make_levels(db.session)["L2"], phrases="鼓包")
        db.session.add(trigger)
        db.session.commit()
        path = f"/escalation-triggers/{trigger.id}"
        page = sign_in(app.test_client(), "manager").post(f"{path}/do/try_out", follow_redirects=True)

        assert "命中1件" in page.text
