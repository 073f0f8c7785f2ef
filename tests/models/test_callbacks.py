from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from models.callback_attempts import CallAttempt
from models.callbacks import CALLABLE, CallbackTask, TaskStatus, own_callbacks, schedule_after_delivery
from models.contact_preferences import Purpose
from models.orders import OrderStatus
from models.recall import Outcome
from models.roles import Role
from tests.factories import (
    advance,
    make_codes,
    make_contact_preference,
    make_levels,
    make_order,
    make_order_line,
    make_plans,
    make_staff,
    make_task,
    make_vehicle,
)
from tests.models.calling import HOUR, agent, log, moment


def test_delivery_plans_the_callback(session):
    """Due 72 hours later, void after a week (Part 4 (f))"""
    make_plans(session)
    order = make_order(session, advisor=make_staff(session), completed_at=clock.now() - HOUR)
    [task] = schedule_after_delivery(order)
    session.flush()

    assert (task.plan.code, task.status, task.task_no) == ("3DC", TaskStatus.PLANNED, "HF20261120-0001")
    assert (task.due_at, task.hard_due_at) == (order.completed_at + 72 * HOUR, order.completed_at + 168 * HOUR)
    assert (task.customer, task.vehicle, task.store) == (order.customer, order.vehicle, order.store)


def test_a_delivery_is_planned_once(session):
    make_plans(session)
    order = make_order(session)
    schedule_after_delivery(order)
    again = schedule_after_delivery(order)

    assert (again, len(session.scalars(select(CallbackTask)).all())) == ([], 1)


def test_history_is_not_called_back(session):
    """Part 4 (p)"""
    make_plans(session)

    assert schedule_after_delivery(make_order(session, from_history=True)) == []


def test_whoever_opted_out_gets_a_cancelled_callback(session):
    """It stays visible that nobody called, and why"""
    make_plans(session)
    order = make_order(session)
    make_contact_preference(session, customer=order.customer)
    [task] = schedule_after_delivery(order)
    session.flush()

    assert task.status is TaskStatus.CANCELLED
    assert task.cancel_reason


def test_an_order_on_its_whole_way_is_called_back(session):
    """The deliver step of the order calls it"""
    make_plans(session)
    order = make_order(session)
    make_order_line(session, order=order, line_no=1)
    advance(order, "delivered")
    session.flush()

    assert order.status is OrderStatus.DELIVERED
    assert [task.order for task in session.scalars(select(CallbackTask))] == [order]


def test_one_callback_a_plan_and_order(session):
    task = make_task(session)

    with pytest.raises(IntegrityError):
        make_task(session, plan=task.plan, order=task.order)


def test_the_serving_advisor_never_calls_back_the_own_order(session):
    """Whatever role the person has by now"""
    advisor = make_staff(session, role=Role.SUPERVISOR)
    task = make_task(session, order=make_order(session, advisor=advisor))
    code = make_codes(session)["B"]
    with acting(advisor):
        for act in (
            task.claim, lambda: task.log_call(outcome=Outcome.OK), lambda: task.record_answer(question="B", score=9),
            lambda: task.raise_issue(code=code, verbatim="x"),
        ):
            with pytest.raises(Refused) as no:
                act()

            assert no.value.code == "own_order"
    assert (task.status, task.attempts) == (TaskStatus.PLANNED, [])


@pytest.mark.parametrize(("purpose", "days", "other_car", "stops"), [
    (Purpose.CALLBACK, None, False, True), (Purpose.ALL, None, False, True), (Purpose.CALLBACK, 0, False, True), (Purpose.CALLBACK, -1, False, False),
    (Purpose.CAMPAIGN, None, False, False), (Purpose.CALLBACK, None, True, False),
])
def test_an_opt_out_is_respected(session, purpose, days, other_car, stops):
    """For this purpose or all, for this car or all, as long as it holds"""
    task = make_task(session)
    until = clock.today() + timedelta(days=days) if days is not None else None
    make_contact_preference(session, customer=task.customer, purpose=purpose, until=until, vehicle=make_vehicle(session) if other_car else None)
    with acting(agent(session)):
        if stops:
            with pytest.raises(Refused) as no:
                task.claim()

            assert no.value.code == "opted_out"
        else:
            task.claim()

    assert (task.status is TaskStatus.CLAIMED) is not stops


def test_a_claim_holds_a_quarter_of_an_hour(session):
    """Nobody else calls meanwhile; afterwards it is free without a word"""
    task, first, second = make_task(session), agent(session), agent(session)
    with acting(first):
        task.claim()
    session.flush()

    assert (task.claimed_by, task.claimed_until) == (first, clock.now() + timedelta(minutes=15))
    with acting(second), pytest.raises(Refused) as no:
        log(task, "OK")
    assert no.value.code == "claimed"
    with clock.stopped_at(clock.now() + timedelta(minutes=15)), acting(second):
        task.claim()
    session.flush()
    assert task.claimed_by is second


def test_a_claim_holds_the_whole_customer(session):
    """All callbacks of a customer are one talk"""
    vehicle = make_vehicle(session)
    mine, other = (make_task(session, order=make_order(session, vehicle=vehicle)) for _ in range(2))
    with acting(agent(session)):
        mine.claim()
    session.flush()

    with acting(agent(session)), pytest.raises(Refused) as no:
        other.claim()
    assert no.value.code == "claimed"


@pytest.mark.parametrize(("who", "may"), [("holder", True), (Role.SUPERVISOR, True), (Role.AGENT, False)])
def test_the_holder_or_a_head_releases(session, who, may):
    task, holder = make_task(session), agent(session)
    with acting(holder):
        task.claim()
    session.flush()
    with acting(holder if who == "holder" else make_staff(session, role=who)):
        if may:
            task.release()
        else:
            with pytest.raises(Refused):
                task.release()
    session.flush()

    assert task.status is (TaskStatus.DUE if may else TaskStatus.CLAIMED)


def test_a_claim_given_back_waits_as_before(session):
    """A promised time stays promised"""
    task, person = make_task(session), agent(session)
    with acting(person):
        log(task, "LATER", next_at=moment("20 15:00"))
        task.claim()
        task.release()
    session.flush()

    assert (task.status, task.next_attempt_at) == (TaskStatus.RESCHEDULED, moment("20 15:00"))


def test_the_system_claims_nothing(session):
    with pytest.raises(Refused):
        make_task(session).claim()


def test_a_callback_is_cancelled_with_its_reason(session):
    task = make_task(session)
    task.cancel(reason="工单作废")
    session.flush()

    assert (task.status, task.cancel_reason, task.ended_at) == (TaskStatus.CANCELLED, "工单作废", clock.now())


def test_a_callback_expires_after_its_hard_limit_only(session):
    task = make_task(session)
    with pytest.raises(Refused):
        task.expire()
    with clock.stopped_at(task.hard_due_at + timedelta(seconds=1)):
        task.expire()

    assert task.status is TaskStatus.EXPIRED


@pytest.mark.parametrize(("name", "details"), [
    ("claim", {}), ("log_call", {"outcome": Outcome.OK}), ("cancel", {"reason": "x"}), ("expire", {}), ("release", {}),
])
def test_an_ended_callback_is_left_alone(name, details):
    for state in set(TaskStatus) - set(CALLABLE):
        task = CallbackTask(status=state)
        with pytest.raises(Refused) as no:
            getattr(task, name)(**details)

        assert (no.value.code, task.status) == ("wrong_state", state)


def test_history_lacks_what_is_asked_of_new_callbacks(session):
    """No attempt, no time of its end"""
    task = make_task(session, status=TaskStatus.COMPLETED, from_history=True)

    assert (task.status, task.ended_at) == (TaskStatus.COMPLETED, None)
    assert not session.scalars(select(CallAttempt)).all()


def test_an_advisor_reads_callbacks_about_own_orders(session):
    make_levels(session)
    advisor = make_staff(session)
    task = make_task(session, order=make_order(session, advisor=advisor))
    make_task(session)

    assert session.scalars(select(CallbackTask).where(own_callbacks(advisor))).all() == [task]
