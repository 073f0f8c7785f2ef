"""Rules before each write, numbers that nobody gets twice, and writers that lose nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from backoffice.declare import clock
from backoffice.integrity import explain
from backoffice.plan import plan_of
from tests import toys
from tests.support import nursery

COUNTER = """
import sys
from tests.support.apps import config_for, make_toys
from tests import toys
from backoffice.db import db
app = make_toys(config_for(sys.argv[1]))
with app.app_context():
    for _ in range(int(sys.argv[2])):
        loan = db.session.scalars(db.select(toys.Loan).with_for_update()).one()
        loan.renewals += 1
        db.session.commit()
        db.session.remove()
"""


@pytest.fixture
def branch(toy_session: Session) -> toys.Branch:
    branch = toys.Branch(code="A", name="Here")
    toy_session.add(branch)
    toy_session.commit()
    return branch


@pytest.fixture
def loan(toy_session: Session, branch: toys.Branch) -> toys.Loan:
    loan = toys.Loan(reader=toys.Reader(card="R1", name="Ann", branch=branch), title="Emma")
    with clock.stopped_at(datetime(2026, 1, 2, tzinfo=UTC)):
        toy_session.add(loan)
        toy_session.commit()
    return loan


def test_a_rule_fills_in_what_follows(loan: toys.Loan) -> None:
    """before_save runs for every new record: a loan runs four weeks, and has a number."""
    assert loan.due_on == date(2026, 1, 30)
    assert loan.loan_no == "JY20260102-0001"


def test_numbers_count_on_within_a_day(toy_session: Session, loan: toys.Loan) -> None:
    """The next of the day is the next number; another day begins anew."""
    more = []
    for day in (2, 3):
        with clock.stopped_at(datetime(2026, 1, day, tzinfo=UTC)):
            more.append(toys.Loan(reader=loan.reader, title="Persuasion"))
            toy_session.add(more[-1])
            toy_session.commit()

    assert [one.loan_no for one in more] == ["JY20260102-0002", "JY20260103-0001"]


def test_three_processes_lose_no_update(toy_app: Flask, toy_session: Session, loan: toys.Loan) -> None:
    """Three writers with 300 increments each keep all 900, on SQLite and on PostgreSQL."""
    url = toy_app.config["SQLALCHEMY_DATABASE_URI"]
    writers = [nursery.start("-c", COUNTER, url, "300") for _ in range(3)]
    ends = [writer.wait() for writer in writers]
    toy_session.rollback()
    toy_session.refresh(loan)

    assert ends == [0, 0, 0]
    assert loan.renewals == 900


def test_a_stale_copy_is_never_written(toy_session: Session, loan: toys.Loan) -> None:
    """The version catches a write that was made from an old copy."""
    loan.title = "Persuasion"
    toy_session.connection().execute(toys.Loan.__table__.update().values(version=7))

    with pytest.raises(StaleDataError):
        toy_session.flush()


@pytest.mark.parametrize(
    ("changed", "code", "field", "sentence"),
    [
        ({"loan_no": "L1"}, "not_unique", "loan_no", "借阅号"),
        ({"state": toys.State.BACK}, "broken_rule", None, "returned has time"),
        ({"title": None}, "broken_rule", None, "new has title"),
        ({"reader_id": 999_999}, "in_use", None, ""),
    ],
)
def test_a_violated_constraint_becomes_a_sentence(
    toy_session: Session, loan: toys.Loan, changed: dict[str, object], code: str, field: str | None, sentence: str
) -> None:
    """The person reads which field or rule, never SQL or a value."""
    toy_session.add(toys.Loan(loan_no="L1", reader=loan.reader, title="Taken"))
    toy_session.commit()
    values = {"loan_no": "L2", "title": "Emma", "reader_id": loan.reader_id} | changed
    toy_session.add(toys.Loan(**values))
    with pytest.raises(IntegrityError) as broken:
        toy_session.flush()
    toy_session.rollback()
    refused = explain(broken.value, plan_of(toys.Loan))

    assert (refused.code, refused.field) == (code, field)
    assert sentence in str(refused.why)
    assert "toy_loans" not in str(refused.why)


def test_money_is_exact_in_the_database(toy_session: Session, loan: toys.Loan) -> None:
    """Ten times ten cents is one yuan, added up by the database too."""
    for one in range(10):
        toy_session.add(toys.Loan(loan_no=f"M{one}", reader=loan.reader, title="Emma", fine=Decimal("0.10")))
    toy_session.commit()
    total = toy_session.scalar(select(func.sum(toys.Loan.fine)))

    assert str(total) == "1.00"
