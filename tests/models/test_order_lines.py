from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from models.order_lines import Approval, LineKind, OrderLine, Work, amount_of
from models.order_states import Payer, ServiceType
from models.orders import ServiceOrder
from tests.factories import advance, make_order, make_order_in_repair, make_order_line, make_sent_request


@pytest.mark.parametrize(("qty", "price", "amount"), [
    ("1.50", "120.00", "180.00"), ("3", "0.10", "0.30"), ("0.25", "0.10", "0.03"), ("0.15", "0.10", "0.02"), ("99999.99", "9999.99", "999998900.00"),
])
def test_an_amount_is_quantity_times_price_to_the_fen(session, qty, price, amount):
    """By Decimal, half a fen rounded up, and the same when it is read back"""
    line = make_order_line(session, qty=Decimal(qty), unit_price=Decimal(price))
    session.expire(line)

    assert line.amount == amount_of(Decimal(qty), Decimal(price)) == Decimal(amount)


def test_an_amount_follows_its_price_until_it_is_approved(session):
    line = make_order_line(session)
    line.unit_price = Decimal("100.00")
    session.flush()

    assert line.amount == Decimal("150.00")


@pytest.mark.parametrize("change", [{"qty": Decimal(2)}, {"unit_price": Decimal("1.00")}, {"payer": Payer.INSURANCE}, {"description": "换发动机"}])
def test_what_the_customer_approved_stands(session, change):
    (line,) = make_order_in_repair(session).lines
    for name, value in change.items():
        setattr(line, name, value)

    with pytest.raises(Refused):
        session.flush()


def test_internal_work_needs_no_approval(session):
    """And asks for it once the customer is to pay"""
    line = make_order_line(session, payer=Payer.INTERNAL)
    before = line.approval
    line.payer = Payer.CUSTOMER
    session.flush()

    assert (before, line.approval) == (Approval.NOT_NEEDED, Approval.PENDING)


def test_a_line_is_paid_as_its_order_is_unless_it_says_otherwise(session):
    order = make_order(session, payer=Payer.INSURANCE)

    assert make_order_line(session, order=order, line_no=1).payer is Payer.INSURANCE
    assert make_order_line(session, order=order, line_no=2, payer=Payer.CUSTOMER).payer is Payer.CUSTOMER


def test_work_starts_and_ends_with_its_times(session):
    (line,) = make_order_in_repair(session).lines
    line.start()
    line.finish()
    session.flush()

    assert (line.work, line.started_at, line.done_at) == (Work.DONE, clock.now(), clock.now())


def test_a_line_of_an_order_in_repair_cannot_start_unapproved(session):
    """Nor can the database be told that it did"""
    order = make_order_in_repair(session)
    line = make_order_line(session, order=order, line_no=2, payer=Payer.INTERNAL)
    line.payer = Payer.CUSTOMER
    session.flush()

    with pytest.raises(Refused) as refused:
        line.start()
    assert (refused.value.code, line.work) == ("unapproved", Work.OPEN)
    line.work = Work.STARTED
    with pytest.raises(IntegrityError, match="work_is_approved"):
        session.flush()


def test_no_line_starts_outside_repair(session):
    order = make_order(session)
    line = make_order_line(session, order=order)
    advance(order, "scheduled")

    with pytest.raises(Refused) as refused:
        line.start()
    assert refused.value.code == "wrong_state"


def test_no_line_starts_or_ends_twice(session):
    (line,) = make_order_in_repair(session).lines
    with pytest.raises(Refused):
        line.finish()
    line.start()
    with pytest.raises(Refused):
        line.start()
    line.finish()

    with pytest.raises(Refused):
        line.finish()


def test_approved_lines_go_on_while_the_customer_is_asked(session):
    """Only the extra work waits"""
    order = make_order_in_repair(session)
    make_sent_request(session, order=order)
    (line,) = order.lines
    line.start()

    assert line.work is Work.STARTED


def test_after_authorization_more_work_is_asked_for_as_extra_work(session):
    order = make_order_in_repair(session)

    with pytest.raises(Refused) as refused:
        make_order_line(session, order=order, line_no=9)
    assert refused.value.field == "order"


def test_begun_work_is_not_archived(session):
    (line,) = make_order_in_repair(session).lines
    line.start()
    session.flush()
    line.archived_at = clock.now()

    with pytest.raises(Refused):
        session.flush()


@pytest.mark.parametrize(("claim", "broken"), [
    ("quantity_is_positive", {"qty": Decimal(0)}), ("price_is_not_negative", {"unit_price": Decimal("-0.01")}),
])
def test_the_database_keeps_quantity_and_price(session, claim, broken):
    with pytest.raises(IntegrityError, match=claim):
        make_order_line(session, **broken)


def test_a_line_of_an_old_system_keeps_its_amount(session):
    """Discounts that the old system knew are not worked out again"""
    line = make_order_line(session, qty=Decimal(1), unit_price=Decimal("100.00"), amount=Decimal("90.00"), from_history=True)

    assert line.amount == Decimal("90.00")


def test_an_order_and_its_lines_may_be_written_together(session):
    """A form or a script that makes both at once is not told that the repair is authorized already."""
    order = make_order(session)
    draft = ServiceOrder(
        customer_id=order.customer_id, vehicle_id=order.vehicle_id, advisor_id=order.advisor_id, store_id=order.store_id,
        service_type=ServiceType.GENERAL, payer=Payer.CUSTOMER,
    )
    draft.lines.append(OrderLine(line_no=1, kind=LineKind.LABOR, description="更换刹车片", qty=Decimal(1), unit_price=Decimal("120.00")))
    session.add(draft)
    session.flush()

    assert draft.lines[0].amount == Decimal("120.00")
