"""A small library with records, and one call that imports a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from backoffice.access import SYSTEM
from backoffice.db import db
from backoffice.declare.people import acting
from backoffice.exchange.exporting import Export, choose, everything
from backoffice.exchange.formats import FORMATS
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Receipt
from backoffice.exchange.running import take
from backoffice.plan import Plan
from tests import toys
from tests.support.client import PASSWORD_HASH, sign_in


@pytest.fixture
def plans(toy_app: Flask) -> dict[str, Plan]:
    return toy_app.extensions["plans"]


@pytest.fixture
def library(toy_session) -> Any:
    """Two branches, a reader in each, and a loan."""
    main, north = toys.Branch(code="B1", name="Main"), toys.Branch(code="B2", name="North")
    ann = toys.Reader(card="C1", name="Ann", mobile="13900000001", branch=main)
    bob = toys.Reader(card="C2", name="Bob", mobile="13900000002", email="bob@example.com", branch=north)
    loan = toys.Loan(loan_no="L1", reader=ann, title="Emma")
    clerk = toys.Librarian(badge="N1", name="Clara", role=toys.Role.CLERK, branch=main)
    head = toys.Librarian(badge="N2", name="Hedda", role=toys.Role.HEAD, branch=main)
    toy_session.add_all([main, north, ann, bob, loan, clerk, head])
    toy_session.commit()
    return type("Library", (), {"main": main, "north": north, "ann": ann, "bob": bob, "loan": loan, "clerk": clerk, "head": head})


@pytest.fixture
def load(library, plans, toy_session, tmp_path) -> Callable[..., Receipt]:
    """Import a text into a resource, as the house itself or as a person."""

    def run(resource: str, text: str | bytes, person: Any = SYSTEM, **options: Any) -> Receipt:
        data = text if isinstance(text, bytes) else text.encode()
        file = tmp_path / "file"
        file.write_bytes(data)
        with acting(None if person is SYSTEM else person):
            return take(person, plans[resource], file, Options(**options))

    return run


@pytest.fixture
def dump(plans, toy_session) -> Callable[..., bytes]:
    """Export a resource."""

    def run(resource: str, person: Any = SYSTEM, columns: tuple[str, ...] = (), headers: str = "names", kind: str = "csv") -> bytes:
        plan = plans[resource]
        export = Export(person, plan, everything(db.session(), person, plan), choose(person, plan, columns), headers)
        return b"".join(export.stream(db.session(), FORMATS[kind]))

    return run


def codes(receipt: Receipt) -> list[str]:
    """The codes of the findings, in order."""
    return [one.code for one in receipt.errors]


def counts(receipt: Receipt) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, refused."""
    return tuple(receipt.counts.values())


@pytest.fixture
def head(toy_app, library, toy_session):
    """The head librarian, signed in, with pages in English; the clerk has a login, too."""
    deputy = toys.Librarian(badge="N3", name="Dora", role=toys.Role.HEAD, branch=library.north)
    toy_session.add(deputy)
    for person, login in ((library.head, "hedda"), (library.clerk, "clara"), (deputy, "dora")):
        person.login, person.password_hash = login, PASSWORD_HASH
    toy_session.commit()
    client = sign_in(toy_app.test_client(), "hedda")
    client.set_cookie("language", "en")
    return client
