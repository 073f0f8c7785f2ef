from __future__ import annotations

import re
from datetime import timedelta

import pytest

from backoffice.db import db
from tests import toys
from tests.backoffice.lending import again, trail
from tests.backoffice.views.reading import texts


def test_an_action_runs_with_typed_values_and_is_named_in_the_trail(clerk, library):
    """The blank reason is the method's own default."""
    loan = library.loan
    answer = clerk.post(f"/loans/{loan.id}/do/renew", data={"until": "2027年1月2日", "reason": ""})
    kept = again(loan)

    assert answer.location == f"/loans/{loan.id}"
    assert (str(kept.due_on), kept.renewals) == ("2027-01-02", 1)
    assert (trail(loan)[-1].action, trail(loan)[-1].who) == ("renew", "Cleo")


def test_the_dialog_asks_what_the_method_wants_to_know(clerk, library):
    """A page of its own without scripts; its inside alone for a dialog."""
    path = f"/loans/{library.loan.id}/do/renew"
    page, inside = clerk.get(path).text, clerk.get(f"{path}?fragment=1").text

    for html in (page, inside):
        assert 'name="until"' in html
        assert "Renew 1 loans?" in html
        assert f'value="{library.loan.due_on}"' not in html
    assert "<!doctype html>" in page
    assert "<!doctype html>" not in inside


def test_a_dialog_begins_with_what_the_action_says_and_offers_texts_for_it(clerk, library):
    """Made for this record and shown as text; with several records there is nothing to make them for."""
    page = clerk.get(f"/loans/{library.loan.id}/do/renew")
    several = clerk.post("/loans/bulk/renew", data={"ids": library.loan.id})

    assert f">\r\nAsked for {library.loan.loan_no}</textarea>" in page.text
    assert texts(page, "offer") == ["<0> & more", "So it is."]
    assert texts(page, "offers-heading") == ["Often"]
    assert texts(several, "offer") == []


@pytest.mark.parametrize(("until", "why"), [("", "must be filled in"), ("soon", "not a date"), ("2020-01-01", "must be later")])
def test_a_refusal_stands_at_its_field_with_everything_typed(clerk, library, until, why):
    """Whether the text is no date or a rule says no; nothing is written."""
    answer = clerk.post(f"/loans/{library.loan.id}/do/renew?fragment=1", data={"until": until, "reason": "because\r\nI ask"})
    error = re.search(r'id="do-until-error".*?</p>', answer.text, re.DOTALL)

    assert answer.status_code == 422
    assert error
    assert why in error[0]
    assert "because" in answer.text
    assert again(library.loan).renewals == 0


def test_a_transition_from_a_wrong_state_is_refused_in_words(clerk, library):
    """A second click on an old page."""
    path = f"/loans/{library.loan.id}/do/give_back"
    first, second = clerk.post(path), clerk.post(path)

    assert first.status_code == 302
    assert second.status_code == 422
    assert "Returned" in second.text
    assert again(library.loan).state is toys.State.BACK


def test_an_action_that_does_not_fit_is_refused_even_if_it_is_sent(head, library):
    """The button of the waiver shows where there is a fine."""
    answer = head.post(f"/loans/{library.loan.id}/do/waive")

    assert answer.status_code == 422
    assert "not possible for this record" in answer.text


def test_actions_of_others_are_refused(clerk, library, toy_session):
    """By role, by row, and by name."""
    library.loan.fine = 7
    toy_session.commit()

    assert clerk.get(f"/loans/{library.loan.id}/do/waive").status_code == 403
    assert clerk.post(f"/loans/{library.loan.id}/do/waive").status_code == 403
    assert clerk.post(f"/loans/{library.foreign.id}/do/give_back").status_code == 404
    assert clerk.get(f"/loans/{library.loan.id}/do/before_save").status_code == 404
    assert again(library.loan).fine == 7


def test_an_optional_record_is_picked_or_left_out(head, library, toy_session):
    """A link in a dialog is found by key, within reach, like any other."""
    library.loan.fine = 7
    toy_session.commit()
    path = f"/loans/{library.loan.id}/do/waive"

    assert head.post(path, data={"to_reader_key": "C77"}).status_code == 422
    assert head.post(path, data={"to_reader_key": "C1"}).status_code == 302
    assert again(library.loan).fine is None


def test_a_dialog_is_told_where_to_go(clerk, library):
    """So that the script does not fetch the page, and the note of success waits for the person."""
    path = f"/loans/{library.loan.id}/do/give_back?fragment=1"
    answer = clerk.post(path, data={"next": f"/readers/{library.ann.id}#loans"})

    assert answer.status_code == 204
    assert answer.headers["X-Next"] == f"/readers/{library.ann.id}#loans"
    assert "Give back: done" in clerk.get(f"/readers/{library.ann.id}").text


def test_a_forged_action_is_refused(clerk, library):
    """No token, no deed; and no deed by a GET."""
    path = f"/loans/{library.loan.id}/do/give_back"
    clerk.get(path)
    clerk.is_forging = True

    assert clerk.post(path).status_code == 400
    assert again(library.loan).state is toys.State.OUT


def test_every_ticked_record_has_its_own_outcome(clerk, library, toy_session):
    """One is done, one refused with its sentence, one foreign, one archived, one gone; what is done is kept."""
    late = toys.Loan(reader=library.ann, title="Late", due_on=library.loan.due_on + timedelta(days=900))
    stored = toys.Loan(reader=library.ann, title="Stored", archived_at=library.loan.created_at)
    toy_session.add_all([late, stored])
    toy_session.commit()
    ids = [library.loan.id, late.id, library.foreign.id, stored.id, 99999]
    until = str(library.loan.due_on + timedelta(days=7))
    answer = clerk.post("/loans/bulk/renew", data={"ids": ids, "confirmed": "1", "until": until}, follow_redirects=True)
    rows = re.findall(r"<tr><td>(.*?)</td>\s*<td><span class=\"tone tone-\w+\">(.*?)</span></td><td>(.*?)</td>", answer.text)

    assert answer.status_code == 200
    assert [outcome for _name, outcome, _why in rows] == ["Done", "Refused", "Not yours", "Refused", "Not yours"]
    assert "must be later" in rows[1][2]
    assert "archived" in rows[3][2]
    assert library.foreign.loan_no not in answer.text
    assert "1 of 5 done" in answer.text
    assert [again(one).renewals for one in (library.loan, late, library.foreign, stored)] == [1, 0, 0, 0]
    assert trail(library.loan)[-1].action == "renew"


def test_a_run_asks_first_with_the_count(clerk, library):
    """Two ticked rows: the question counts them, the form keeps them by their number, and a wrong answer changes none."""
    other = toys.Loan(reader=library.ann, title="Persuasion")
    db.session.add(other)
    db.session.commit()
    page = clerk.post("/loans/bulk/renew", data={"ids": [library.loan.id, other.id]})
    batch = re.search(r'name="batch" value="\d+"', page.text)
    assert batch
    wrong = clerk.post("/loans/bulk/renew", data={"batch": batch[0].split('"')[3], "confirmed": "1", "until": "soon"})

    assert "Renew 2 loans?" in page.text
    assert wrong.status_code == 422
    assert batch[0] in wrong.text
    assert again(library.loan).renewals == 0


@pytest.mark.parametrize("ids", [[], ["abc"], ["1' OR 1=1"], [str(number) for number in range(1, 1003)]])
def test_a_wrong_choice_of_rows_is_said(clerk, library, ids):
    """None, too many, or what is no id."""
    assert clerk.post("/loans/bulk/give_back", data={"ids": ids}).status_code == 400


def test_what_is_not_for_many_is_not_run_on_many(head, library):
    """The waiver is for one loan at a time."""
    assert head.post("/loans/bulk/waive", data={"ids": [library.loan.id]}).status_code == 404
    assert head.post("/loans/bulk/nothing", data={"ids": [library.loan.id]}).status_code == 404


def test_a_second_click_on_one_dialog_does_nothing(clerk, library):
    """The dialog says which version it showed; what was typed stays, and can be sent once more with the new one."""
    path = f"/loans/{library.loan.id}/do/renew"
    version = re.search(r'name="version" value="(\d+)"', clerk.get(path).text)
    assert version
    first = clerk.post(path, data={"until": "2027-01-02", "version": version[1]})
    second = clerk.post(path, data={"until": "2027-01-03", "version": version[1]})

    assert (first.status_code, second.status_code) == (302, 409)
    assert "2027-01-03" in second.text
    assert f'name="version" value="{int(version[1]) + 1}"' in second.text
    assert again(library.loan).renewals == 1
