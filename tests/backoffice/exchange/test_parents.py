"""A link that names nobody is refused with the value, or its record is made where the person says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.access import SYSTEM
from backoffice.errors import Denied
from backoffice.exchange import stage as staging
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.preparing import plan_all, prepared
from backoffice.exchange.stage import Stage
from backoffice.plan import plan_of
from models.vehicles import Vehicle
from tests import toys
from tests.backoffice.exchange.test_identity import Chunks, said, verdicts
from tests.factories import make_customer, make_vehicle

VIN = "LSVAM418907184847"


@contextmanager
def planned(model: Any, text: str, person: Any = SYSTEM, **options: Any) -> Iterator[Stage]:
    """The staged rows of a file of one noun, with the parents that it makes."""
    source: Any = Chunks(text)
    source.header_line = 1
    with prepared(person, plan_of(model), source, Options(**options)) as ready, staging.opened(None) as stage:
        stage.clear()
        plan_all(stage, person, ready)
        yield stage


def test_a_missing_parent_is_refused_with_its_value(library):
    """Nobody has such a card: the finding says which."""
    with planned(toys.Loan, "loan_no|reader|title\nL7|C77|It") as stage:
        (value,) = stage.connection.scalars(sa.select(stage.findings.c.value))

        assert said(stage) == [(1, "unknown_link", False)]
        assert value == "C77"


def test_a_parent_that_needs_more_than_a_key_is_not_made_of_a_column(library):
    """A reader without a name and a branch is none: the sentence says what is needed."""
    with pytest.raises(Unreadable) as problem, planned(toys.Loan, "loan_no|reader|title\nL7|C77|It", parents=("reader",)):
        pass

    assert problem.value.code == "parent_needs_more"
    assert "姓名" in str(problem.value)


def test_only_a_link_that_the_file_has_makes_parents(library):
    """A word that is no link, or whose column is not there."""
    for word in ("title", "subtitle"):
        with pytest.raises(Unreadable, match="title"), planned(toys.Loan, "loan_no|reader|title\nL7|C1|It", parents=(word,)):
            pass


def test_missing_cars_are_made_of_their_vins(session):
    """Two new spellings of one VIN make one car; a known one is not counted again; no VIN is refused once."""
    from models.ownerships import Ownership

    owner, known = make_customer(session, customer_no="K1"), make_vehicle(session, vin="LFV2A21K8A3000001")
    session.commit()
    text = f"customer_no|from_on|vin\nK1|2026-01-01|{VIN}\nK1|2026-02-01|{VIN.lower()[:9]} {VIN[9:]}\nK1|2026-03-01|{known.vin}\nK1|2026-04-01|VIN?"
    with planned(Ownership, text, parents=("vin",)) as stage:
        cars, rows = stage.parts()

        assert (cars.plan.model, verdicts(stage, cars), verdicts(stage, rows)) == (Vehicle, ["c"], ["c", "c", "c", "r"])
        assert [one for one in said(stage) if not one[2]] == [(4, "invalid_vin", False)]
        assert owner.customer_no == "K1"


def test_parents_are_made_only_by_who_may_make_them(library):
    """A clerk does not import at all, with parents or without."""
    with pytest.raises(Denied), planned(toys.Loan, "loan_no|reader|title\nL7|C77|It", library.clerk, parents=("reader",)):
        pass
