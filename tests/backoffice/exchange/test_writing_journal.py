"""SQL tells the trail the same of every value as the ORM does, on both databases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.db import db
from backoffice.declare.kinds import Amount, Calendar, Instant, Kind, Selection, Truth, Whole
from backoffice.exchange.stage import stored_column
from backoffice.exchange.writing.journal import NotBulk, Teller, tongue_of
from backoffice.exchange.writing.statements import Statement
from backoffice.plan import Field, Plan, plan_of
from models import load_models
from models.escalation_levels import EscalationLevel
from models.order_lines import OrderLine
from tests import toys

PLAIN = [(plan_of(model), one) for model in load_models() for one in plan_of(model).fields.values() if not one.is_link]
SIGNS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
LONGEST = 40
TEXT = st.text(SIGNS, max_size=LONGEST)


def values(plan: Plan, one: Field) -> st.SearchStrategy[Any]:
    """Anything that the column holds, not only what a form takes."""
    match one.kind:
        case Truth():
            return st.booleans()
        case Selection(members=members):
            return st.sampled_from(list(members))
        case Whole():
            return st.integers(-(2**31), 2**31 - 1)
        case Amount():
            return st.decimals("-9999999999.99", "9999999999.99", places=2)
        case Calendar():
            return st.dates(date(1900, 1, 1), date(2200, 1, 1))
        case Instant():
            moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
            return moments | moments.map(lambda moment: moment.replace(microsecond=0))
    return st.text(SIGNS, max_size=min(LONGEST, getattr(stored_column(plan, one).type, "length", None) or LONGEST))


def asked(plan: Plan, one: Field, value: Any) -> Any:
    """What the trail would tell of a stored value."""
    told = "''||" + Teller(plan, tongue_of(db.engine.dialect.name)).dumped(one, "v")
    given: Any = sa.literal(value, type_=stored_column(plan, one).type)
    if db.engine.dialect.name != "sqlite":  # which has a type for every value, and none for columns
        given = sa.cast(given, given.type)
    told = told.replace("\\:", ":")
    return json.loads(db.session.scalar(sa.select(sa.literal_column(told)).select_from(sa.select(given.label("v")).subquery("q"))))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_value_is_told_alike(data, session) -> None:
    """Texts with quotes and line ends, amounts, moments with parts of a second, days, choices, and nothing."""
    plan, one = data.draw(st.sampled_from(PLAIN))
    value = data.draw(values(plan, one) | st.none())

    assert asked(plan, one, value) == (one.dump(value) if not one.secret or value is None else "•")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=TEXT, number=st.integers(0, 2**31 - 1))
def test_every_text_survives_as_a_constant(value, number, toy_session) -> None:
    """Defaults are told as they stand in the statement: a colon is no parameter there, a quote no end."""
    plan = plan_of(toys.Loan)
    told = Teller(plan, tongue_of(db.engine.dialect.name)).created({"renewals": ":number"}, {"title": value}, {"renewals"})

    text = db.session.scalar(Statement(f"SELECT {told}", {"number": sa.Integer()}).clause, {"number": number})
    changes = text if isinstance(text, dict) else json.loads(text)
    assert changes == {"title": [None, value], "renewals": [None, number]}


class Shouted(Kind):
    """A kind with a way of its own."""

    def write(self, value: Any) -> str:
        return str(value).upper()


def test_what_is_not_known_is_written_one_by_one() -> None:
    """A kind that writes in its own way, and a noun that is named in its own way."""
    teller = Teller(plan_of(toys.Loan), tongue_of("sqlite"))
    plan = plan_of(toys.Loan)
    own = SimpleNamespace(**{**plan.fields["title"].__dict__, "kind": Shouted(), "target": None})

    with pytest.raises(NotBulk, match="Shouted"):
        teller.filled(own, "v")
    with pytest.raises(NotBulk, match="named in its own way"):
        teller.name(plan_of(EscalationLevel), lambda one: one.name)
    assert teller.name(plan_of(OrderLine), lambda one: f"s.{one.name}")
