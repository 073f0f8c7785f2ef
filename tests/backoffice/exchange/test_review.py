"""The page of a planned run: what would change, who sees how much of it, and how it goes on."""

from __future__ import annotations

import re

import pytest

from tests import toys
from tests.backoffice.exchange.staged import stage_run
from tests.support.client import PASSWORD_HASH, sign_in

HEADERS = ["card", "name", "mobile", "branch"]


@pytest.fixture
def people(library, toy_session):
    """The head, her deputy, who may load files as well, and the clerk, who may not; all with a login."""
    library.deputy = toys.Librarian(badge="N3", name="Dora", role=toys.Role.HEAD, branch=library.north)
    toy_session.add(library.deputy)
    for person, login in ((library.head, "hedda"), (library.clerk, "clara"), (library.deputy, "dora")):
        person.login, person.password_hash = login, PASSWORD_HASH
    toy_session.commit()
    return library


@pytest.fixture
def run(people, plans):
    """A file of five rows, one for each verdict."""
    return stage_run(plans["readers"], people.head, HEADERS, [
        {"verdict": "c", "values": {"card": "C8", "name": "Zoe", "mobile": "13900000008", "branch": people.main}},
        {"verdict": "m", "record": people.ann, "values": {"card": "C1", "name": "Anna", "mobile": "13700000007", "branch": people.north}},
        {"verdict": "u", "record": people.bob, "values": {"card": "C2", "name": "Bob"}},
        {"verdict": "r", "values": {"card": "C9", "name": "Yan"}, "raw": ["C9", "Yan", "12", "B2"],
         "errors": [("mobile", "12", "invalid_phone", "This is no phone number.")]},
        {"verdict": "x", "record": people.bob, "values": {"card": "C2", "name": "Robert"}, "raw": ["C2", "Robert", "", ""],
         "errors": [("name", "Robert", "other_name", "The same phone has another name.")]},
    ])


def read(client, run, **query):
    return client.get(f"/imports/{run.id}", query_string=query).get_data(as_text=True)


def test_the_first_view(run, toy_app):
    head = sign_in(toy_app.test_client(), "hedda")
    page = read(head, run)

    assert re.findall(r'tile-count">(\d+)<', page) == ["1", "1", "1", "1", "1", "0"]
    assert "The same phone has another name." in page
