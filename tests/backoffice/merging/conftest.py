"""The small library, in which two cards belong to one reader."""

from __future__ import annotations

import pytest

from tests import toys
from tests.backoffice.lending import client_of, stock


@pytest.fixture
def library(toy_session):
    """Ann of the first branch has a second card at the other one, with a loan on it."""
    house = stock(toy_session)
    house.double = toys.Reader(card="C9", name="Anne", branch=house.there, mobile="13900000489", email="ann@example.org")
    house.second = toys.Loan(reader=house.double, title="Persuasion")
    toy_session.add(house.second)
    toy_session.commit()
    return house


@pytest.fixture
def clerk(toy_app, library):
    """A clerk of the first branch."""
    return client_of(toy_app, "clerk")


@pytest.fixture
def head(toy_app, library):
    """The head of the whole library."""
    return client_of(toy_app, "head")
