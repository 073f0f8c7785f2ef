from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from models.ownerships import Ownership, Part
from tests.factories import make_customer, make_ownership, make_vehicle

TODAY = date(2026, 11, 20)


def owners(session, vehicle):
    """Customer, from and to of each ownership as owner, oldest first."""
    rows = session.query(Ownership).filter_by(vehicle=vehicle, role=Part.OWNER).order_by(Ownership.from_on, Ownership.id)
    return [(one.customer, one.from_on, one.to_on) for one in rows]


def test_a_new_car_opens_the_ownership_of_its_owner(session):
    """From the day it was bought"""
    vehicle = make_vehicle(session, purchase_date=date(2020, 5, 1))

    assert owners(session, vehicle) == [(vehicle.owner, date(2020, 5, 1), None)]


def test_without_a_purchase_date_the_ownership_opens_today(session):
    vehicle = make_vehicle(session, purchase_date=None)

    assert owners(session, vehicle) == [(vehicle.owner, TODAY, None)]


def test_a_car_without_owner_has_no_ownership(session):
    assert owners(session, make_vehicle(session, owner=None)) == []


@pytest.mark.parametrize("by", ["link", "key"])
def test_a_new_owner_closes_the_ownership_of_the_former(session, by):
    """Whether the page sets the link or a file sets the key"""
    vehicle = make_vehicle(session)
    first, second = vehicle.owner, make_customer(session)
    if by == "link":
        vehicle.owner = second
    else:
        vehicle.owner_id = second.id
    session.flush()

    assert owners(session, vehicle) == [(first, date(2022, 3, 1), TODAY), (second, TODAY, None)]


def test_to_and_fro_on_one_day_reopens_the_same_ownership(session):
    """The key of an ownership is car, customer and first day: it is not made twice"""
    vehicle = make_vehicle(session)
    first, second = vehicle.owner, make_customer(session)
    for owner in (second, first, second):
        vehicle.owner = owner
        session.flush()

    assert [one for one in owners(session, vehicle) if one[2] is None] == [(second, TODAY, None)]
    assert len(owners(session, vehicle)) == 3


def test_other_changes_leave_the_ownerships_alone(session):
    vehicle = make_vehicle(session)
    before = owners(session, vehicle)
    vehicle.color = "白"
    session.flush()

    assert owners(session, vehicle) == before


def test_an_owner_taken_away_ends_the_ownership(session):
    vehicle = make_vehicle(session)
    first, vehicle.owner = vehicle.owner, None
    session.flush()

    assert owners(session, vehicle) == [(first, date(2022, 3, 1), TODAY)]


def test_an_ownership_begun_by_hand_makes_the_owner(session):
    """And ends the ownership of the former on the day it begins"""
    vehicle = make_vehicle(session)
    first = vehicle.owner
    new = make_ownership(session, vehicle=vehicle, from_on=date(2026, 6, 1))

    assert vehicle.owner is new.customer
    assert owners(session, vehicle) == [(first, date(2022, 3, 1), date(2026, 6, 1)), (new.customer, date(2026, 6, 1), None)]


def test_an_ownership_ended_by_hand_takes_the_owner_away(session):
    vehicle = make_vehicle(session)
    (ownership,) = vehicle.ownerships
    ownership.to_on = TODAY
    session.flush()

    assert vehicle.owner is None


def test_a_former_owner_may_be_added_later(session):
    """An ownership that has ended changes nothing of the present"""
    vehicle = make_vehicle(session)
    owner = vehicle.owner
    make_ownership(session, vehicle=vehicle, from_on=date(2019, 1, 1), to_on=date(2022, 3, 1))

    assert vehicle.owner is owner
    assert len(owners(session, vehicle)) == 2


def test_an_open_ownership_before_the_present_one_needs_its_end(session):
    vehicle = make_vehicle(session)

    with pytest.raises(Refused) as refused:
        make_ownership(session, vehicle=vehicle, from_on=date(2019, 1, 1))
    assert refused.value.field == "to_on"


def test_a_driver_does_not_become_the_owner(session):
    vehicle = make_vehicle(session)
    owner = vehicle.owner
    make_ownership(session, vehicle=vehicle, role=Part.DRIVER)

    assert vehicle.owner is owner


def test_an_ownership_does_not_end_before_it_begins(session):
    with pytest.raises(IntegrityError, match="ends_after_it_begins"):
        make_ownership(session, from_on=date(2026, 2, 1), to_on=date(2026, 1, 1))


def test_one_plate_stands_on_one_car_in_use(session):
    make_vehicle(session, plate="苏A10001")

    with pytest.raises(IntegrityError, match="plate"):
        make_vehicle(session, plate="苏A10001")


def test_an_archived_car_gives_its_plate_free(session):
    make_vehicle(session, plate="苏A10001", archived_at=clock.now())

    assert make_vehicle(session, plate="苏A10001").plate == "苏A10001"


def test_many_cars_have_no_plate(session):
    assert [make_vehicle(session, plate=None).plate for _ in range(2)] == [None, None]


def test_a_new_reading_knows_its_day(session):
    vehicle = make_vehicle(session, mileage_km=10, odometer_on=TODAY - timedelta(days=90))
    vehicle.mileage_km = 20
    session.flush()

    assert vehicle.odometer_on == TODAY
