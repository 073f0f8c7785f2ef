"""The small library, with people at its doors."""

from __future__ import annotations

import pytest

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
