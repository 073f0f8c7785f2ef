"""The small library, with people at its doors."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert, select

from backoffice.declare import clock
from tests import toys
from tests.backoffice.lending import client_of, stock


@pytest.fixture
def library(toy_session):
    return stock(toy_session)


@pytest.fixture
def clerk(toy_app, library):
    """A clerk of the first branch."""
    return client_of(toy_app, "clerk")


@pytest.fixture
def head(toy_app, library):
    """The head of the whole library."""
    return client_of(toy_app, "head")


@pytest.fixture
def shelf(library, toy_session):
    """Five more loans of Ann's."""
    now = clock.now()
    toy_session.execute(insert(toys.Loan), [
        {"loan_no": f"V{at}", "reader_id": library.ann.id, "title": f"Volume {at}", "state": toys.State.OUT, "renewals": 0, "due_on": date(2027, 1, at),
         "from_history": False, "version": 1, "created_at": now, "updated_at": now}
        for at in range(1, 6)
    ])
    toy_session.commit()
    library.volumes = list(toy_session.scalars(select(toys.Loan).where(toys.Loan.loan_no.like("V%")).order_by(toys.Loan.id)))
    return library
