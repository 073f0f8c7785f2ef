"""What rules made along goes with the row that it was made for: vehicles and their ownerships."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from backoffice.access import SYSTEM
from backoffice.audit.context import circumstances
from backoffice.db import db
from backoffice.declare.journal import AuditEntry, Deed, ImportRun, RunState, Source
from backoffice.exchange import undoing
from backoffice.exchange.options import Options
from backoffice.exchange.running import take
from backoffice.exchange.undoing import Outcome
from models.ownerships import Ownership
from models.vehicles import Vehicle
from tests import factories as make

VINS = ("LSVAM4187C2184841", "LSVAM4187C2184842", "LSVAM4187C2184843")


@pytest.fixture
def load(app: Flask, session, tmp_path) -> Callable[[str, str], int]:
    """Import a text; answers the number of the run."""

    def run(resource: str, text: str) -> int:
        session.commit()
        file = tmp_path / "file"
        file.write_bytes(text.encode())
        receipt = take(SYSTEM, app.extensions["plans"][resource], file, Options())
        session.expire_all()
        assert receipt.applied, receipt.as_json()
        return receipt.run  # type: ignore[return-value]  # it was applied

    return run


@pytest.fixture
def running(session) -> Callable[[], Any]:
    """Make changes as a run of an import makes them."""

    @contextmanager
    def run() -> Iterator[int]:
        one = ImportRun(resource="vehicles", file_name="x.csv", sha256="", encoding="utf-8", state=RunState.APPLIED)
        session.add(one)
        session.commit()
        with circumstances(source=Source.IMPORT, run_id=one.id):
            yield one.id
            session.commit()
        session.expire_all()

    return run


def undo(number: int) -> Outcome:
    """Take a run back, after a look that must say the same."""
    db.session.commit()
    foreseen, told = [], []
    undoing.preview(db.session(), SYSTEM, db.session.get(ImportRun, number), tell=foreseen.append)
    db.session.rollback()
    outcome = undoing.undo(SYSTEM, db.session.get(ImportRun, number), tell=told.append)
    db.session.expire_all()

    assert sorted(foreseen, key=str) == sorted(told, key=str)
    return outcome


def owners(vehicle: Vehicle) -> list[tuple[str, Any]]:
    """Who owned the car, and until when."""
    query = select(Ownership).where(Ownership.vehicle_id == vehicle.id).order_by(Ownership.from_on, Ownership.id)
    return [(one.customer.customer_no, one.to_on) for one in db.session.scalars(query)]


def find(vin: str) -> Vehicle | None:
    return db.session.scalars(select(Vehicle).where(Vehicle.vin == vin)).one_or_none()


def test_vehicles_go_with_the_ownerships_that_they_opened(load, session):
    """The records of the file are counted, what rules made along is not; the trail tells of both."""
    customer = make.make_customer(session)
    text = "vin,plate,owner\n" + "".join(f"{vin},,{customer.customer_no}\n" for vin in VINS)
    number = load("vehicles", text)
    outcome = undo(number)
    gone = [one.resource for one in session.scalars(select(AuditEntry).where(AuditEntry.run_id == outcome.undo_run, AuditEntry.deed == Deed.DELETE))]
    again = load("vehicles", text)

    assert (outcome.reversed, outcome.kept, outcome.refused) == (3, 0, 0)
    assert sorted(gone) == ["ownerships"] * 3 + ["vehicles"] * 3
    assert session.get(ImportRun, number).state is RunState.UNDONE
    assert session.get(ImportRun, again).created == 3


def test_a_new_owner_gives_the_car_back_to_the_former_one(running, session):
    """The ownership that was ended is open again, the one that was opened is gone."""
    vehicle, other = make.make_vehicle(session), make.make_customer(session)
    before = owners(vehicle)
    with running() as number:
        vehicle.owner = other
    between = owners(vehicle)
    outcome = undo(number)

    assert (len(before), len(between)) == (1, 2)
    assert outcome.reversed == 1
    assert (owners(vehicle), vehicle.owner.customer_no) == (before, before[0][0])


def test_an_ownership_that_was_edited_since_keeps_its_car(running, session):
    """Car and ownerships say the same, so they stand and fall together; the reason names the edit."""
    vehicle, other = make.make_vehicle(session), make.make_customer(session)
    with running() as number:
        vehicle.owner = other
    opened = session.scalars(select(Ownership).where(Ownership.customer_id == other.id)).one()
    opened.to_on = date(2027, 1, 1)
    between = (vehicle.owner_id, owners(vehicle))
    outcome = undo(number)

    assert (outcome.reversed, outcome.kept) == (0, 1)
    assert (outcome.details[0].resource, outcome.details[0].key) == ("vehicles", vehicle.vin)
    assert (vehicle.owner_id, len(owners(vehicle))) == (None, len(between[1]))


def test_a_car_that_is_in_the_workshop_now_stays_with_its_ownership(load, session):
    """An order depends on it; the other cars of the file go."""
    customer = make.make_customer(session)
    number = load("vehicles", "vin,owner\n" + "".join(f"{vin},{customer.customer_no}\n" for vin in VINS))
    make.make_order(session, vehicle=find(VINS[1]), order_no="WT20261101-0001")
    outcome = undo(number)

    assert (outcome.reversed, outcome.refused, outcome.details[0].key) == (2, 1, VINS[1])
    assert "WT20261101-0001" in str(outcome.details[0].reason)
    assert [find(vin) is None for vin in VINS] == [True, False, True]
    assert len(owners(find(VINS[1]))) == 1


def test_imported_ownerships_give_the_car_back(load, session):
    """The rule that made the car follow its new owner is followed backwards."""
    vehicle, other = make.make_vehicle(session), make.make_customer(session)
    before = (vehicle.owner_id, owners(vehicle))
    number = load("ownerships", f"vin,customer_no,from_on\n{vehicle.vin},{other.customer_no},2026-05-01\n")
    between = vehicle.owner_id
    outcome = undo(number)

    assert between == other.id
    assert (outcome.kept, outcome.refused) == (0, 0)
    assert (vehicle.owner_id, owners(vehicle)) == before


def test_plates_that_were_exchanged_are_exchanged_back(running, session):
    """Neither can go first, so one of them is empty for a moment."""
    one, two = make.make_vehicle(session, plate="苏A12345"), make.make_vehicle(session, plate="苏A54321")
    with running() as number:
        one.plate = None
        session.flush()
        two.plate = "苏A12345"
        session.flush()
        one.plate = "苏A54321"
    outcome = undo(number)

    assert outcome.reversed == 2
    assert (one.plate, two.plate) == ("苏A12345", "苏A54321")
