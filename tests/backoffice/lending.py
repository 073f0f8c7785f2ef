"""A small library with people in it, for tests of pages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Flask

from backoffice.db import db
from backoffice.declare.journal import AuditEntry
from tests import toys
from tests.support.client import PASSWORD_HASH, Client, sign_in


def stock(session: Any) -> SimpleNamespace:
    """Two branches, a clerk and a head at the first, a reader with a loan at each."""
    here, there = toys.Branch(code="B1", name="Main"), toys.Branch(code="B2", name="Hill")
    people = {
        "clerk": toys.Librarian(badge="L1", name="Cleo", role=toys.Role.CLERK, branch=here, login="clerk", password_hash=PASSWORD_HASH),
        "head": toys.Librarian(badge="L2", name="Hedda", role=toys.Role.HEAD, branch=here, login="head", password_hash=PASSWORD_HASH),
    }
    ann = toys.Reader(card="C1", name="Ann", branch=here, mobile="13900000489")
    bob = toys.Reader(card="C2", name="Bob", branch=there, mobile="13700000001")
    loan, foreign = toys.Loan(reader=ann, title="Emma"), toys.Loan(reader=bob, title="Ulysses")
    session.add_all([here, there, *people.values(), ann, bob, loan, foreign])
    session.commit()
    return SimpleNamespace(here=here, there=there, ann=ann, bob=bob, loan=loan, foreign=foreign, **people)


def client_of(app: Flask, login: str) -> Client:
    """A person of the library, signed in, with pages in English."""
    client: Client = sign_in(app.test_client(), login)  # type: ignore[assignment]  # the app makes our clients
    client.set_cookie("language", "en")
    return client


def trail(record: Any) -> list[AuditEntry]:
    """The entries of a record, oldest first."""
    entries = db.select(AuditEntry).where(AuditEntry.resource == type(record).__resource__.name, AuditEntry.record_id == record.id)
    db.session.rollback()
    return list(db.session.scalars(entries.order_by(AuditEntry.id)))


def again(record: Any) -> Any:
    """The record as the database has it now."""
    db.session.rollback()
    db.session.refresh(record)
    return record
