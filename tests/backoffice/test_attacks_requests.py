"""Requests that no page of ours sends: other methods, headers that cannot be read, addresses without end."""

from __future__ import annotations

import pytest

from backoffice.db import db
from tests import toys
from tests.backoffice.lending import again, client_of, stock, trail
from tests.backoffice.views.reading import counted, names


@pytest.fixture
def library(toy_session):
    return stock(toy_session)


@pytest.fixture
def clerk(toy_app, library):
    return client_of(toy_app, "clerk")


@pytest.fixture
def head(toy_app, library):
    return client_of(toy_app, "head")


@pytest.mark.parametrize("path", ["archive", "do/give_back", "edit"])
def test_asking_for_the_headers_of_a_form_changes_nothing(head, library, path):
    """HEAD carries no token against forged requests, so it must only ever ask."""
    head.is_forging = True
    before = len(trail(library.loan))

    assert head.head(f"/loans/{library.loan.id}/{path}").status_code == 200
    assert len(trail(library.loan)) == before
    assert again(library.loan).archived_at is None


def test_asking_for_the_headers_of_the_last_question_removes_nothing(head, library, toy_session):
    loan = toys.Loan(reader=library.ann, title="Persuasion", archived_at=library.loan.created_at)
    toy_session.add(loan)
    toy_session.commit()

    assert head.head(f"/loans/{loan.id}/purge").status_code == 200
    assert head.get(f"/loans/{loan.id}").status_code == 200


def test_asking_for_the_headers_of_new_and_import_is_answered(head):
    assert head.head("/loans/new").status_code == 200
    assert head.head("/loans/import").status_code == 200


@pytest.mark.parametrize("referrer", ["http://[", "http://[::1", "//[", "http://localhost\\@elsewhere/"])
def test_a_referrer_that_is_no_address_leads_home(clerk, referrer):
    answer = clerk.post("/language", data={"language": "en"}, headers={"Referer": referrer})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("wish", ["/loans/?q=客户", "/loans/?q=%E5%AE%A2"])
def test_a_dialog_is_told_to_go_on_to_any_page_of_the_site(clerk, library, wish):
    """A header holds Latin letters only; an address may hold any."""
    answer = clerk.post(f"/loans/{library.loan.id}/do/give_back?fragment=1", data={"next": wish})

    assert answer.status_code == 204
    assert answer.headers["X-Next"].isascii()
    assert answer.headers["X-Next"].startswith("/loans/?q=%E5%AE%A2")


@pytest.mark.parametrize("many", [5, 300, 3000])
def test_a_path_over_links_has_an_end(head, many):
    """A noun that links to itself would else make a question without end."""
    answer = head.get(f"/notes/?{'answers.' * many}text=x")

    assert answer.status_code == 400


def test_thousands_of_values_in_a_filter_are_answered_with_a_sentence(head):
    paths = ("loan_no", "title", "reader.name", "reader.card", "reader.branch.code", "reader.branch.name", "renewals", "fine")
    query = "&".join(f"{path}={value}" for path in paths for value in range(300))

    answer = head.get(f"/loans/?{query}")

    assert answer.status_code == 400
    assert "50" in answer.get_data(as_text=True)


@pytest.mark.parametrize("key", ["/" * 400, "1/" * 199, "a/" * 130 + "1"])
def test_a_key_of_nothing_but_slashes_is_answered_with_few_questions(head, key):
    with head.application.app_context(), counted() as statements:
        answer = head.get(f"/notes/by-key/x{key}")

    assert answer.status_code == 404
    assert len(statements) < 60


@pytest.mark.parametrize("text", ["a%00b", "%00", "%ED%A0%80", "%FF%FE"])
@pytest.mark.parametrize("address", [
    "/loans/?q={}", "/loans/?title={}", "/loans/?reader_key={}", "/loans/?state={}", "/loans/?sort={}", "/loans/by-key/{}", "/loans/options?q={}",
    "/loans/new?title={}", "/loans/new?reader={}", "/loans/export?columns={}", "/loans/export?format=csv&title={}", "/search?q={}", "/loans/{}",
    "/readers/?mobile={}", "/readers/?email={}", "/loans/?reader.mobile={}",
])
def test_bytes_that_no_database_stores_are_no_mistake_of_ours(head, address, text):
    assert head.get(address.format(text)).status_code < 500


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "x" * 70_000, "١٢", "9" * 40, "=1+1", "<script>alert(1)</script>", "\ufffd", "\u202e"])
def test_a_form_that_holds_anything_is_answered(head, library, text):
    """In every field at once, in the form, the dialog and the sign-in."""
    fields = dict.fromkeys(("loan_no", "reader", "reader_key", "title", "due_on", "fine", "version", "seen", "choice-title", "next", "until", "reason"), text)

    for path in ("new", f"{library.loan.id}/edit", f"{library.loan.id}/do/renew", "bulk/renew"):
        assert head.post(f"/loans/{path}", data=fields).status_code < 500
    assert head.post("/login", data={"login": text, "password": text, "next": text}).status_code < 500
    assert head.post("/account", data={"current": text, "new": text, "again": text}).status_code < 500


def test_a_form_of_ten_thousand_fields_is_turned_away(head, library):
    """In parts there is a limit to their number, in one line to its length."""
    fields = {f"field{number}": "x" * 600 for number in range(10_000)}

    assert head.post("/loans/new", data=fields).status_code == 413
    assert head.post("/loans/new", data=dict.fromkeys(list(fields)[:1200], "x"), content_type="multipart/form-data").status_code == 413


def test_fields_that_nobody_was_asked_for_are_not_written(clerk, library):
    """Locked, hidden and system fields stay what they are, whatever is posted."""
    extra = {
        "state": "lost", "fine": "99", "renewals": "7", "id": "999", "archived_at": "2026-01-01 00:00", "from_history": "yes", "created_at": "2000-01-01",
        "returned_at": "2026-01-01 00:00", "reader_id": library.bob.id, "version": library.loan.version, "title": "Emma, 2nd",
    }

    assert clerk.post(f"/loans/{library.loan.id}/edit", data=extra).status_code == 302

    loan = again(library.loan)
    assert (loan.title, loan.state, loan.fine, loan.renewals, loan.reader_id) == ("Emma, 2nd", toys.State.OUT, None, 0, library.ann.id)
    assert (loan.archived_at, loan.from_history, loan.returned_at) == (None, False, None)


def test_a_field_that_the_address_fills_in_is_still_only_ones_own(clerk, library):
    """A preset is no way around the rights on a field, nor on a record."""
    clerk.post("/loans/new?fine=99&state=lost&from_history=yes", data={"reader": library.ann.id, "title": "Sanditon"})

    loan = db.session.scalars(db.select(toys.Loan).where(toys.Loan.title == "Sanditon")).one()
    assert (loan.fine, loan.state, loan.from_history) == (None, toys.State.OUT, False)
    assert clerk.get(f"/loans/new?reader={library.bob.id}").status_code == 404


def test_ticked_rows_of_others_stay_as_they_are(clerk, library):
    clerk.post("/loans/bulk/give_back", data={"ids": [library.loan.id, library.foreign.id], "confirmed": "1"})

    assert again(library.foreign).state is toys.State.OUT
    assert again(library.loan).state is toys.State.BACK
    assert names(clerk.get("/loans/?state=back")) == [library.loan.loan_no]


@pytest.mark.parametrize("body", [b"login=\xff\xfe&password=\xff", b"\xff=\xff", b"&&&===%%%", b"next=/%ED%A0%80&login=x"])
def test_a_body_that_is_no_text_is_no_mistake_of_ours(head, body):
    for path in ("/login", "/language", "/loans/new", "/loans/import"):
        answer = head.post(path, data=body, content_type="application/x-www-form-urlencoded")

        assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", "application/json", "text/plain", "x", "multipart/form-data; boundary=x"])
def test_a_body_of_another_kind_is_no_mistake_of_ours(head, kind):
    for path in ("/login", "/loans/new", "/loans/import", "/loans/bulk/renew"):
        assert head.post(path, data=b"--x\r\nabc\x00\xff", content_type=kind).status_code < 500
