"""A link that a file changes is a change like any other: the rules see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from backoffice.access import SYSTEM
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Receipt
from backoffice.exchange.running import take
from models.order_states import ServiceType
from models.ownerships import Ownership
from tests import factories as make


@pytest.fixture
def load(app: Flask, session, tmp_path) -> Callable[[str, str], Receipt]:
    """Import a text."""

    def run(resource: str, text: str) -> Receipt:
        session.commit()
        file = tmp_path / "file"
        file.write_bytes(text.encode())
        receipt = take(SYSTEM, app.extensions["plans"][resource], file, Options())
        session.expire_all()
        return receipt

    return run


def test_a_new_owner_in_a_file_takes_the_car_over(load, session):
    """The ownership of the former owner ends, one of the new owner begins."""
    vehicle, other = make.make_vehicle(session, owner=make.make_customer(session)), make.make_customer(session)
    former = vehicle.owner
    load("vehicles", f"vin,owner\n{vehicle.vin},{other.customer_no}\n")
    owners = session.scalars(select(Ownership).where(Ownership.vehicle == vehicle).order_by(Ownership.id)).all()

    assert vehicle.owner is other
    assert [(one.customer, one.is_open) for one in owners] == [(former, False), (other, True)]


@pytest.mark.parametrize("is_new", [True, False])
def test_a_rework_in_a_file_follows_an_order_of_the_same_car(load, session, is_new):
    """Else it is refused, be the order a new one or known."""
    first = make.make_order(session)
    again = make.make_order(session, service_type=ServiceType.REWORK)
    number = "WT20261101-0009" if is_new else again.order_no
    receipt = load(
        "orders",
        "order_no,store,customer_no,vin,service_type,advisor,rework_of\n"
        f"{number},{again.store.code},{again.customer.customer_no},{again.vehicle.vin},rework,{again.advisor.staff_no},{first.order_no}\n",
    )

    assert [(one.field, one.code) for one in receipt.errors] == [("rework_of", "refused")]
