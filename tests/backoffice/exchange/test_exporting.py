"""What comes out goes in again unchanged, whatever it holds."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from backoffice.access import SYSTEM
from backoffice.exchange.exporting import choose, everything
from backoffice.exchange.outcome import Unreadable
from tests import toys
from tests.backoffice.exchange.conftest import counts


@pytest.fixture
def full(library, toy_session):
    """One loan that has everything, and notes on it."""
    loan = toys.Loan(
        loan_no="L2", reader=library.bob, title='=1+1\r\n"quoted", 书', state=toys.State.BACK, due_on=date(2026, 1, 2), fine=Decimal("12.50"),
        returned_at=datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC), renewals=3,
    )
    first = toys.Note(loan=loan, line_no=1, text="-5")
    toy_session.add_all([loan, first, toys.Note(loan=loan, line_no=2, text="  ", answers=first)])
    toy_session.commit()
    return loan


@pytest.mark.parametrize("headers", ["names", "labels"])
@pytest.mark.parametrize("resource", ["branches", "librarians", "readers", "loans", "notes"])
def test_an_export_comes_back_unchanged(full, load, dump, resource, headers):
    """Every noun, with both kinds of headers: nothing created, nothing changed, nothing refused."""
    receipt = load(resource, dump(resource, headers=headers))

    assert counts(receipt)[::3] == (0, 0)
    assert counts(receipt)[1] == 0
    assert receipt.rows > 0
    assert not receipt.notices


def test_how_values_are_written(full, dump):
    """Byte-order mark, CRLF, moments in the zone, choices as codes or labels, numbers as numbers, no formula."""
    data = dump("loans")
    _first, row = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))

    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    assert row == {
        "loan_no": "L2", "reader": "C2", "title": '\'=1+1\r\n"quoted", 书', "state": "back", "due_on": "2026-01-02",
        "returned_at": "2026-01-01 20:30:15", "renewals": "3", "fine": "12.50",
    }
    assert "已还" in dump("loans", headers="labels").decode()


def test_json_is_a_list_of_objects(full, dump):
    """Whole numbers are numbers, amounts are texts to the cent, what is empty is null."""
    first, second = json.loads(dump("loans", kind="json"))

    assert (first["fine"], second["fine"], second["renewals"], second["title"]) == (None, "12.50", 3, '=1+1\r\n"quoted", 书')


def test_a_text_goes_out_and_comes_into_an_empty_table_exactly(full, load, dump, toy_session):
    """Not only compared, but written anew: blanks alone, formulas, line breaks."""
    data = dump("notes")
    toy_session.query(toys.Note).delete()
    toy_session.commit()
    receipt = load("notes", data)

    assert counts(receipt) == (2, 0, 0, 0)
    assert [one.text for one in toy_session.query(toys.Note).order_by(toys.Note.line_no)] == ["-5", "  "]


TEXTS = st.text(st.characters(exclude_characters="\x00\ufffe\uffff", exclude_categories=("Cs",)), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_every_text_survives_the_round_trip(load, dump, toy_session, library, texts):
    """Whatever characters a person wrote: out, away, and in again."""
    toy_session.query(toys.Note).delete()
    toy_session.add_all([toys.Note(loan=library.loan, line_no=number, text=text) for number, text in enumerate(texts)])
    toy_session.commit()
    data = dump("notes")
    assert counts(load("notes", data)) == (0, 0, len(texts), 0)

    toy_session.query(toys.Note).delete()
    toy_session.commit()
    load("notes", data)
    assert [one.text for one in toy_session.query(toys.Note).order_by(toys.Note.line_no)] == texts


def test_links_cost_no_query_per_row(library, dump, toy_session):
    """A thousand rows with links ask a handful of queries."""
    toy_session.add_all([toys.Note(loan=library.loan, line_no=number, text="x") for number in range(400)])
    toy_session.commit()
    toy_session.expunge_all()
    seen = []
    engine = toy_session.get_bind()
    event.listen(engine, "before_cursor_execute", listener := lambda _c, _k, statement, *_: seen.append(statement))
    try:
        dump("notes")
    finally:
        event.remove(engine, "before_cursor_execute", listener)

    assert len(seen) < 8


def test_filters_are_exact_and_links_go_by_key(library, plans, toy_session):
    """field=value; an unknown field or value is said, not ignored."""
    plan = plans["readers"]
    rows = toy_session.scalars(everything(toy_session(), SYSTEM, plan, [("branch", "B2")])).all()

    assert [one.card for one in rows] == ["C2"]
    for name, text in (("shoe", "1"), ("branch", "B9"), ("member_since", "soon")):
        with pytest.raises(Unreadable):
            everything(toy_session(), SYSTEM, plan, [(name, text)])


def test_columns_are_chosen_in_order(dump, library, plans):
    """Only those, in this order; secrets are no columns at all."""
    assert dump("readers", columns=("name", "card")).decode("utf-8-sig").splitlines()[0] == "name,card"
    with pytest.raises(Unreadable):
        choose(SYSTEM, plans["librarians"], ("password_hash",))
    assert "password" not in dump("librarians").decode()
