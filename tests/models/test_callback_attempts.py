
import pytest
from sqlalchemy import select

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from models.callback_issues import IssueStatus, Tone
from models.callbacks import CALLABLE, RefusalScope, TaskStatus
from models.complaint_states import Channel
from models.complaint_states import Status as ComplaintStatus
from models.contact_preferences import ContactPreference, Purpose
from models.recall import Outcome
from models.roles import Role
from models.todos import Todo
from tests.factories import (
    make_codes,
    make_contact_preference,
    make_customer,
    make_order,
    make_staff,
    make_task,
    make_vehicle,
)
from tests.models.calling import DETAILS, agent, at, log, moment


@pytest.mark.parametrize(("outcome", "status", "next_at"), [
    ("OK", TaskStatus.COMPLETED, None), ("NA", TaskStatus.RETRY_WAIT, "20 14:00"), ("BUSY", TaskStatus.RETRY_WAIT, "20 10:00"),
    ("OFF", TaskStatus.RETRY_WAIT, "21 09:30"), ("LATER", TaskStatus.RESCHEDULED, "25 10:00"), ("REFUSE", TaskStatus.REFUSED, None),
    ("WRONG", TaskStatus.UNREACHABLE, None), ("THIRD", TaskStatus.RETRY_WAIT, "21 09:30"), ("COMPL", TaskStatus.COMPLETED, None),
])
def test_each_outcome_sets_what_comes_next(session, outcome, status, next_at):
    """The table of domain.md 3.4, for a call at 9:30"""
    task = make_task(session)
    with at("20 09:30"), acting(agent(session)):
        log(task, outcome, **DETAILS.get(outcome, {}))

    assert (task.status, task.next_attempt_at) == (status, moment(next_at) if next_at else None)
    assert (task.ended_at is None) is (next_at is not None)
    assert (task.claimed_by, task.claimed_until) == (None, None)


def test_an_attempt_says_who_when_and_which_number_masked(session):
    task = make_task(session, order=make_order(session, vehicle=make_vehicle(session, owner=make_customer(session, phone="13912345678"))))
    caller = agent(session)
    with acting(caller):
        log(task, "NA", note="响铃无人接", seconds=25)
    [attempt] = task.attempts

    assert (attempt.attempt_no, attempt.at, attempt.caller, attempt.seconds) == (1, clock.now(), caller, 25)
    assert (attempt.number_masked, attempt.note) == ("139****5678", "响铃无人接")


def test_attempts_are_numbered_within_the_task(session):
    task = make_task(session)
    for text in ("17 10:00", "17 15:00", "18 10:00"):
        with at(text):
            log(task, "NA")

    assert [one.attempt_no for one in task.attempts] == [1, 2, 3]


def test_the_fourth_attempt_is_the_last(session):
    """Then the customer is unreachable"""
    task = make_task(session)
    for text in ("17 10:00", "17 15:00", "18 10:00", "18 15:00"):
        assert task.status in CALLABLE
        with at(text):
            log(task, "NA")

    assert (task.status, task.next_attempt_at) == (TaskStatus.UNREACHABLE, None)
    with pytest.raises(Refused) as no, at("19 10:00"):
        log(task, "NA")
    assert no.value.code == "wrong_state"


def test_a_phone_that_is_off_three_times_is_given_up(session):
    task = make_task(session)
    for text in ("17 10:00", "18 10:00", "19 10:00"):
        with at(text):
            log(task, "OFF")

    assert task.status is TaskStatus.UNREACHABLE


@pytest.mark.parametrize(("first", "second", "code"), [
    ("20 09:00", "20 12:59", "too_soon"), ("20 09:00", "20 13:00", None),
])
def test_four_hours_lie_between_attempts(session, first, second, code):
    task = make_task(session)
    with at(first):
        log(task, "NA")
    with at(second):
        if code:
            with pytest.raises(Refused) as no:
                log(task, "NA")

            assert no.value.code == code
        else:
            log(task, "NA")

    assert len(task.attempts) == (1 if code else 2)


def test_a_busy_line_is_exempt_from_the_gap(session):
    """Part 4 (m)"""
    task = make_task(session)
    with at("20 09:00"):
        log(task, "BUSY")
    with at("20 09:30"):
        log(task, "OK", score=9)

    assert task.status is TaskStatus.COMPLETED


@pytest.mark.parametrize("first", ["NA", "BUSY"])
def test_two_attempts_a_day_are_enough(session, first):
    """Busy lines count as well"""
    task = make_task(session)
    with at("20 09:00"):
        log(task, first)
    with at("20 14:00"):
        log(task, "BUSY")
    with at("20 19:00"), pytest.raises(Refused) as no:
        log(task, "OK")

    assert no.value.code == "too_many_today"
    assert task.next_attempt_at == moment("21 09:00")


def test_a_promised_call_is_made_whatever_was_tried_before(session):
    """The customer asked for it: same agent, no gap, no cap"""
    task, caller = make_task(session), agent(session)
    with at("20 09:00"):
        log(task, "BUSY")
    with at("20 09:30"), acting(caller):
        log(task, "LATER", next_at=moment("20 11:00"))

    assert (task.promised, task.assignee) == (True, caller)
    with at("20 11:00"):
        log(task, "OK", score=10)
    assert (task.status, task.promised) == (TaskStatus.COMPLETED, False)


def test_another_person_may_give_time_and_number(session):
    """The next call goes to the number given"""
    task = make_task(session)
    with at("19 10:00"):
        log(task, "THIRD", next_at=moment("20 18:00"), other_number="13700001234")

    assert (task.next_attempt_at, task.other_number, task.promised) == (moment("20 18:00"), "13700001234", False)
    with at("20 18:00"):
        log(task, "OK")
    assert task.attempts[-1].number_masked == "137****1234"


@pytest.mark.parametrize(("scope", "purpose"), [(RefusalScope.THIS_TIME, None), (RefusalScope.PURPOSE, Purpose.CALLBACK), (RefusalScope.ALL, Purpose.ALL)])
def test_a_refusal_is_remembered_as_far_as_it_goes(session, scope, purpose):
    """And ends the customer's other callbacks with it"""
    vehicle = make_vehicle(session)
    task, other = (make_task(session, order=make_order(session, vehicle=vehicle)) for _ in range(2))
    log(task, "REFUSE", refusal=scope)
    wishes = session.scalars(select(ContactPreference)).all()

    assert [(one.customer, one.purpose, one.allowed) for one in wishes] == ([(task.customer, purpose, False)] if purpose else [])
    assert (task.status, other.status) == (TaskStatus.REFUSED, TaskStatus.CANCELLED if purpose else TaskStatus.PLANNED)


def test_a_refusal_overrules_an_earlier_wish(session):
    task = make_task(session)
    wish = make_contact_preference(session, customer=task.customer, purpose=Purpose.CALLBACK, allowed=True, until=clock.today())
    log(task, "REFUSE", refusal=RefusalScope.PURPOSE)

    assert (wish.allowed, wish.until) == (False, None)
    assert len(session.scalars(select(ContactPreference)).all()) == 1


@pytest.mark.parametrize("works_here", [True, False])
def test_a_wrong_number_becomes_a_todo(session, works_here):
    """For the advisor, or for any advisor of the store where that one has left"""
    advisor = make_staff(session, active=works_here)
    task = make_task(session, order=make_order(session, advisor=advisor))
    log(task, "WRONG", note="空号")
    todo = session.scalars(select(Todo)).one()

    assert (todo.person, todo.role, todo.store) == (advisor if works_here else None, Role.ADVISOR, task.store)
    assert (todo.resource, todo.record_key, todo.note) == ("customers", task.customer.customer_no, "空号")


def test_a_complaint_in_the_call_replaces_the_callback(session):
    """Raised and linked, with one owner, in the customer's words"""
    task, caller = make_task(session), agent(session)
    with acting(caller):
        log(task, "COMPL", criticism="修了三次还是漏油", category="发动机", problem_type="漏机油", code=make_codes(session)["D"])
    complaint = task.complaint

    assert (complaint.customer, complaint.vehicle, complaint.order, complaint.store) == (task.customer, task.vehicle, task.order, task.store)
    assert (complaint.channel, complaint.description, complaint.category, complaint.problem_type) == (Channel.CALLBACK, "修了三次还是漏油", "发动机", "漏机油")
    assert (complaint.status, complaint.first_owner, complaint.level.code) == (ComplaintStatus.RECEIVED, caller, "L1")
    assert [(one.code.code, one.status, one.complaint) for one in task.issues] == [("D", IssueStatus.CONVERTED, complaint)]


@pytest.mark.parametrize(("details", "raised"), [
    ({"score": 6, "code": "B"}, True), ({"score": 7, "code": "B"}, False), ({"criticism": "没人接待", "code": "B", "score": 9}, True), ({"score": 10}, False),
    ({"praise": "小周很耐心", "score": 10}, False),
])
def test_a_low_score_or_criticism_raises_an_issue(session, details, raised):
    codes, task = make_codes(session), make_task(session)
    log(task, "OK", **{**details, **({"code": codes[details["code"]]} if "code" in details else {})})

    assert [one.code.code for one in task.issues] == (["B"] if raised else [])
    assert task.score == details["score"]


def test_criticism_is_kept_word_for_word(session):
    task = make_task(session)
    log(task, "OK", score=5, criticism="  等了一小时，\n没人理！ ", code=make_codes(session)["B"])

    assert task.issues[0].verbatim == task.attempts[0].criticism == "  等了一小时，\n没人理！ "
    assert task.issues[0].tone is Tone.CRITICISM


@pytest.mark.parametrize(("outcome", "details", "field"), [
    ("LATER", {}, "next_at"), ("LATER", {"next_at": moment("19 10:00")}, "next_at"), ("NA", {"next_at": moment("25 10:00")}, "next_at"), ("REFUSE", {}, "refusal"),
    ("NA", {"score": 3}, "outcome"), ("BUSY", {"criticism": "x"}, "outcome"), ("COMPL", {}, "criticism"), ("OK", {"score": 6}, "code"),
    ("OK", {"criticism": "慢"}, "code"),
])
def test_details_fit_the_outcome(session, outcome, details, field):
    """Refused before anything is written"""
    task = make_task(session)

    with pytest.raises(Refused) as no:
        log(task, outcome, **details)
    assert (no.value.field, task.status, task.attempts) == (field, TaskStatus.PLANNED, [])


def test_special_marks_stay(session):
    """紧急 and 用户生气 (S4)"""
    task = make_task(session, urgent=True)
    log(task, "NA", angry=True)

    assert (task.urgent, task.angry) == (True, True)


def test_a_call_that_was_made_is_not_rewritten(session):
    task = make_task(session)
    log(task, "NA", note="无人接")
    task.attempts[0].outcome = Outcome.OK

    with pytest.raises(Refused) as no:
        session.flush()
    assert (no.value.code, no.value.field) == ("immutable", "outcome")
