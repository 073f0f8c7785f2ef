"""Fixtures of the journeys: the dealership as it stands today, served to browsers; one for each file of tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select

from backoffice.db import db
from backoffice.declare import clock
from tests.support import planted
from tests.support.browser import served


@pytest.fixture(scope="module")
def house() -> Iterator[Flask]:
    """The dealership with the demo of today."""
    with planted.running(clock.today()) as app:
        yield app


@pytest.fixture(scope="module")
def place(house: Flask) -> Iterator[str]:
    """Where it is served."""
    with served(house) as address:
        yield address


@pytest.fixture
def look_up(house: Flask) -> Callable[[Select[Any]], Any]:
    """What the database says now: the first of each row of a query, or the one there is."""

    def ask(query: Select[Any]) -> list[Any]:
        with house.app_context():
            return list(db.session.scalars(query))

    return ask
