from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from models import callbacks
from models.authorizations import Authorization
from models.callbacks import CallbackTask
from models.customers import CallSlot
from models.evidence import Method, Relation
from models.order_lines import Approval
from models.order_states import OrderStatus, Payer, ServiceType
from tests.factories import (
    CONSENT,
    STEPS,
    advance,
    make_customer,
    make_extra_work,
    make_order,
    make_order_in_repair,
    make_order_line,
    make_plans,
    make_sent_request,
    make_vehicle,
    work,
)

NEXT = {"next_service_on": date(2027, 5, 20), "next_service_km": 51_500, "callback_slot": CallSlot.MORNING}


@pytest.fixture
def planned(monkeypatch):
    """The orders that a callback was planned for."""
    orders = []
    monkeypatch.setattr(callbacks, "schedule_after_delivery", orders.append)
    return orders


def order_at(session, state, **overrides):
    """An order with one line of 180 yuan that has come to a state."""
    order = make_order(session, **overrides)
    make_order_line(session, order=order, line_no=1)
    advance(order, state)
    return order


def test_an_order_goes_the_whole_way(session, planned):
    """From the draft through repair and three checks to delivery, in the order of domain.md 3.3"""
    order = make_order(session)
    make_order_line(session, order=order)
    seen = []
    for state, step in STEPS.items():
        if state == "self_check":
            work(order)
        step(order)
        session.flush()
        seen.append(order.status.value)

    assert seen == list(STEPS)
    assert planned == [order]


@pytest.mark.parametrize("step", [step for step in STEPS if step not in {"received", "estimated"}])
def test_no_step_is_taken_from_a_draft(session, step):
    order = make_order(session)

    with pytest.raises(Refused) as refused:
        STEPS[step](order)
    assert refused.value.code == "wrong_state"
    assert order.status is OrderStatus.DRAFT


def test_receiving_starts_the_visit_and_reads_the_odometer(session):
    """The car takes over a higher reading, never a lower one"""
    order = make_order(session, vehicle=make_vehicle(session, mileage_km=41_000))
    order.receive(walkaround="左前门有划痕", mileage_km=42_345)
    lower = make_order(session, vehicle=order.vehicle)
    lower.receive(walkaround="无", mileage_km=100)

    assert (order.checked_in_at, order.mileage_km, order.vehicle.mileage_km) == (clock.now(), 42_345, 42_345)


def test_an_estimate_needs_lines_and_a_time_ahead(session):
    order = make_order(session)
    advance(order, "diagnosing")

    with pytest.raises(Refused):
        order.estimate(promised_at=clock.now() + timedelta(hours=1))
    make_order_line(session, order=order)
    with pytest.raises(Refused) as refused:
        order.estimate(promised_at=clock.now())
    assert refused.value.field == "promised_at"


def test_estimates_add_up_to_the_fen(session):
    """Three times 0.10 makes 0.30, and half a fen is rounded up; what the customer does not pay is left out"""
    order = make_order(session)
    for number in (1, 2, 3):
        make_order_line(session, order=order, line_no=number, qty=Decimal(1), unit_price=Decimal("0.10"))
    make_order_line(session, order=order, line_no=4, qty=Decimal("0.25"), unit_price=Decimal("0.10"))
    make_order_line(session, order=order, line_no=5, unit_price=Decimal("999.00"), payer=Payer.WARRANTY)
    advance(order, "estimated")

    assert order.estimate_total == Decimal("0.33")


def test_authorizing_keeps_the_evidence_and_approves_the_lines(session):
    order = order_at(session, "estimated")
    order.authorize(person="王芳", relation=Relation.FAMILY, method=Method.PHONE, phone_called="13912345678", note="先做刹车")
    session.flush()
    (word,) = session.query(Authorization).all()

    assert order.status is OrderStatus.AUTHORIZED
    assert [line.approval for line in order.lines] == [Approval.APPROVED]
    assert (word.order, word.person, word.relation, word.method, word.phone_called) == (order, "王芳", Relation.FAMILY, Method.PHONE, "13912345678")
    assert (word.at, word.revised_total, word.note) == (clock.now(), Decimal("180.00"), "先做刹车")
    assert word.authorization_no == "SQ20261120-0001"


def test_a_phone_authorization_needs_the_number_called(session):
    order = order_at(session, "estimated")

    with pytest.raises(Refused) as refused:
        order.authorize(person="王芳", relation=Relation.SELF, method=Method.PHONE)
    assert refused.value.field == "phone_called"
    assert session.query(Authorization).count() == 0


def test_nobody_authorizes_in_the_future(session):
    order = order_at(session, "estimated")

    with pytest.raises(Refused) as refused:
        order.authorize(**CONSENT, at=clock.now() + timedelta(minutes=1))
    assert refused.value.field == "at"


def test_a_line_added_after_the_estimate_asks_for_a_new_estimate(session):
    order = order_at(session, "estimated")
    make_order_line(session, order=order, line_no=2)

    with pytest.raises(Refused):
        order.authorize(**CONSENT)
    order.estimate(promised_at=clock.now() + timedelta(hours=2))
    order.authorize(**CONSENT)
    assert order.estimate_total == Decimal("360.00")


def test_no_repair_with_an_unapproved_line(session):
    """A line that becomes the customer's to pay is the customer's to approve"""
    order = make_order(session)
    line = make_order_line(session, order=order, line_no=1, payer=Payer.INTERNAL)
    advance(order, "scheduled")
    line.payer = Payer.CUSTOMER
    session.flush()

    with pytest.raises(Refused, match="1"):
        order.start_repair()
    assert order.status is OrderStatus.SCHEDULED


def test_no_repair_while_the_customer_is_asked(session):
    order = order_at(session, "scheduled")
    request = make_sent_request(session, order=order)

    with pytest.raises(Refused, match=request.request_no):
        order.start_repair()


def test_waiting_for_parts_ends_with_resuming(session):
    order = make_order_in_repair(session)
    order.wait_for_parts()
    waiting = order.status
    order.resume_repair()

    assert (waiting, order.status) == (OrderStatus.WAITING_PARTS, OrderStatus.IN_REPAIR)


def test_no_check_before_the_work_is_done(session):
    order = make_order_in_repair(session)

    with pytest.raises(Refused, match="1"):
        order.finish_repair()


def test_a_failed_final_check_goes_back_to_repair_with_its_report(session):
    """And the car passes the three checks again"""
    order = order_at(session, "final_check")
    order.fail_final_check(defect="左前轮螺栓力矩不足")
    session.flush()

    assert (order.status, order.defect_report, order.final_check_passed_at) == (OrderStatus.IN_REPAIR, "左前轮螺栓力矩不足", None)
    order.finish_repair()
    assert order.status is OrderStatus.SELF_CHECK


@pytest.mark.parametrize("state", ["self_check", "team_check"])
def test_earlier_checks_send_back_too(session, state):
    order = order_at(session, state)
    order.send_back(defect="漏油")

    assert (order.status, order.defect_report) == (OrderStatus.IN_REPAIR, "漏油")


@pytest.mark.parametrize(("wash", "state"), [(True, OrderStatus.WASHING), (False, OrderStatus.READY)])
def test_only_a_car_that_is_to_be_washed_is_washed(session, wash, state):
    order = order_at(session, "final_check", wash=wash)
    order.pass_final_check()

    assert (order.status, order.final_check_passed_at) == (state, clock.now())


def test_ready_without_the_final_check_fails_in_the_database(session):
    order = order_at(session, "team_check")
    order.status = OrderStatus.READY

    with pytest.raises(IntegrityError, match="ready_has_passed_final_check"):
        session.flush()


def test_the_bill_adds_up_what_was_approved_and_is_billed(session):
    """Declined lines, warranty and internal work are not on it; extra work is"""
    order = make_order(session)
    make_order_line(session, order=order, line_no=1, qty=Decimal("1.5"), unit_price=Decimal("99.99"))
    make_order_line(session, order=order, line_no=2, unit_price=Decimal("500.00"), payer=Payer.INTERNAL)
    make_order_line(session, order=order, line_no=3, unit_price=Decimal("500.00"), payer=Payer.WARRANTY)
    make_order_line(session, order=order, line_no=4, qty=Decimal(1), unit_price=Decimal("10.01"), payer=Payer.INSURANCE)
    advance(order, "in_repair")
    brakes, wipers = make_sent_request(session, order=order).lines
    brakes.approve(**CONSENT)
    wipers.decline(**CONSENT)
    session.flush()
    work(order)
    for step in ("self_check", "team_check", "final_check", "washing", "ready", "settled"):
        STEPS[step](order)
    session.flush()

    assert order.amount == Decimal("149.99") + Decimal("10.01") + Decimal("200.30")


@pytest.mark.parametrize("missing", ["next_service_on", "next_service_km", "callback_slot"])
def test_no_delivery_without_next_service_and_slot(session, planned, missing):
    order = order_at(session, "settled")

    with pytest.raises(Refused) as refused:
        order.deliver(**{**NEXT, missing: None})
    assert refused.value.field == missing
    assert (order.status, planned) == (OrderStatus.SETTLED, [])


@pytest.mark.parametrize("missing", ["next_service_on", "next_service_km", "callback_slot", "completed_at"])
def test_the_database_keeps_what_a_delivery_needs(session, planned, missing):
    order = order_at(session, "delivered")
    setattr(order, missing, None)

    with pytest.raises(IntegrityError, match="delivered_has_next_service_and_slot"):
        session.flush()


def test_delivery_is_not_offered_before_settlement(session, planned):
    order = order_at(session, "ready")

    with pytest.raises(Refused) as refused:
        order.deliver(**NEXT)
    assert refused.value.code == "wrong_state"


def test_delivery_tells_the_car_its_next_service_and_plans_the_callback(session, planned):
    order = order_at(session, "settled")
    order.deliver(**NEXT)
    session.flush()

    assert (order.vehicle.next_service_on, order.vehicle.next_service_km) == (date(2027, 5, 20), 51_500)
    assert (order.completed_at, planned) == (clock.now(), [order])


def test_the_customers_usual_slot_is_good_enough(session, planned):
    customer = make_customer(session, preferred_slot=CallSlot.EVENING)
    order = order_at(session, "settled", vehicle=make_vehicle(session, owner=customer))
    order.deliver(**{**NEXT, "callback_slot": None})

    assert order.callback_slot is CallSlot.EVENING


def test_an_order_of_an_old_system_plans_no_callback(session, planned):
    """It may also lack what is asked of new orders (domain.md Part 4 (p))"""
    order = make_order(session, status=OrderStatus.SETTLED, from_history=True, advisor=None, payer=None)
    order.amount = Decimal("88.00")
    order.deliver(**NEXT)
    session.flush()

    assert (order.status, planned) == (OrderStatus.DELIVERED, [])


def test_an_order_closes_once_its_callback_is_over(session):
    """Delivery plans the callback of plan 3DC; while it waits the order stays open"""
    make_plans(session)
    order = order_at(session, "delivered")
    task = session.query(CallbackTask).filter(CallbackTask.order == order, CallbackTask.plan.has(code="3DC")).one()
    with pytest.raises(Refused):
        order.close()
    for waiting in session.query(CallbackTask).filter(CallbackTask.order == order):
        waiting.cancel(reason="客户已回电")
    session.flush()
    order.close()

    assert (task.customer, task.vehicle) == (order.customer, order.vehicle)
    assert order.status is OrderStatus.CLOSED


def test_cancelling_needs_a_reason_and_withdraws_open_questions(session):
    order = order_at(session, "scheduled")
    sent, draft = make_sent_request(session, order=order), make_extra_work(session, order=order)
    order.cancel(reason="客户改约")
    session.flush()

    assert (order.status, order.cancel_reason) == (OrderStatus.CANCELLED, "客户改约")
    assert {sent.status.value, draft.status.value} == {"withdrawn"}


def test_cancelled_without_reason_fails_in_the_database(session):
    order = make_order(session)
    order.status = OrderStatus.CANCELLED

    with pytest.raises(IntegrityError, match="cancelled_has_reason"):
        session.flush()


def test_begun_work_is_not_cancelled(session):
    order = make_order_in_repair(session)
    order.lines[0].start()

    with pytest.raises(Refused):
        order.cancel(reason="客户改约")
    assert order.status is OrderStatus.IN_REPAIR


def test_a_rework_follows_an_order_of_the_same_car(session):
    first = make_order(session)
    again = make_order(session, vehicle=first.vehicle, service_type=ServiceType.REWORK, rework_of=first)

    assert again.rework_of is first
    with pytest.raises(Refused) as refused:
        make_order(session, service_type=ServiceType.REWORK, rework_of=first)
    assert refused.value.field == "rework_of"


def test_an_order_is_no_rework_of_itself(session):
    order = make_order(session)
    order.rework_of_id = order.id

    with pytest.raises(IntegrityError, match="rework_is_of_another_order"):
        session.flush()


@pytest.mark.parametrize(("service_type", "payer"), [
    (ServiceType.WARRANTY, Payer.WARRANTY), (ServiceType.ACCIDENT, Payer.INSURANCE), (ServiceType.REWORK, Payer.INTERNAL),
    (ServiceType.GENERAL, Payer.CUSTOMER),
])
def test_the_usual_payer_is_filled_in(session, service_type, payer):
    assert make_order(session, service_type=service_type, payer=None).payer is payer


def test_a_new_order_needs_its_advisor(session):
    with pytest.raises(IntegrityError, match="new_order_has_advisor"):
        make_order(session, advisor=None)
