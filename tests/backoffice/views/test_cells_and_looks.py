"""One cell changed where it stands, and a quick look beside the list: the same rules, rights and notes as on the pages."""

from __future__ import annotations

import re

import pytest

from backoffice.declare import clock
from backoffice.declare.journal import Deed
from tests import toys
from tests.backoffice.lending import again, trail


def cell(client, record, field, **data):
    return client.post(f"/{type(record).__resource__.name}/{record.id}/cell/{field}", data=data)


def test_a_cell_is_kept_like_the_form(clerk, library):
    """Only this field; the row comes back as the list draws it, as far as the person sees it."""
    page = clerk.get(f"/loans/{library.loan.id}/cell/title")
    answer = cell(clerk, library.loan, "title", version=1, title="Persuasion", due_on="2020-01-01", state="lost", columns="title,state,fine,due_on,nonsense")

    assert 'name="title"' in page.text
    assert 'name="due_on"' not in page.text
    assert "<!doctype" not in page.text
    assert set(answer.json["cells"]) == {"title", "state", "due_on"}
    assert "Persuasion" in answer.json["cells"]["title"]
    assert (again(library.loan).title, library.loan.state, str(library.loan.due_on)[:4]) == ("Persuasion", toys.State.OUT, str(clock.today().year))
    assert [(one.who, list(one.changes)) for one in trail(library.loan)[1:]] == [("Cleo", ["title"])]


def test_what_cannot_be_kept_comes_back_with_what_was_typed(clerk, library):
    """No value of its kind, missing where it is needed; nothing is written."""
    wrong, blank = cell(clerk, library.loan, "due_on", version=1, due_on="soon"), cell(clerk, library.loan, "title", version=1, title=" ")

    assert (wrong.status_code, blank.status_code) == (422, 422)
    assert 'value="soon"' in wrong.text
    assert 'aria-invalid="true"' in blank.text
    assert again(library.loan).version == 1


def test_two_people_at_one_cell_are_asked(clerk, head, library):
    """Theirs is named and stays until one chooses in sight of it; a change of another field is no clash."""
    head.post(f"/loans/{library.loan.id}/edit", data={"version": 1, "title": "Hers"})
    beside = cell(clerk, library.loan, "due_on", version=1, due_on="2028-01-01")
    clash = cell(clerk, library.loan, "title", version=1, title="Mine")
    seen = re.search(r'name="seen" value="(\d+)"', clash.text)
    assert seen
    assert again(library.loan).title == "Hers"
    done = cell(clerk, library.loan, "title", version=1, title="Mine", seen=seen[1], **{"choice-title": "mine"})

    assert (beside.status_code, clash.status_code, done.status_code) == (200, 409, 200)
    assert "Hedda" in clash.text
    assert "Hers" in clash.text
    assert 'value="Mine"' in clash.text or ">Mine</textarea>" in clash.text.replace("\r", "").replace(">\n", ">")
    assert again(library.loan).title == "Mine"


@pytest.mark.parametrize(("noun", "who", "field", "status"), [
    ("loan", "clerk", "state", 403), ("loan", "clerk", "fine", 403), ("loan", "clerk", "nothing", 403), ("loan", "clerk", "created_at", 403),
    ("foreign", "clerk", "title", 404), ("here", "clerk", "name", 403), ("ann", "clerk", "merged_into", 403),
])
def test_cells_that_are_not_ones_own_are_closed(request, library, noun, who, field, status):
    """Locked, hidden, unknown, of another branch, of a noun that one only reads: asked for or sent."""
    client, record = request.getfixturevalue(who), getattr(library, noun)
    answers = [client.get(f"/{type(record).__resource__.name}/{record.id}/cell/{field}"), cell(client, record, field, version=1, **{field: "x"})]

    assert [one.status_code for one in answers] == [status, status]
    assert again(record).version == 1


def test_a_masked_cell_shows_nothing_and_blank_keeps_it(clerk, library):
    """The form knows only the mask; what is typed replaces it."""
    page = clerk.get(f"/readers/{library.ann.id}/cell/mobile")
    kept = cell(clerk, library.ann, "mobile", version=1, mobile="", columns="mobile")
    new = cell(clerk, library.ann, "mobile", version=1, mobile="13900000777", columns="mobile")

    assert "13900000489" not in page.text + kept.text
    assert "13900000777" not in new.text
    assert again(library.ann).mobile == "13900000777"


@pytest.mark.parametrize("data", [{}, {"version": "x"}, {"version": "99"}])
def test_a_cell_without_its_version_makes_no_sense(clerk, library, data):
    """As the form: 400, and nothing is written."""
    assert cell(clerk, library.loan, "title", title="x", **data).status_code == 400
    assert again(library.loan).title == "Emma"


def test_an_archived_row_has_no_open_cell(clerk, library, toy_session):
    library.loan.archived_at = clock.now()
    toy_session.commit()

    assert clerk.get(f"/loans/{library.loan.id}/cell/title").status_code == 422
    assert cell(clerk, library.loan, "title", version=2, title="x").status_code == 422


def test_a_quick_look_shows_what_the_page_begins_with(clerk, head, library):
    """Facts by rights, the actions of the moment with the way back, masks with a button; foreign rows are not there."""
    page = clerk.get(f"/loans/{library.loan.id}/look?fragment=1&next=/loans/%3Fq%3DEmma")

    assert "<!doctype" not in page.text
    assert "Emma" in page.text
    assert f'href="/loans/{library.loan.id}/do/renew?next=/loans/%3Fq%3DEmma"' in page.text
    assert "13900000489" not in page.text
    assert 'data-cells="loan_no reader title due_on"' in page.text
    assert clerk.get(f"/loans/{library.foreign.id}/look").status_code == 404
    assert "<!doctype" in clerk.get(f"/loans/{library.loan.id}/look").text


def test_whoever_sees_personal_data_in_a_look_leaves_a_note(clerk, head, library):
    """The head's look is logged as on the page; the clerk's is when the number is asked for, and then it is shown."""
    masked = clerk.get(f"/readers/{library.ann.id}/look?fragment=1")
    before = len(trail(library.ann))
    shown = clerk.post(f"/readers/{library.ann.id}/look/mobile?fragment=1")
    open_ = head.get(f"/readers/{library.ann.id}/look?fragment=1")

    assert "13900000489" not in masked.text
    assert before == 1
    assert "13900000489" in shown.text
    assert "13900000489" in open_.text
    assert [(one.who, one.deed) for one in trail(library.ann)[1:]] == [("Cleo", Deed.REVEAL), ("Hedda", Deed.REVEAL)]
    assert clerk.post(f"/readers/{library.ann.id}/look/name").status_code == 404
    assert clerk.post(f"/readers/{library.bob.id}/look/mobile").status_code == 404
