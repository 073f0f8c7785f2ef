"""What merging means at the dealership: cars and their owners, refusals, orders; as a supervisor does it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backoffice.access import SYSTEM
from backoffice.exchange.options import Options
from backoffice.exchange.running import take
from backoffice.merging import Pair, Verdict
from backoffice.merging.suspecting import look
from backoffice.plan import plan_of
from models.contact_preferences import Purpose
from models.customers import Customer
from models.ownerships import Ownership, Part
from models.vehicles import Vehicle
from tests import factories as make
from tests.backoffice.lending import again
from tests.backoffice.merging.deeds import last, merge, preview, unmerge
from tests.support.client import sign_in
from tests.support.world import make_people


@pytest.fixture
def boss(session, client):
    """A supervisor, signed in."""
    people = make_people(session)
    sign_in(client, "supervisor")
    client.set_cookie("language", "en")
    client.store = people["supervisor"].store
    return client


@pytest.fixture
def twice(session, boss):
    """One customer with two files, each with a car and an order at the supervisor's store."""
    here = boss.store
    first, second = (make.make_customer(session, store=here, name=name) for name in ("王欣", "王 欣"))
    cars = [make.make_vehicle(session, owner=one) for one in (first, second)]
    orders = [make.make_order(session, customer=one, vehicle=car, store=here) for one, car in zip((first, second), cars, strict=True)]
    session.commit()
    return SimpleNamespace(first=first, second=second, cars=cars, orders=orders)


def owners(car: Vehicle) -> list[tuple[int, bool]]:
    """Whose the car was and is: living ownerships in their order, and whether they go on."""
    again(car)
    found = sorted((one for one in car.ownerships if one.role is Part.OWNER and one.archived_at is None), key=lambda one: one.from_on)
    return [(one.customer_id, one.to_on is None) for one in found]


def test_cars_orders_and_ownerships_follow_the_customer(boss, twice):
    """Both cars belong to the one that stays, and the cars' owner and their ownership say the same."""
    merge(boss, twice.first, twice.second)

    assert last().moved == {"vehicles": 1, "ownerships": 1, "orders": 1}
    assert again(twice.orders[1]).customer_id == twice.first.id
    assert again(twice.cars[1]).owner_id == twice.first.id
    assert owners(twice.cars[1]) == [(twice.first.id, True)]


def test_taken_back_each_has_its_own_again(boss, twice):
    """Cars, ownerships and orders."""
    merge(boss, twice.first, twice.second)
    unmerge(boss, twice.first)

    assert again(twice.orders[1]).customer_id == twice.second.id
    assert again(twice.cars[1]).owner_id == twice.second.id
    assert owners(twice.cars[1]) == [(twice.second.id, True)]


def test_a_refusal_on_either_file_holds(boss, twice, session):
    """One file allows surveys, the other refuses them: afterwards they are refused, with the reason; undone, each says its own again."""
    mine = make.make_contact_preference(session, customer=twice.first, purpose=Purpose.SURVEY, allowed=True)
    theirs = make.make_contact_preference(session, customer=twice.second, purpose=Purpose.SURVEY, allowed=False, reason="不要打扰")
    session.commit()
    page = preview(boss, twice.first, twice.second).get_data(as_text=True)
    merge(boss, twice.first, twice.second)
    both = (again(mine).allowed, mine.reason, again(theirs).archived_at is not None, theirs.customer_id)
    unmerge(boss, twice.first)

    assert "These exist on both sides" in page
    assert both == (False, "不要打扰", True, twice.second.id)
    assert (again(mine).allowed, again(theirs).allowed, theirs.archived_at) == (True, False, None)


def test_one_car_that_both_files_owned_from_the_same_day(boss, twice, session):
    """Two ownerships that would be the same: one stays and goes on, and the car keeps its owner."""
    car = twice.cars[0]
    day = again(car).ownerships[0].from_on
    session.add(Ownership(vehicle=car, customer=twice.second, role=Part.OWNER, from_on=day, to_on=day))
    session.commit()
    merge(boss, twice.second, twice.first)

    assert owners(car) == [(twice.second.id, True)]
    assert again(car).owner_id == twice.second.id

    unmerge(boss, twice.second)

    assert set(owners(car)) == {(twice.first.id, True), (twice.second.id, False)}
    assert again(car).owner_id == twice.first.id


def test_two_files_of_one_car_become_one(boss, twice, session):
    """The larger mileage with its day, the plate, and one owner: the other's ownership ends today."""
    left, right = twice.cars
    right.plate, right.mileage_km, right.odometer_on = "苏A99999", 80_000, date(2026, 5, 1)
    left.plate, left.mileage_km, left.odometer_on = None, 50_000, date(2026, 1, 1)
    session.commit()
    answer = merge(boss, left, right)

    assert answer.status_code == 302
    assert (again(left).plate, left.mileage_km, left.odometer_on) == ("苏A99999", 80_000, date(2026, 5, 1))
    assert again(twice.orders[1]).vehicle_id == left.id
    assert dict(owners(left)) == {twice.first.id: True, twice.second.id: False}


def test_two_files_of_one_car_are_two_again(boss, twice, session):
    """Each has its plate, though only one living car can have it; and each its owner."""
    left, right = twice.cars
    right.plate, left.plate = "苏A99999", None
    session.commit()
    merge(boss, left, right)
    answer = unmerge(boss, left)

    assert answer.status_code == 302
    assert (again(left).plate, again(right).plate) == (None, "苏A99999")
    assert owners(left) == [(twice.first.id, True)]
    assert owners(right) == [(twice.second.id, True)]


def test_a_plate_that_was_given_away_meanwhile_stands_in_the_way(boss, twice, session):
    """The car that would come back has a plate that another car has by now: the undo is refused as a whole, and says why."""
    left, right = twice.cars
    right.plate, left.plate = "苏A99999", "苏A11111"
    session.commit()
    merge(boss, left, right)
    make.make_vehicle(session, plate="苏A99999")
    session.commit()
    answer = unmerge(boss, left)

    assert answer.status_code == 422
    assert "Plate" in answer.get_data(as_text=True)
    assert again(twice.orders[1]).vehicle_id == left.id
    assert again(right).archived_at is not None


def test_the_same_owner_of_both_files_owns_the_car_once(boss, session):
    """Two open ownerships of one customer: the earlier one goes on."""
    owner = make.make_customer(session, store=boss.store)
    left, right = (make.make_vehicle(session, owner=owner, purchase_date=day) for day in (date(2024, 3, 1), date(2022, 2, 2)))
    session.commit()
    merge(boss, left, right)

    assert owners(left) == [(owner.id, True)]
    assert again(left).purchase_date == date(2022, 2, 2)


def test_an_import_writes_where_a_customer_went_without_moving_anything(boss, twice, session):
    """An old system's note of a merge is kept: the record is not archived, so its page stays its own."""
    again(twice.second).merged_into = twice.first
    session.commit()

    assert boss.get(f"/customers/{twice.second.id}").status_code == 200
    assert again(twice.orders[1]).customer_id == twice.second.id


def test_customers_of_another_store_are_not_merged(boss, twice, session):
    """They are not the supervisor's to change."""
    stranger = make.make_customer(session, store=make.make_store(session))
    session.commit()

    assert boss.get(f"/customers/{stranger.id}/merge").status_code == 404
    assert boss.post(f"/customers/{twice.first.id}/merge", data={"other": stranger.id, "version": 1, "other_version": 1}).status_code == 404


@pytest.mark.parametrize(("login", "status"), [
    ("agent", 403), ("advisor", 403), ("workshop", 403), ("manager", 200), ("admin", 403), ("auditor", 403),
])
def test_supervisors_and_managers_merge(app, boss, twice, login, status):
    """Nobody else, whatever they may read."""
    client = sign_in(app.test_client(), login)

    assert client.get(f"/customers/{twice.first.id}/merge").status_code == status
    assert client.get("/customers/duplicates").status_code == status


def test_the_house_suspects_what_is_declared(twice, session):
    """The same engine, the same end of a VIN, the same phone."""
    twice.first.phone = twice.second.phone = "13951700001"
    twice.cars[0].engine_no = twice.cars[1].engine_no = "EA211-77"
    session.commit()
    look(plan_of(Customer))
    look(plan_of(Vehicle))
    found = session.scalars(Pair.__table__.select().with_only_columns(Pair.code).where(Pair.verdict == Verdict.OPEN)).all()

    assert {"same_phone", "same_engine"} <= set(found)


def test_a_file_that_names_the_old_number_means_the_customer_that_stayed(app, boss, twice, session, tmp_path):
    """Other systems go on to use it: a car in their file comes to the owner that there is, over several merges."""
    third = make.make_customer(session, store=boss.store)
    session.commit()
    gone = again(twice.second).customer_no
    merge(boss, twice.first, twice.second)
    merge(boss, third, twice.first)
    file = tmp_path / "vehicles.csv"
    file.write_text(f"vin,owner\nLSVAM4187C2184847,{gone}\n", encoding="utf-8")
    take(SYSTEM, app.extensions["plans"]["vehicles"], file, Options())

    assert session.scalars(select(Vehicle).where(Vehicle.vin == "LSVAM4187C2184847")).one().owner_id == third.id
