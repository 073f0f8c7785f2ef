from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Language, clock
from models.customers import Customer, Grade
from tests.factories import make_contact_preference, make_customer, make_vehicle


def test_a_new_file_is_numbered_and_opens_today(session):
    customer = make_customer(session, customer_no=None)

    assert (customer.customer_no, customer.since) == ("KH20261120-0001", date(2026, 11, 20))
    assert customer.language is Language.CHINESE


def test_a_known_start_stays(session):
    assert make_customer(session, since=date(2019, 5, 1)).since == date(2019, 5, 1)


def test_history_does_not_begin_today(session):
    """What an old system did not know stays unknown"""
    assert make_customer(session, since=None, from_history=True).since is None


@pytest.mark.parametrize(("claim", "broken"), [
    ("new_customer_can_be_called", {"phone": None}), ("grade_by_hand_has_reason", {"grade": Grade.GOLD, "grade_until": date(2027, 1, 1)}),
])
def test_the_database_keeps_what_new_customers_need(session, claim, broken):
    """And asks it of history not"""
    make_customer(session, from_history=True, **broken)

    with pytest.raises(IntegrityError, match=claim):
        make_customer(session, **broken)


def test_a_customer_is_not_merged_into_itself(session):
    customer = make_customer(session)
    customer.merged_into = customer

    with pytest.raises(IntegrityError, match="merged_into_another"):
        session.flush()


def test_a_customer_number_is_given_once(session):
    make_customer(session, customer_no="C1")

    with pytest.raises(IntegrityError, match="customer_no"):
        make_customer(session, customer_no="C1")


def test_refusing_contact_needs_a_reason(session):
    with pytest.raises(IntegrityError, match="refusal_has_reason"):
        make_contact_preference(session, allowed=False, reason=None)


@pytest.mark.parametrize("by_car", [True, False])
def test_one_wish_for_one_purpose(session, by_car):
    """For one car, or for all of them"""
    customer = make_customer(session)
    wish = {"customer": customer, "vehicle": make_vehicle(session, owner=customer) if by_car else None}
    make_contact_preference(session, **wish)

    with pytest.raises(IntegrityError, match="UNIQUE"):
        make_contact_preference(session, **wish)


def test_a_wish_for_one_car_stands_beside_the_one_for_all(session):
    customer = make_customer(session)
    make_contact_preference(session, customer=customer)
    make_contact_preference(session, customer=customer, vehicle=make_vehicle(session, owner=customer), allowed=True)
    session.expire_all()

    assert len(session.get(Customer, customer.id).contact_preferences) == 2


@pytest.mark.parametrize(("overrides", "holds"), [
    ({}, True), ({"until": date(2026, 11, 20)}, True), ({"until": date(2026, 11, 19)}, False),
])
def test_a_wish_holds_until_its_day(session, overrides, holds):
    assert make_contact_preference(session, **overrides).holds_on(clock.today()) is holds


def test_an_archived_wish_holds_no_more(session):
    assert not make_contact_preference(session, archived_at=clock.now()).holds_on(clock.today())
