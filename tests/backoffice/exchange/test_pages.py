"""The download of a list."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backoffice.declare.journal import AuditEntry, Deed
from tests.support.client import PASSWORD_HASH, sign_in


@pytest.fixture
def head(toy_app, library, toy_session):
    """The head librarian, signed in."""
    for person, login in ((library.head, "hedda"), (library.clerk, "clara")):
        person.login, person.password_hash = login, PASSWORD_HASH
    toy_session.commit()
    return sign_in(toy_app.test_client(), "hedda")


def test_the_shown_list_is_exported(head, toy_session):
    """With its filters and sort, as a download, and written down."""
    dialog = head.get("/readers/export?q=Bob")
    answer = head.get("/readers/export?sort=-name&format=csv&columns=name&columns=card")
    found = head.get("/readers/export?q=Bob&format=json")
    entry = toy_session.scalars(select(AuditEntry).where(AuditEntry.deed == Deed.EXPORT).order_by(AuditEntry.id)).first()

    assert (dialog.status_code, 'name="q" value="Bob"' in dialog.get_data(as_text=True)) == (200, True)
    assert answer.get_data(as_text=True).splitlines() == ["\ufeffname,card", "Bob,C2", "Ann,C1"]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [one["card"] for one in found.get_json()] == ["C2"]
    assert (entry.who, entry.changes["rows"]) == ("Hedda", [None, 2])


@pytest.mark.parametrize("query", ["format=pdf", "format=csv&columns=shoe", "format=csv&headers=loud", "shoe=1", "sort=shoe"])
def test_an_export_address_that_makes_no_sense(head, query):
    """400 with a sentence."""
    assert head.get(f"/readers/export?{query}").status_code == 400
