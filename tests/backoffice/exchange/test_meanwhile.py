"""Somebody saves a record at the very moment in which an import writes down how it went."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from backoffice.db import db, locking, patience
from backoffice.declare.journal import ImportRun


@pytest.fixture
def busy(toy_session):
    """Another connection tries to write whenever the session is about to store a run."""

    def save(session, _context, _instances):
        if any(isinstance(one, ImportRun) for one in session.dirty):
            with suppress(OperationalError), patience(20), locking(), db.engine.begin() as other:
                other.execute(text("UPDATE toy_branches SET name = name || '!' WHERE code = 'B2'"))

    event.listen(db.session, "before_flush", save)
    yield
    event.remove(db.session, "before_flush", save)


def test_a_save_in_between_does_not_break_an_import(load, busy):
    """On SQLite a transaction that has read may not write any more once somebody else has: the import takes the lock before it reads."""
    receipt = load("readers", "card,name,branch\nC9,Cora,B1\n")

    assert receipt.applied
    assert db.session.get_one(ImportRun, receipt.run).state.value == "applied"
