from __future__ import annotations

import re
import threading

import pytest

from backoffice.db import db
from backoffice.declare.journal import Deed
from tests import toys
from tests.backoffice.lending import again, client_of, trail


def save(client, record, version, **changes):
    return client.post(f"/{record.__resource__.name}/{record.id}/edit", data={"version": str(version), **changes})


def hidden(html):
    """What the page would send by itself."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return {name: value for name, value in found if name != "csrf_token"}


def test_changes_to_different_fields_both_stay(clerk, head, library):
    """The second to save is told whose work was kept."""
    loan, seen = library.loan, library.loan.version
    save(head, loan, seen, title="Emma", due_on="2027-03-01")
    answer = save(clerk, loan, seen, title="Emma, third edition", due_on=str(loan.due_on))
    page = clerk.get(answer.location).text
    kept = again(loan)

    assert answer.status_code == 302
    assert (kept.title, str(kept.due_on)) == ("Emma, third edition", "2027-03-01")
    assert "Hedda" in page
    assert "Due" in page
    assert [set(entry.changes) for entry in trail(loan)[1:]] == [{"due_on"}, {"title"}]


def test_the_same_field_twice_is_asked_about_with_both_versions(clerk, head, library):
    """The page shows theirs and mine, who and when; nothing is written until one is chosen."""
    loan, seen = library.loan, library.loan.version
    save(head, loan, seen, title="Emma, by Hedda")
    answer = save(clerk, loan, seen, title="Emma, by Cleo", due_on="2027-05-05")

    assert answer.status_code == 409
    assert "Emma, by Hedda" in answer.text
    assert "Emma, by Cleo" in answer.text
    assert "Hedda," in answer.text
    assert again(loan).title == "Emma, by Hedda"
    assert str(again(loan).due_on) != "2027-05-05"


@pytest.mark.parametrize(("choice", "title"), [("mine", "Emma, by Cleo"), ("theirs", "Emma, by Hedda")])
def test_a_choice_settles_it_and_the_rest_is_saved_too(clerk, head, library, choice, title):
    """What did not clash needs no choice."""
    loan, seen = library.loan, library.loan.version
    save(head, loan, seen, title="Emma, by Hedda")
    page = save(clerk, loan, seen, title="Emma, by Cleo", due_on="2027-05-05").text
    answer = clerk.post(f"/loans/{loan.id}/edit", data={**hidden(page), "choice-title": choice})
    kept = again(loan)

    assert answer.status_code == 302
    assert (kept.title, str(kept.due_on)) == (title, "2027-05-05")


def test_a_choice_counts_only_for_what_was_seen(clerk, head, library):
    """Somebody is faster once more: the question comes again, with the newest version."""
    loan, seen = library.loan, library.loan.version
    save(head, loan, seen, title="Second")
    page = save(clerk, loan, seen, title="Mine").text
    save(head, loan, again(loan).version, title="Third")
    answer = clerk.post(f"/loans/{loan.id}/edit", data={**hidden(page), "choice-title": "mine"})
    settled = clerk.post(f"/loans/{loan.id}/edit", data={**hidden(answer.text), "choice-title": "mine"})

    assert answer.status_code == 409
    assert "Third" in answer.text
    assert settled.status_code == 302
    assert again(loan).title == "Mine"


def test_without_a_choice_the_question_stays(clerk, head, library):
    """A form sent without its radio keeps both versions."""
    loan, seen = library.loan, library.loan.version
    save(head, loan, seen, title="Second")
    page = save(clerk, loan, seen, title="Mine").text
    answer = clerk.post(f"/loans/{loan.id}/edit", data=hidden(page))

    assert answer.status_code == 409
    assert "Mine" in answer.text
    assert again(loan).title == "Second"


def test_two_people_who_want_the_same_do_not_clash(clerk, head, library):
    """Equal values need no question."""
    loan, seen = library.loan, library.loan.version
    save(head, loan, seen, title="Emma II")

    assert save(clerk, loan, seen, title="Emma II").status_code == 302
    assert again(loan).title == "Emma II"


def test_what_was_changed_and_changed_back_does_not_clash(clerk, head, library):
    """The form showed the value that stands there now."""
    loan, seen = library.loan, library.loan.version
    save(head, loan, seen, title="Emma II")
    save(head, loan, again(loan).version, title="Emma")

    assert save(clerk, loan, seen, title="Emma III").status_code == 302
    assert again(loan).title == "Emma III"


def test_an_unchanged_old_value_does_not_undo_the_new_one(clerk, head, library):
    """A form sends every field; only what differs from what it showed is a change."""
    loan, seen = library.loan, library.loan.version
    shown = str(loan.due_on)
    save(head, loan, seen, title="Emma II", due_on="2027-03-01")
    save(clerk, loan, seen, title="Emma", due_on=shown, reader=str(library.ann.id))
    kept = again(loan)

    assert (kept.title, str(kept.due_on)) == ("Emma II", "2027-03-01")


def test_links_clash_and_settle_like_other_fields(clerk, head, library, toy_session):
    """Both names are shown; the chosen one stays."""
    cara, dora = (toys.Reader(card=card, name=name, branch=library.here) for card, name in (("C3", "Cara"), ("C4", "Dora")))
    toy_session.add_all([cara, dora])
    toy_session.commit()
    loan, seen = library.loan, library.loan.version
    save(head, loan, seen, reader=str(cara.id))
    answer = save(clerk, loan, seen, reader=str(dora.id))
    clerk.post(f"/loans/{loan.id}/edit", data={**hidden(answer.text), "choice-reader": "mine"})

    assert answer.status_code == 409
    assert "Cara" in answer.text
    assert "Dora" in answer.text
    assert again(loan).reader_id == dora.id


def test_a_masked_clash_gives_no_number_away(clerk, head, library):
    """Theirs stays masked on the page of who may not see it."""
    ann, seen = library.ann, library.ann.version
    save(head, ann, seen, mobile="13811112222")
    answer = save(clerk, ann, seen, mobile="13833334444")

    assert answer.status_code == 409
    assert "13811112222" not in answer.text
    assert "138****2222" in answer.text


def test_who_merely_looked_meanwhile_changed_nothing(clerk, head, library):
    """The head saves and is then shown the number, which the trail remembers; a new number clashes with nobody's."""
    ann, seen = library.ann, library.ann.version
    save(head, ann, seen, name="Anne")
    head.get(f"/readers/{ann.id}")
    answer = save(clerk, ann, seen, name="Ann", mobile="13833334444")
    kept = again(ann)

    assert trail(ann)[-2].deed is Deed.REVEAL
    assert answer.status_code == 302
    assert (kept.name, kept.mobile) == ("Anne", "13833334444")


def test_children_added_meanwhile_stay(clerk, head, library):
    """A save of the reader neither conflicts with a new loan nor lets go of it."""
    ann, seen = library.ann, library.ann.version
    head.post("/loans/new", data={"reader": str(ann.id), "title": "Persuasion"})
    answer = save(clerk, ann, seen, name="Anne")

    assert answer.status_code == 302
    assert again(ann).name == "Anne"
    assert db.session.scalar(db.select(db.func.count()).where(toys.Loan.reader_id == ann.id)) == 2


def test_an_action_meanwhile_counts_as_a_change(clerk, head, library):
    """A renewal moves the day that a form still shows."""
    loan, seen = library.loan, library.loan.version
    head.post(f"/loans/{loan.id}/do/renew", data={"until": "2027-12-01"})
    answer = save(clerk, loan, seen, due_on="2027-01-31")

    assert answer.status_code == 409
    assert str(again(loan).due_on) == "2027-12-01"


def test_where_the_trail_has_a_gap_everything_is_asked(clerk, library, toy_session):
    """A change that left no entry cannot be told apart from the person's own."""
    loan, seen = library.loan, library.loan.version
    toy_session.execute(db.update(toys.Loan).where(toys.Loan.id == loan.id).values(title="By hand", version=seen + 1))
    toy_session.commit()
    answer = save(clerk, loan, seen, title="Mine")

    assert answer.status_code == 409
    assert "By hand" in answer.text


def test_many_saves_at_once_lose_no_field(toy_app, library):
    """Two people save different fields of one record at the same moment, again and again."""
    loan, path = library.loan, f"/loans/{library.loan.id}/edit"
    clients = client_of(toy_app, "clerk"), client_of(toy_app, "head")
    for turn in range(5):
        seen = again(loan).version
        db.session.rollback()
        forms = {"version": seen, "title": f"Title {turn}"}, {"version": seen, "due_on": f"2027-01-{turn + 1:02}"}
        threads = [
            threading.Thread(target=client.post, args=(path,), kwargs={"data": form}) for client, form in zip(clients, forms, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = again(loan)

        assert (kept.title, str(kept.due_on)) == (f"Title {turn}", f"2027-01-{turn + 1:02}")
