"""Columns that a person chose: which, in which order, how wide; remembered for the person and the list."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from backoffice.db import db
from backoffice.declare import Right, Verb
from backoffice.declare.views import SavedView, own_or_shared
from backoffice.views.tables import ListColumns
from tests import toys
from tests.backoffice.views.reading import sentence, texts

USUAL = ["Loan no.", "Reader", "Title", "State", "Due"]


def heads(client, address="/loans/"):
    """The heads of the columns."""
    page = client.get(address).get_data(as_text=True)
    inside = page.partition("<thead>")[2].partition("</thead>")[0]
    return [text for part in inside.split("<th ") if "data-field" in part and (text := re.sub(r"<[^>]*>", "", f"<th {part}").strip())]


def choose(client, *names, address="/loans/columns", **form):
    return client.post(address, data={"columns": list(names), **form})


def test_columns_are_chosen_and_ordered_for_the_person_alone(clerk, head, library):
    choose(clerk, "title", "loan_no", "created_at")

    assert heads(clerk) == ["Title", "Loan no.", "Created"]
    assert heads(head) == [*USUAL, "Fine"]
    assert 'data-label="Loan no."' in clerk.get("/loans/").get_data(as_text=True)

    choose(clerk, deed="reset")

    assert heads(clerk) == USUAL


def test_what_one_may_not_see_is_no_column_and_vanishes_with_the_right(clerk, library, toy_session, monkeypatch):
    assert choose(clerk, "title", "fine").status_code == 400
    assert choose(clerk, "title", "password_hash").status_code == 400
    toy_session.add(ListColumns(user_id=library.clerk.id, resource="loans", view_id=0, columns="fine:100,title,gone,title:90,no good:7"))
    toy_session.commit()

    assert heads(clerk) == ["Title"]

    monkeypatch.setitem(toys.Loan.__resource__.rights, toys.Role.CLERK, Right(Verb.READ, hidden=frozenset({"title", "fine"})))

    assert heads(clerk) == ["Loan no.", "Reader", "State", "Due"]


def test_a_list_has_a_column_and_not_too_many(clerk, library, monkeypatch):
    none = choose(clerk)
    monkeypatch.setattr("backoffice.views.column_choice.MOST", 2)
    many = choose(clerk, "title", "loan_no", "state")

    assert (none.status_code, many.status_code) == (422, 422)
    assert "at most 2 columns" in sentence(many)
    assert heads(clerk) == USUAL


def test_the_arrows_of_the_dialog_work_without_scripts(clerk, library):
    """The form comes back with the line moved; nothing is remembered until it is sent."""
    answer = choose(clerk, "loan_no", "title", "state", move="up:state").get_data(as_text=True)

    assert answer.index('id="col-loan_no"') < answer.index('id="col-state"') < answer.index('id="col-title"')
    assert heads(clerk) == USUAL
    assert choose(clerk, "loan_no", move="sideways:loan_no").status_code == 200
    assert choose(clerk, "loan_no", deed="burn").status_code == 400


def test_a_width_is_remembered_within_bounds(clerk, library):
    for width in ("200", "9999"):
        answer = choose(clerk, deed="width", name="title", width=width)
        assert answer.status_code == 204
    page = clerk.get("/loans/").get_data(as_text=True)

    assert ".rows .c-title { width: 800px;" in page
    assert heads(clerk) == USUAL
    assert choose(clerk, deed="width", name="title", width="wide").status_code == 400

    choose(clerk, "title", "state")

    assert "c-title { width: 800px" in clerk.get("/loans/").get_data(as_text=True)

    choose(clerk, deed="width", name="title", width="")

    assert "c-title" not in clerk.get("/loans/").get_data(as_text=True)


def test_an_export_offers_the_chosen_columns_in_their_order(head, library):
    every = head.get("/loans/export").get_data(as_text=True)
    choose(head, "title", "state")
    chosen = head.get("/loans/export").get_data(as_text=True)

    def ticked(page):
        return [part.partition('"')[0] for part in page.split('name="columns" id="column-')[1:] if " checked" in part.partition(">")[0]]

    assert len(ticked(every)) > 6
    assert ticked(chosen) == ["title", "state"]
    assert ticked(head.get("/loans/export?pick=all").get_data(as_text=True)) == ticked(every)
    assert ticked(head.get("/loans/export?pick=list&state=out").get_data(as_text=True)) == ["title", "state"]
    assert head.get("/loans/export?pick=none").status_code == 400
    assert "pick" not in head.post("/loans/export", data={"format": "csv", "pick": "list"}).headers["Location"]


def test_a_view_brings_its_columns_and_each_person_may_choose_others(clerk, head, library, monkeypatch):
    """What one person chooses in a view of all changes it for nobody else, and the list beside it stays as it was."""
    monkeypatch.setitem(SavedView.__resource__.rights, toys.Role.HEAD, Right(Verb.READ | Verb.UPDATE, own_or_shared))
    choose(head, "title", "fine", "state")
    head.post("/loans/views/new?state=out", data={"name": "Titles", "audience": "all"})
    view = db.session.scalar(select(SavedView))
    address = f"/loans/?state=out&view={view.id}"

    assert view.columns == "title,fine,state"
    assert heads(clerk, address) == ["Title", "State"]
    assert heads(clerk) == USUAL

    choose(clerk, "state", address=f"/loans/columns?view={view.id}")

    assert heads(clerk, address) == ["State"]
    assert heads(head, address) == ["Title", "Fine", "State"]

    head.post(f"/loans/views/{view.id}/delete")
    db.session.rollback()

    assert db.session.scalar(select(func.count()).select_from(ListColumns).where(ListColumns.view_id != 0)) == 0


def test_the_dialog_comes_back_to_the_list_and_nowhere_else(clerk, library):
    here = choose(clerk, "title", next="/loans/?state=out")
    elsewhere = choose(clerk, "title", next="https://elsewhere.example/")

    assert here.headers["Location"] == "/loans/?state=out"
    assert elsewhere.headers["Location"] == "/loans/"
    assert texts(clerk.get("/loans/columns?view=abc"), "form-text")


@pytest.mark.parametrize("login", ["clerk", "head"])
def test_masked_stays_masked_in_a_chosen_column(request, login, library):
    client = request.getfixturevalue(login)
    choose(client, "card", "email", "mobile", address="/readers/columns")
    page = client.get("/readers/").get_data(as_text=True)

    assert "139****0489" in page
    assert "13900000489" not in page
