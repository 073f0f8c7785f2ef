from __future__ import annotations

from dataclasses import replace

import pytest

from backoffice.db import db
from backoffice.declare.journal import AuditEntry, Deed
from tests import toys
from tests.backoffice.lending import again, trail


def looks(session):
    session.rollback()
    return [(entry.who, set(entry.changes)) for entry in session.scalars(db.select(AuditEntry).where(AuditEntry.deed == Deed.REVEAL))]


def test_a_page_shows_the_fields_and_what_belongs_to_the_record(clerk, library):
    """A reader with the loans; the branch is a link."""
    page = clerk.get(f"/readers/{library.ann.id}").text

    assert "Ann" in page
    assert f'href="/branches/{library.here.id}"' in page
    assert f'href="/loans/{library.loan.id}"' in page
    assert f"/loans/new?reader={library.ann.id}" in page


def test_a_foreign_record_is_not_there(clerk, library):
    """Nor its number, its history or its dialogs."""
    for path in ("", "/history", "/edit", "/archive", "/purge"):
        assert clerk.get(f"/readers/{library.bob.id}{path}").status_code == 404
    assert clerk.get("/readers/by-key/C2").status_code == 404
    assert clerk.post(f"/readers/{library.bob.id}/reveal/mobile").status_code == 404


def test_a_hidden_field_is_not_on_the_page(clerk, head, library, toy_session):
    """A clerk knows no fines."""
    library.loan.fine = 7
    toy_session.commit()

    assert "¥7.00" in head.get(f"/loans/{library.loan.id}").text
    assert "Fine" not in clerk.get(f"/loans/{library.loan.id}").text


def test_a_masked_number_is_shown_by_a_click_that_is_remembered(clerk, library, toy_session):
    """Before the click only the mask; afterwards a number to dial, and an entry."""
    before = clerk.get(f"/readers/{library.ann.id}").text
    after = clerk.post(f"/readers/{library.ann.id}/reveal/mobile").text

    assert "13900000489" not in before
    assert "139****0489" in before
    assert 'href="tel:13900000489"' in after
    assert looks(toy_session) == [("Cleo", {"mobile"})]


@pytest.mark.parametrize("field", ["name", "email", "password_hash", "nothing"])
def test_only_what_is_masked_can_be_shown(clerk, library, toy_session, field):
    """Other fields, empty ones and unknown ones answer 404 and leave no entry."""
    assert clerk.post(f"/readers/{library.ann.id}/reveal/{field}").status_code == 404
    assert looks(toy_session) == []


def test_who_sees_numbers_in_full_leaves_one_note_for_each_look(head, library, toy_session):
    """A role that needs no click is remembered too; a reader without any number is no look."""
    library.bob.mobile = None
    toy_session.commit()
    page = head.get(f"/readers/{library.ann.id}").text
    head.get(f"/readers/{library.bob.id}")

    assert 'href="tel:13900000489"' in page
    assert looks(toy_session) == [("Hedda", {"mobile"})]


def test_a_contact_stands_beside_the_link_and_is_shown_by_a_click(clerk, library, toy_session):
    """A loan shows the mask of its reader's number; the click leaves its entry with the reader."""
    before = clerk.get(f"/loans/{library.loan.id}").text
    after = clerk.post(f"/loans/{library.loan.id}/reveal/reader.mobile").text

    assert "13900000489" not in before
    assert "139****0489" in before
    assert 'href="tel:13900000489"' in after
    assert looks(toy_session) == [("Cleo", {"mobile"})]
    assert [entry.deed for entry in trail(library.ann)][-1] is Deed.REVEAL


def test_a_page_with_a_contact_shows_nobody_the_number_unasked(head, library, toy_session):
    """Who sees numbers in full on the reader's own page still clicks on a loan; opening one is no look."""
    page = head.get(f"/loans/{library.loan.id}").text

    assert "139****0489" in page
    assert "13900000489" not in page
    assert looks(toy_session) == []


@pytest.mark.parametrize("path", ["reader.name", "reader.email", "reader.nothing", "branch.mobile"])
def test_only_a_declared_contact_can_be_shown(clerk, library, toy_session, path):
    """Another field of the linked record, an empty one and an unknown one answer 404."""
    assert clerk.post(f"/loans/{library.loan.id}/reveal/{path}").status_code == 404
    assert looks(toy_session) == []


def test_a_contact_that_may_not_be_opened_is_not_there(clerk, library, toy_session, monkeypatch):
    """A loan that is read while its reader is out of reach shows no number and gives none away."""
    rights = toys.Loan.__resource__.rights
    monkeypatch.setitem(rights, toys.Role.CLERK, replace(rights[toys.Role.CLERK], rows=None))
    page = clerk.get(f"/loans/{library.foreign.id}")

    assert page.status_code == 200
    assert "137****0001" not in page.text
    assert clerk.post(f"/loans/{library.foreign.id}/reveal/reader.mobile").status_code == 404
    assert looks(toy_session) == []


def test_related_records_come_ten_to_a_page(clerk, library, toy_session):
    """Each table turns its own pages; a wrong page number is said."""
    toy_session.add_all(toys.Loan(reader=library.ann, title=f"Book {number}") for number in range(14))
    toy_session.commit()
    first = clerk.get(f"/readers/{library.ann.id}").text
    second = clerk.get(f"/readers/{library.ann.id}?loans_page=2").text

    assert first.count('class="tick"><input') == 10
    assert second.count('class="tick"><input') == 5
    assert "Page 2 of 2" in second
    assert clerk.get(f"/readers/{library.ann.id}?loans_page=-1").status_code == 400


def test_related_records_bring_their_actions_along(clerk, library, toy_session):
    """Each row offers what fits its state, and several can be ticked."""
    back = toys.Loan(reader=library.ann, title="Persuasion")
    toy_session.add(back)
    toy_session.flush()
    back.give_back()
    toy_session.commit()
    page = clerk.get(f"/readers/{library.ann.id}").text

    assert f"/loans/{library.loan.id}/do/give_back" in page
    assert f"/loans/{back.id}/do/give_back" not in page
    assert f"/loans/{back.id}/do/renew" in page
    assert 'formaction="/loans/bulk/give_back"' in page


def test_only_the_actions_of_the_role_and_the_state_are_offered(clerk, head, library, toy_session):
    """A fine is waived by the head, where there is one."""
    path = f"/loans/{library.loan.id}"
    without = head.get(path).text
    library.loan.fine = 7
    toy_session.commit()

    assert "/do/give_back" in without
    assert "/do/waive" not in without
    assert "/do/waive" in head.get(path).text
    assert "/do/waive" not in clerk.get(path).text


def test_a_natural_key_leads_to_the_record_however_it_is_written(clerk, library):
    """Width, case and blanks do not matter; an unknown key is a 404."""
    assert clerk.get("/readers/by-key/ｃ 1").location == f"/readers/{library.ann.id}"
    assert clerk.get(f"/loans/by-key/{library.loan.loan_no.lower()}").location == f"/loans/{library.loan.id}"
    for key in ("", "C9", "a/b", "%00", "x" * 900):
        assert clerk.get(f"/readers/by-key/{key}").status_code == 404


def test_archiving_asks_first_and_says_what_depends_on_it(head, library):
    """The question names the loans; a GET changes nothing."""
    page = head.get(f"/readers/{library.ann.id}/archive").text

    assert "Archive C1 Ann?" in page
    assert "Loans: 1" in page
    assert again(library.ann).archived_at is None


def test_an_archived_record_is_left_out_kept_and_restored(head, clerk, library):
    """It keeps its page, read-only, with a way back; each step is in the trail."""
    path = f"/loans/{library.loan.id}"
    gone = head.post(f"{path}/archive")
    flash = head.get(gone.location).text
    page = head.get(path).text
    refused = [head.post(f"{path}/edit", data={"version": "2", "title": "X"}), head.post(f"{path}/do/give_back"), head.post(f"{path}/archive")]
    reader = clerk.get(f"/readers/{library.ann.id}").text
    back = head.post(f"{path}/restore")

    assert gone.location == "/loans/"
    assert f'action="{path}/restore"' in flash
    assert "Archived since" in page
    assert f"{path}/edit" not in page
    assert [answer.status_code for answer in refused] == [422, 422, 422]
    assert path + '"' not in reader
    assert back.location == path
    assert again(library.loan).archived_at is None
    assert [entry.deed for entry in trail(library.loan)] == [Deed.CREATE, Deed.ARCHIVE, Deed.RESTORE]
    assert head.post(f"{path}/restore").status_code == 422


def test_whoever_may_not_archive_is_told(clerk, library):
    """A clerk changes readers and archives none."""
    assert clerk.get(f"/readers/{library.ann.id}/archive").status_code == 403
    assert clerk.post(f"/readers/{library.ann.id}/archive").status_code == 403
    assert clerk.post(f"/readers/{library.ann.id}/restore").status_code == 403
    assert clerk.post(f"/readers/{library.ann.id}/purge").status_code == 403
    assert "/archive" not in clerk.get(f"/readers/{library.ann.id}").text


def test_only_what_is_archived_and_stands_alone_is_removed_for_good(head, library):
    """A reader with loans stays in the archive; a loan can go, and its history stays."""
    loan, ann = library.loan, library.ann
    number = loan.id
    early = head.post(f"/loans/{number}/purge")
    head.post(f"/readers/{ann.id}/archive")
    needed = head.post(f"/readers/{ann.id}/purge")
    head.post(f"/loans/{number}/archive")
    gone = head.post(f"/loans/{number}/purge")
    entries = db.select(AuditEntry.deed).where(AuditEntry.resource == "loans", AuditEntry.record_id == number).order_by(AuditEntry.id)
    db.session.expunge_all()

    assert early.status_code == 422
    assert needed.status_code == 422
    assert "1 × Loans" in needed.text
    assert gone.status_code == 302
    assert db.session.get(toys.Loan, number) is None
    assert list(db.session.scalars(entries)) == [Deed.CREATE, Deed.ARCHIVE, Deed.DELETE]
