"""Upload, preview, apply, receipt, and the download of a list."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import func, select

from backoffice.declare.journal import AuditEntry, Deed, ImportRun
from tests import toys
from tests.support.client import PASSWORD_HASH, sign_in

GOOD = "card,name,branch\nC1,Anna,B1\nC8,Zoe,B1\n"


@pytest.fixture
def head(toy_app, library, toy_session):
    """The head librarian, signed in."""
    for person, login in ((library.head, "hedda"), (library.clerk, "clara")):
        person.login, person.password_hash = login, PASSWORD_HASH
    toy_session.commit()
    return sign_in(toy_app.test_client(), "hedda")


def upload(client, text, resource="readers", **form):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(f"/{resource}/import", data={"file": (io.BytesIO(data), "readers.csv"), **form}, content_type="multipart/form-data")


def target(page):
    return re.search(r'action="(/readers/import/[^"]+)"', page.get_data(as_text=True))[1]


def test_a_file_is_previewed_applied_and_receipted(head, toy_session):
    """First nothing is written; then all of it, with a receipt to come back to."""
    assert head.get("/readers/import").status_code == 200
    page = upload(head, GOOD)
    before = toy_session.scalar(select(func.count()).select_from(toys.Reader))
    answer = head.post(target(page))
    receipt = head.get(answer.headers["Location"])

    assert (page.status_code, before) == (200, 2)
    assert re.fullmatch(r"/imports/\d+", answer.headers["Location"])
    assert (receipt.status_code, "readers.csv" in receipt.get_data(as_text=True)) == (200, True)
    assert set(toy_session.scalars(select(toys.Reader.name))) == {"Anna", "Bob", "Zoe"}


def test_an_upload_is_applied_once_and_by_its_owner_alone(head, toy_app, toy_session):
    """A token of somebody else, an old one or a made-up one leads back to the form and writes nothing."""
    address = target(upload(head, GOOD))
    clerk = sign_in(toy_app.test_client(), "clara")

    assert clerk.post(address).status_code == 403
    assert head.post(address).status_code == 302
    assert head.post(address).status_code == 422
    assert head.post("/readers/import/../../x").status_code in {404, 422}
    assert toy_session.scalar(select(func.count()).select_from(ImportRun)) == 1


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04zip", b"<html>", b'card,name\n1,"A\n', b"card,name\n1,A\x00\n" * 40, b"name\nA\n"])
def test_a_file_that_cannot_be_read_leads_back_with_a_sentence(head, data):
    """422, the form, a reason: never a trace."""
    page = upload(head, data)

    assert (page.status_code, 'class="note note-bad"' in page.get_data(as_text=True)) == (422, True)


def test_no_file_at_all(head):
    """A form that was sent too early says so."""
    assert head.post("/readers/import", data={}).status_code == 422


def test_refused_rows_are_grouped_and_may_be_left_out(head, toy_session):
    """The preview says why, and applying needs a decision."""
    page = upload(head, GOOD + "C9,Yan,B7\nC10,Xu,B7\n")
    text = page.get_data(as_text=True)
    refused = head.post(target(page))
    applied = head.post(target(upload(head, GOOD + "C9,Yan,B7\n")), data={"skip_invalid": "1"})

    assert ("unknown_link" in text, "4–5" in text) == (True, True)
    assert "note-bad" in head.get(refused.headers["Location"]).get_data(as_text=True)
    assert "note-good" in head.get(applied.headers["Location"]).get_data(as_text=True)
    assert toy_session.scalar(select(func.count()).select_from(toys.Reader)) == 3


def test_a_receipt_is_for_its_owner(head, toy_app):
    """Somebody else does not see it, and one that never was looks the same."""
    answer = head.post(target(upload(head, GOOD)))
    clerk = sign_in(toy_app.test_client(), "clara")

    assert clerk.get(answer.headers["Location"]).status_code == 404
    assert clerk.get("/imports/999999").status_code == 404
    assert head.get("/imports/x").status_code == 404


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
