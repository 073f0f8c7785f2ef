"""An export that comes back changes what its reader changed in it, and nothing that colleagues have changed since."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backoffice.access import SYSTEM
from backoffice.db import db, writing
from backoffice.exchange.exporting import Export, choose, everything
from backoffice.exchange.exporting_runs import begin, make, snapshot
from backoffice.exchange.formats import FORMATS
from tests import toys
from tests.backoffice.exchange.conftest import codes, counts


@pytest.fixture
def exported(plans, library, toy_session):
    """The readers as a file, and the name that it was downloaded under."""
    export = Export(SYSTEM, plans["readers"], everything(db.session(), SYSTEM, plans["readers"]), choose(SYSTEM, plans["readers"]))
    toy_session.commit()
    with snapshot() as connection:
        run = make(export, FORMATS["csv"], {})
        begin(db.session(), run, export, FORMATS["csv"], connection)
        toy_session.commit()
        text = b"".join(export.stream(connection, FORMATS["csv"], run.token)).decode("utf-8-sig")
    with writing():  # a colleague, in the meantime
        db.session.get_one(toys.Reader, library.ann.id).mobile = "13900000055"
        db.session.get_one(toys.Reader, library.bob.id).branch_id = library.main.id
    return text, f"readers-2026-11-21-{run.token} (1).csv"


def readers(session):
    session.expire_all()
    query = select(toys.Reader.card, toys.Reader.name, toys.Reader.mobile, toys.Branch.code).join(toys.Branch).order_by(toys.Reader.card)
    return [tuple(row) for row in session.execute(query)]


def test_only_cells_that_were_changed_in_the_file_are_taken(exported, load, toy_session):
    """Ann's name was put right in the file; her new number and Bob's new branch stay."""
    text, name = exported
    receipt = load("readers", text.replace("Ann", "Anna"), file_name=name)

    assert counts(receipt) == (0, 1, 1, 0)
    assert [one.code for one in receipt.notices] == ["returned_export"]
    assert readers(toy_session) == [("C1", "Anna", "13900000055", "B1"), ("C2", "Bob", "13900000002", "B1")]


def test_a_cell_that_both_changed_is_the_files(exported, load, toy_session):
    """The file is newer than what the colleague saw; the trail keeps both."""
    text, name = exported
    load("readers", text.replace("13900000001", "13900000077"), file_name=name)

    assert readers(toy_session)[0] == ("C1", "Ann", "13900000077", "B1")


def test_under_another_name_it_is_a_file_like_any_other(exported, load, toy_session):
    """Then what it says is what is wanted."""
    text, _name = exported
    receipt = load("readers", text, file_name="list.csv")

    assert (counts(receipt), codes(receipt)) == ((0, 2, 0, 0), [])
    assert readers(toy_session) == [("C1", "Ann", "13900000001", "B1"), ("C2", "Bob", "13900000002", "B2")]
