"""A flat file on its page: sent, its columns looked at, checked in the background, reviewed noun by noun, written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.declare.journal import ImportRun, RunState
from tests import toys
from tests.backoffice.exchange.uploads import fields, kept, run_of
from tests.backoffice.lending import client_of, stock
from tests.support.jobs import work_off

SHEET = "card,name,mobile,loan_no,title,line_no,text\nC1,Ann,,L7,It,1,late\nC9,Eve,139 0000 0489,L8,Dune,,\n"


@pytest.fixture
def head(toy_app, toy_session) -> Any:
    stock(toy_session)
    return client_of(toy_app, "head")


def send(client: Any, text: str, **form: str) -> Any:
    """Send a sheet as a browser does."""
    parts = [f'--B\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n' for field, value in form.items()]
    file = f'--B\r\nContent-Disposition: form-data; name="file"; filename="sheet.csv"\r\n\r\n{text}\r\n--B--\r\n'
    return client.post("/import/desk-sheets", data="".join([*parts, file]).encode(), content_type="multipart/form-data; boundary=B")


def check(client: Any, text: str, **form: str) -> str:
    """Send a sheet and have it checked with the columns as they were guessed; the address of the run."""
    address = send(client, text, **form).headers["Location"]
    answer = client.post(address, data=fields(client.get(address).get_data(as_text=True)) | {"do": "check"})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def test_the_page_says_what_may_stand_in_the_file(head):
    """Each noun with its columns; the branch is the person's own unless another is given. The nouns' own pages lead there."""
    page = head.get("/import/desk-sheets").get_data(as_text=True)

    assert [name for name in ("Readers", "Loans", "Notes") if f">{name}</h2>" in page] == ["Readers", "Loans", "Notes"]
    assert re.search(r'name="branch" value="B1"', page)
    assert 'href="/import/desk-sheets"' in head.get("/loans/import").get_data(as_text=True)


def test_a_flat_file_is_reviewed_noun_by_noun_and_written(head, toy_app, toy_session):
    """Eve has Ann's mobile: her row waits until somebody decides, and her loan is held back with her."""
    address = check(head, SHEET, branch="B1")
    assert work_off(toy_app) == 1
    run = run_of(address)
    page = head.get(address).get_data(as_text=True)

    assert (run.state, run.resource, run.rows, run.conflicts) == (RunState.PLANNED, "desk-sheets", 5, 1)
    assert all(f"part={name}" in page for name in ("readers", "loans", "notes"))


def test_who_does_not_import_every_noun_finds_no_page(toy_app, head):
    """For a clerk there is nothing at the address, and nothing at the address of no layout."""
    assert client_of(toy_app, "clerk").get("/import/desk-sheets").status_code == 404
    assert head.get("/import/readers").status_code == 404


@pytest.mark.parametrize("text", ["", "hello", "\x89PNG\r\n\x1a\n" + "\0" * 200])
def test_a_file_that_is_no_table_leads_back_with_a_sentence(head, toy_session, text):
    """422, a reason, and nothing is kept."""
    before = kept()
    answer = send(head, text)

    assert (answer.status_code, 'note-bad"' in answer.get_data(as_text=True)) == (422, True)
    assert (kept(), toy_session.scalars(select(ImportRun)).all()) == (before, [])


def test_what_is_not_finished_waits_on_the_page(head, toy_session):
    """The next visit leads back to its columns."""
    address = send(head, SHEET).headers["Location"]
    page = head.get("/import/desk-sheets").get_data(as_text=True)

    assert f'href="{address.removesuffix("/mapping")}">Match its columns' in page


def test_what_was_decided_is_written_with_all_that_hangs_on_it(head, toy_app, toy_session):
    """The reader is new after all: taken, her loan comes along."""
    address = check(head, SHEET, branch="B1")
    work_off(toy_app)
    decided = head.post(f"{address}/decide", data={"part": "readers", "row": "2", "choice": "take"})
    work_off(toy_app)
    applied = head.post(f"{address}/apply")
    work_off(toy_app)
    run = run_of(address)
    eve = toy_session.scalars(select(toys.Reader).where(toys.Reader.card == "C9")).one()

    assert (decided.status_code, applied.status_code, run.state) == (302, 302, RunState.APPLIED)
    assert [loan.loan_no for loan in eve.loans] == ["L8"]
