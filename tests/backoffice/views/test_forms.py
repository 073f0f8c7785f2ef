from __future__ import annotations

import pytest

from backoffice.db import db
from backoffice.declare import Right, Verb
from backoffice.declare.journal import Deed
from tests import toys
from tests.backoffice.lending import again, trail


def edited(record, **changes):
    """What a form sends that was opened at the record as it is."""
    return {"version": str(record.version), **changes}


def test_a_new_form_begins_with_what_is_the_persons_own(clerk, library):
    """A reader joins the clerk's branch unless another is chosen; the address still says otherwise."""
    begun = clerk.get("/readers/new").text
    told = clerk.get(f"/readers/new?branch={library.there.id}").text

    assert f'name="branch" value="{library.here.id}"' in begun
    assert f'name="branch" value="{library.there.id}"' in told


def test_a_new_record_is_kept_with_its_number_and_leaves_an_entry(clerk, library):
    """A link is picked by its id; what follows from the rest is filled in."""
    answer = clerk.post("/loans/new", data={"reader": str(library.ann.id), "reader_key": "Ann", "title": "Persuasion"})
    made = db.session.scalars(db.select(toys.Loan).where(toys.Loan.title == "Persuasion")).one()

    assert answer.status_code == 302
    assert answer.location == f"/loans/{made.id}"
    assert made.loan_no.startswith("JY")
    assert made.due_on is not None
    assert [(entry.deed, entry.who, entry.source.value) for entry in trail(made)] == [(Deed.CREATE, "Cleo", "page")]


def test_a_link_is_understood_by_its_natural_key_however_it_is_written(clerk, library):
    """Without scripts one types the key."""
    clerk.post("/loans/new", data={"reader": "", "reader_key": " ｃ1 ", "title": "Persuasion"})

    assert db.session.scalars(db.select(toys.Loan).where(toys.Loan.title == "Persuasion")).one().reader_id == library.ann.id


@pytest.mark.parametrize("sent", [{"reader_key": "C2"}, {"reader_key": "nobody"}, {"reader": "99999999999"}, {"reader": "x'"}])
def test_a_link_to_a_record_out_of_reach_is_refused_at_its_field(clerk, library, sent):
    """Another branch's reader does not exist for the clerk, and garbage is an error, not a crash; the title stays typed."""
    answer = clerk.post("/loans/new", data={"title": "Persuasion", **sent})

    assert answer.status_code == 422
    assert "that you can choose" in answer.text
    assert "Persuasion" in answer.text


def test_foreign_ids_are_refused_like_unknown_ones(clerk, library):
    """The id of a foreign reader tells nothing."""
    answer = clerk.post("/loans/new", data={"title": "Persuasion", "reader": str(library.bob.id)})

    assert answer.status_code == 422
    assert "Bob" not in answer.text


def test_a_wrong_value_stands_at_its_field_with_everything_typed(clerk, library):
    """Nothing is written and nothing typed is lost."""
    answer = clerk.post("/readers/new", data={"card": "C9", "name": "Zoë", "mobile": "12", "member_since": "2026-13-45", "branch_key": "B1"})

    assert answer.status_code == 422
    assert "not a telephone number" in answer.text
    assert "not a date" in answer.text
    assert 'value="Zoë"' in answer.text
    assert 'value="12"' in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(toys.Reader)) == 2


def test_a_blank_needed_field_is_refused(clerk, library):
    """A record of today needs its title."""
    answer = clerk.post("/loans/new", data={"reader": str(library.ann.id), "title": "  "})

    assert answer.status_code == 422
    assert "must be filled in" in answer.text


def test_a_number_that_is_taken_is_said_at_its_field(clerk, library):
    """The database's refusal becomes a sentence, never SQL."""
    answer = clerk.post("/readers/new", data={"card": "c 1", "name": "Zoë", "branch": str(library.here.id)})

    assert answer.status_code == 422
    assert "already a record" in answer.text
    assert "toy_readers" not in answer.text
    assert 'value="Zoë"' in answer.text


def test_nobody_makes_or_moves_a_record_out_of_the_own_rows(clerk, library):
    """A clerk's reader belongs to the clerk's branch, before and after."""
    made = clerk.post("/readers/new", data={"card": "C9", "name": "Zoë", "branch": str(library.there.id)})
    moved = clerk.post(f"/readers/{library.ann.id}/edit", data=edited(library.ann, branch=str(library.there.id)))

    assert made.status_code == 403
    assert moved.status_code == 403
    assert "belong to somebody else" in moved.text
    assert 'value="Zoë"' in made.text
    assert again(library.ann).branch_id == library.here.id
    assert db.session.scalar(db.select(db.func.count()).select_from(toys.Reader)) == 2


def test_a_foreign_record_does_not_exist(clerk, library):
    """Neither its form nor a save."""
    assert clerk.get(f"/readers/{library.bob.id}/edit").status_code == 404
    assert clerk.post(f"/readers/{library.bob.id}/edit", data=edited(library.bob, name="X")).status_code == 404


def test_reading_is_not_changing(clerk, library):
    """A clerk reads branches and may not open their forms."""
    assert clerk.get(f"/branches/{library.here.id}").status_code == 200
    assert clerk.get(f"/branches/{library.here.id}/edit").status_code == 403
    assert clerk.post(f"/branches/{library.here.id}/edit", data=edited(library.here, name="X")).status_code == 403
    assert clerk.get("/branches/new").status_code == 403


def test_locked_and_hidden_fields_do_not_take_a_value(clerk, library):
    """Whatever a form sends, only methods change the state, and a clerk knows no fine."""
    page = clerk.get(f"/loans/{library.loan.id}/edit").text
    clerk.post(f"/loans/{library.loan.id}/edit", data=edited(library.loan, state="back", fine="3", title="Emma II", from_history="yes"))
    loan = again(library.loan)

    assert 'name="fine"' not in page
    assert 'name="state"' not in page
    assert (loan.state, loan.fine, loan.title, loan.from_history) == (toys.State.OUT, None, "Emma II", False)


def test_a_masked_number_is_kept_unless_another_is_typed(clerk, library):
    """The form shows the mask only; blank keeps what is stored."""
    page = clerk.get(f"/readers/{library.ann.id}/edit").text
    clerk.post(f"/readers/{library.ann.id}/edit", data=edited(library.ann, mobile="", name="Anne"))
    kept = again(library.ann).mobile
    clerk.post(f"/readers/{library.ann.id}/edit", data=edited(library.ann, mobile="138 0000 1234"))

    assert "13900000489" not in page
    assert "139****0489" in page
    assert kept == "13900000489"
    assert again(library.ann).mobile == "13800001234"


@pytest.mark.parametrize("words", ["\nfirst\nsecond ", "a\r\nb\rc\n\n", "  两行\u3000\n\t字 "])
def test_an_unchanged_text_stays_as_it_is_to_the_byte(clerk, library, words):
    """Browsers send CRLF for every line end; that is not a change."""
    library.loan.title = words
    db.session.commit()
    before = library.loan.version
    sent = words.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    clerk.post(f"/loans/{library.loan.id}/edit", data=edited(library.loan, title=sent, reader=str(library.ann.id)))
    loan = again(library.loan)

    assert loan.title == words
    assert loan.version == before


def test_a_typed_text_is_stored_with_plain_line_ends(clerk, library):
    """And nothing else about it changes."""
    clerk.post(f"/loans/{library.loan.id}/edit", data=edited(library.loan, title=" one\r\ntwo "))

    assert again(library.loan).title == " one\ntwo "


def test_what_a_form_does_not_send_stays(clerk, library):
    """Only fields that were sent can have been changed."""
    clerk.post(f"/loans/{library.loan.id}/edit", data=edited(library.loan, title="Emma II"))

    assert again(library.loan).due_on is not None


def test_the_address_fills_in_fields(clerk, library):
    """As the add button of a reader's page does; what is out of reach or wrong is said."""
    page = clerk.get(f"/loans/new?reader={library.ann.id}&due_on=2027-01-02").text

    assert f'name="reader" value="{library.ann.id}"' in page
    assert 'value="2027-01-02"' in page
    assert clerk.get(f"/loans/new?reader={library.bob.id}").status_code == 404
    assert clerk.get("/loans/new?reader=abc").status_code == 404
    assert clerk.get("/loans/new?due_on=soon").status_code == 400


def test_afterwards_one_is_where_one_wanted_to_be_and_never_elsewhere(clerk, library):
    """``next`` stays inside the site; another record of the same sort begins with the same presets."""
    data = {"reader": str(library.ann.id), "title": "A"}

    assert clerk.post(f"/loans/new?reader={library.ann.id}", data={**data, "another": "1"}).location == f"/loans/new?reader={library.ann.id}"
    assert clerk.post(f"/loans/new?next=/readers/{library.ann.id}", data=data).location == f"/readers/{library.ann.id}"
    for evil in ("//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"):
        assert "evil" not in clerk.post("/loans/new", data={**data, "next": evil}).location


@pytest.mark.parametrize("number", ["0", "-1", "abc", "99999999999999999999", "١"])
def test_no_id_is_a_crash(clerk, number):
    """An address that names no record answers 404."""
    assert clerk.get(f"/loans/{number}").status_code == 404
    assert clerk.get(f"/loans/{number}/edit").status_code == 404
    assert clerk.post(f"/loans/{number}/edit", data={"version": "1"}).status_code == 404


@pytest.mark.parametrize("version", ["", "0", "abc", "99", "-1", "99999999999999999999"])
def test_a_form_without_its_version_is_refused(clerk, library, version):
    """Without it nobody could tell what the person had seen."""
    answer = clerk.post(f"/loans/{library.loan.id}/edit", data={"version": version, "title": "X"})

    assert answer.status_code == 400
    assert again(library.loan).title == "Emma"


def test_a_doubtful_value_is_kept_and_said(clerk, library):
    """A foreign number that its plan does not know."""
    clerk.post(f"/readers/{library.ann.id}/edit", data=edited(library.ann, mobile="+1 555 000 0000"))
    page = clerk.get(f"/readers/{library.ann.id}").text

    assert again(library.ann).mobile == "+15550000000"
    assert "numbering plan" in page


def test_a_forged_save_is_refused(clerk, library):
    """A form of another site has no token."""
    clerk.is_forging = True

    assert clerk.post(f"/loans/{library.loan.id}/edit", data=edited(library.loan, title="X")).status_code == 400
    assert again(library.loan).title == "Emma"


def test_a_name_typed_over_is_a_key_even_if_the_old_id_is_sent(head, library):
    """Without scripts the hidden id stays behind; what the person sees is what counts."""
    path = f"/loans/{library.loan.id}/edit"
    wrong = head.post(path, data=edited(library.loan, reader=str(library.ann.id), reader_key="C9"))
    head.post(path, data=edited(library.loan, reader=str(library.ann.id), reader_key="C2"))

    assert wrong.status_code == 422
    assert again(library.loan).reader_id == library.bob.id


def test_a_select_shows_labels_and_takes_codes(head, library):
    """The code that is stored is chosen; what is no code of the list is refused."""
    path = f"/librarians/{library.clerk.id}/edit"
    page = head.get(path).text
    wrong = head.post(path, data=edited(library.clerk, role="king"))
    head.post(path, data=edited(library.clerk, role="head"))

    assert '<option selected value="clerk">Clerk</option>' in page
    assert wrong.status_code == 422
    assert "Choose one of" in wrong.text
    assert again(library.clerk).role is toys.Role.HEAD


def test_who_may_add_without_reading_adds_and_reads_nothing(clerk, library, monkeypatch):
    """The form is open, the list is not; afterwards one is at home."""
    monkeypatch.setitem(toys.Note.__resource__.rights, toys.Role.CLERK, Right(Verb.CREATE))
    answer = clerk.post("/notes/new", data={"loan": str(library.loan.id), "line_no": "1", "text": "torn"})
    made = db.session.scalars(db.select(toys.Note)).one()

    assert clerk.get("/notes/new").status_code == 200
    assert answer.location == "/"
    assert made.text == "torn"
    assert clerk.get("/notes/").status_code == 403
    assert clerk.get(f"/notes/{made.id}").status_code in {403, 404}
