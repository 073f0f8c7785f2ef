"""Work on many rows of a list: who may, which rows are meant, what becomes of each, and the way back."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backoffice.batches import choosing
from backoffice.batches.tables import ROWS, Batch
from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.journal import RunState, Source
from tests import toys
from tests.backoffice.lending import again, client_of, trail
from tests.backoffice.views.many import DAY, batch_of, edit, outcomes, run_of


def test_ticked_rows_get_what_is_switched_on_and_nothing_else(clerk, shelf):
    """Each row by its own rights and state: done, nothing to do, archived, foreign, gone; told, counted, and on the trail under the run."""
    first, second, stored = shelf.volumes[:3]
    second.due_on, stored.archived_at = DAY, clock.now()
    page = edit(clerk, ids=[first.id, second.id, stored.id, shelf.foreign.id, 99999], reason="x")
    run = run_of(page)

    assert [label for label, _why in outcomes(page)] == ["Done", "Nothing to change", "Refused", "Not yours", "Not yours"]
    assert "archived" in outcomes(page)[2][1]
    assert shelf.foreign.loan_no not in page.text
    assert [again(one).due_on == DAY for one in (first, second, stored, shelf.foreign)] == [True, True, False, False]
    assert (first.title, again(shelf.volumes[3]).due_on) == ("Volume 1", date(2027, 1, 4))
    assert (run.state, run.rows, run.updated, run.unchanged, run.refused) == (RunState.APPLIED, 5, 1, 1, 3)
    assert [(one.run_id, one.who, one.source) for one in trail(first)] == [(run.id, "Cleo", Source.PAGE)]
    assert trail(second)[1:] == []


def test_what_changes_is_said_before_it_does(clerk, shelf):
    """The count and the new values; a switch that is off says nothing, and a wrong or missing value stays in the dialog."""
    ids = [one.id for one in shelf.volumes]
    page = edit(clerk, confirmed="review", ids=ids)
    blank = edit(clerk, on=(), confirmed="review", ids=ids)
    wrong = clerk.post("/loans/bulk-edit", data={"batch": batch_of(page), "on": "due_on", "due_on": "soon", "title": "x", "confirmed": "1"})

    assert "Change 5 records?" in page.text
    assert "2027-03-01" in page.text
    assert "Same" not in page.text
    assert (blank.status_code, wrong.status_code) == (422, 422)
    assert 'value="soon"' in wrong.text
    assert [again(one).version for one in shelf.volumes] == [1] * 5


def test_fields_that_are_not_for_everybody_at_once_are_neither_offered_nor_taken(clerk, head, shelf):
    """Locked and hidden ones, keys, what is unique, and personal data: of a masked value an unchanged row would tell what it is."""
    loans = clerk.post("/loans/bulk-edit", data={"ids": [shelf.loan.id]})
    readers = head.post("/readers/bulk-edit", data={"ids": [shelf.ann.id]})
    forged = {"batch": batch_of(readers), "confirmed": "1", "on": ["mobile", "card", "merged_into"], "mobile": "13700000001", "card": "C9"}
    refused = head.post("/readers/bulk-edit", data=forged)
    values = {"on": ["state", "fine", "due_on"], "state": "lost", "fine": "9", "due_on": str(DAY)}
    beside = clerk.post("/loans/bulk-edit", data={"batch": batch_of(loans), "confirmed": "1", **values})

    assert set(re.findall(r'name="on" value="(\w+)"', loans.text)) == {"reader", "title", "due_on"}
    assert set(re.findall(r'name="on" value="(\w+)"', readers.text)) == {"member_since", "branch", "remark"}
    assert (refused.status_code, beside.status_code) == (422, 303)
    assert (again(shelf.ann).card, shelf.ann.mobile) == ("C1", "13900000489")
    assert (again(shelf.loan).state, shelf.loan.fine, shelf.loan.due_on) == (toys.State.OUT, None, DAY)


def test_all_that_match_are_those_of_the_press(clerk, head, shelf, toy_session):
    """The address is read on the server, with the person's rights; what comes later is not among them, what others change meanwhile stays theirs."""
    page = clerk.post("/loans/bulk-edit", data={"all": "1", "of": "q=Volume&sort=-due_on", "ids": [shelf.loan.id]})
    toy_session.add(toys.Loan(reader=shelf.ann, title="Volume 6"))
    head.post(f"/loans/{shelf.volumes[0].id}/edit", data={"version": 1, "title": "Hers"})
    done = clerk.post("/loans/bulk-edit", data={"batch": batch_of(page), "on": "due_on", "due_on": str(DAY), "confirmed": "1"}, follow_redirects=True)

    assert "Change 5 records" in page.text
    assert [label for label, _why in outcomes(done)] == ["Changed meanwhile", "Done", "Done", "Done", "Done"]
    assert outcomes(done)[0][1].startswith("Hedda changed it")
    assert db.session.query(toys.Loan).filter_by(due_on=DAY).count() == 4
    assert again(shelf.loan).due_on != DAY


@pytest.mark.parametrize(("of", "status"), [("nonsense=1", 400), ("sort=nothing", 400), ("q=nobody", 422), ("=%ff&;=", 400), ("fine_from=1", 400)])
def test_a_list_that_cannot_be_meant_is_said(clerk, shelf, of, status):
    """As on the list itself: a filter that is not there, nobody found, a field that the person may not ask about."""
    assert clerk.post("/loans/bulk-edit", data={"all": "1", "of": of}).status_code == status
    assert db.session.scalar(select(Batch.id)) is None


def test_more_rows_than_the_ceiling_are_too_many(clerk, shelf, monkeypatch):
    """It is said in a sentence, and nothing is kept."""
    monkeypatch.setattr(choosing, "CEILING", 4)
    page = clerk.post("/loans/bulk/give_back", data={"all": "1", "of": "q=Volume"})

    assert page.status_code == 422
    assert "more than 4 rows" in page.text
    assert db.session.scalar(select(ROWS.c.place)) is None


def test_a_second_press_leads_to_the_first(clerk, shelf):
    """The same form sent twice is one run; somebody else's rows are nobody's."""
    page = clerk.post("/loans/bulk/renew", data={"ids": [one.id for one in shelf.volumes]})
    form = {"batch": batch_of(page), "confirmed": "1", "until": str(DAY)}
    first, second = clerk.post("/loans/bulk/renew", data=form), clerk.post("/loans/bulk/renew", data=form)
    other = client_of(clerk.application, "head").post("/loans/bulk/renew", data=form)
    strange = [clerk.post("/loans/bulk/renew", data={**form, "batch": number}).status_code for number in ("99999", "abc", "-1", "")]

    assert first.location == second.location
    assert (other.status_code, clerk.post("/readers/bulk-edit", data=form).status_code, *strange) == (404, 404, 404, 404, 404, 404)
    assert [again(one).renewals for one in shelf.volumes] == [1] * 5


def test_a_clerk_takes_back_what_nobody_edited_since(clerk, head, shelf):
    """Without the right to import: the own change of many rows; what somebody else changed since stays, and is named."""
    run = run_of(edit(clerk, ids=[one.id for one in shelf.volumes[:3]]))
    head.post(f"/loans/{shelf.volumes[0].id}/edit", data={"version": 2, "due_on": "2028-01-01"})
    head.post(f"/loans/{shelf.volumes[1].id}/edit", data={"version": 2, "title": "Hers"})
    look = clerk.get(f"/imports/{run.id}/undo")
    page = clerk.post(f"/imports/{run.id}/undo", follow_redirects=True)
    again_ = clerk.post(f"/imports/{run.id}/undo")

    assert "It was edited since, by Hedda" in look.text
    assert page.status_code == 200
    assert [str(again(one).due_on) for one in shelf.volumes[:3]] == ["2028-01-01", "2027-01-02", "2027-01-03"]
    assert shelf.volumes[1].title == "Hers"
    assert trail(shelf.volumes[2])[-1].source is Source.PAGE
    assert again_.status_code in (302, 422)


def test_what_an_action_and_its_rules_wrote_comes_back(clerk, shelf):
    """State and time of return are locked fields; an action of many rows is taken back like a change."""
    page = clerk.post("/loans/bulk/give_back", data={"ids": [shelf.volumes[0].id]})
    done = clerk.post("/loans/bulk/give_back", data={"batch": batch_of(page), "confirmed": "1"}, follow_redirects=True)
    assert again(shelf.volumes[0]).state is toys.State.BACK
    clerk.post(f"/imports/{run_of(done).id}/undo")
    kept = again(shelf.volumes[0])

    assert (kept.state, kept.returned_at) == (toys.State.OUT, None)


def test_rows_are_archived_and_come_back(clerk, head, shelf):
    """By whoever may archive one; the list of archived rows offers to restore them."""
    ids = [one.id for one in shelf.volumes[:2]]
    assert clerk.post("/loans/bulk-archive", data={"ids": ids}).status_code == 403
    for deed, is_gone in (("archive", True), ("restore", False)):
        page = head.post("/loans/bulk-archive", data={"ids": ids, "deed": deed})
        head.post("/loans/bulk-archive", data={"batch": batch_of(page), "deed": deed, "confirmed": "1"})

        assert [again(one).archived_at is not None for one in shelf.volumes[:2]] == [is_gone] * 2
    shelf.volumes[0].archived_at = clock.now()
    page = head.get("/loans/?archived=1").text
    assert 'value="restore"' in page
    assert "bulk-edit" not in page


@pytest.mark.parametrize("page", ["bulk-edit", "bulk-archive", "bulk/give_back"])
def test_whoever_comes_without_rows_is_led_to_the_list(head, shelf, page):
    """After signing in anew the browser asks for the page of the work; it tells what to do and says nothing of records that are gone."""
    answer = head.get(f"/loans/{page}", follow_redirects=True)

    assert (answer.status_code, answer.request.path) == (200, "/loans/")
    assert "Choose the rows again" in answer.text


def test_rows_may_not_be_given_away(clerk, head, shelf):
    """A change that would put a row beyond the person's reach is refused for that row, as by hand; a link is chosen among one's own."""
    page = clerk.post("/loans/bulk-edit", data={"ids": [shelf.loan.id]})
    foreign = clerk.post("/loans/bulk-edit", data={"batch": batch_of(page), "on": "reader", "reader": shelf.bob.id, "confirmed": "1"})

    assert foreign.status_code == 422
    assert again(shelf.loan).reader_id == shelf.ann.id


def test_outcomes_leave_as_a_file_of_keys_for_those_who_may_look(clerk, head, shelf):
    """Another person without a look at runs does not know of it."""
    page = edit(clerk, ids=[shelf.volumes[0].id, shelf.foreign.id])
    path = f"{page.request.path}/outcomes.csv"
    lines = clerk.get(path).text.splitlines()

    assert lines[0].lstrip("\ufeff") == "Loan,Outcome,Reason"
    assert sorted(lines[1:]) == sorted([f"Record {shelf.foreign.id},Not yours,", "V1,Done,"])
    assert client_of(clerk.application, "head").get(path).status_code == 404


def test_what_nobody_acted_on_is_forgotten(clerk, head, shelf, toy_session):
    """After a day; outcomes after a month, when the page says so and the trail still knows."""
    clerk.post("/loans/bulk-edit", data={"ids": [shelf.loan.id]})
    page = edit(clerk, ids=[shelf.volumes[0].id])
    old = clock.now() - timedelta(days=2)
    toy_session.execute(db.update(Batch).values(made_at=old))
    choosing.forget(toy_session())
    kept = toy_session.scalars(select(Batch.run_id)).all()
    toy_session.execute(db.update(Batch).values(made_at=old - timedelta(days=30)))
    choosing.forget(toy_session())
    toy_session.commit()

    assert kept == [run_of(page).id]
    assert "kept for a month" in clerk.get(page.request.path).text
