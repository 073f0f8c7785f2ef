"""The columns of a flat file: matched noun by noun, blank cells, texts that mean nothing, what is given for all lines, what is remembered."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from backoffice.declare.journal import RunState
from backoffice.exchange import guessing
from backoffice.exchange.goals import goals
from backoffice.exchange.options import Options
from models.complaints import Complaint
from models.customers import Customer
from models.order_states import ServiceType
from models.orders import ServiceOrder
from models.roles import Role
from models.vehicles import Vehicle
from tests import toys
from tests.backoffice.exchange.test_layout_pages import head, send
from tests.backoffice.exchange.uploads import count, fields, run_of
from tests.backoffice.lending import client_of
from tests.factories import make_staff, make_store
from tests.support.client import PASSWORD_HASH, sign_in
from tests.support.jobs import work_off

__all__ = ["head"]
FOREIGN = "Ausweis,Kunde,Haus,Heft,Werk,Hut\nC1,Ann,Main house,L7,It,red\nC9,Eve,Main house,L8,Dune,\nC9,Eve,Main house,L9,Emma,blue\n"
MATCHED = {"field.0": "readers.card", "field.1": "readers.name", "field.2": "readers.branch", "field.3": "loans.loan_no", "field.4": "loans.title"}


def options_of(address: str) -> Options:
    return Options.from_json(run_of(address).options)


def page_of(client, text: str, **form: str) -> tuple[str, str]:
    """The address of the page about the columns of a sheet, and what it says."""
    address = send(client, text, **form).headers["Location"]
    return address, client.get(address).get_data(as_text=True)


def guesses(app, headers: list[str], person) -> dict[str, tuple[str | None, str]]:
    found = guessing.guess(person, app.extensions["layouts"]["desk-sheets"], headers)
    return {one.heading: (one.goal.word if one.goal else None, one.how) for one in found}


def test_headers_are_guessed_noun_by_noun(toy_app, head, toy_session):
    """By name, label, alias, with the noun before it, or because they look alike; what no noun takes from lines is left out."""
    hedda = toy_session.scalars(select(toys.Librarian).where(toys.Librarian.login == "head")).one()
    found = guesses(toy_app, ["CARD", "姓名", "读者证号", "Loan no. *", "notes.text", "created_at", "renewals", "Hut"], hedda)

    assert found == {
        "CARD": ("readers.card", "name"), "姓名": ("readers.name", "label"), "读者证号": (None, "unknown"), "Loan no. *": ("loans.loan_no", "similar"),
        "notes.text": ("notes.text", "name"), "created_at": (None, "unknown"), "renewals": (None, "unknown"), "Hut": (None, "unknown"),
    }


def test_the_page_offers_the_fields_of_each_noun(head):
    """With their noun, for several have a name; with samples, and without what only one noun's files have."""
    address, page = page_of(head, FOREIGN, branch="B1")

    assert address.endswith("/mapping")
    assert re.findall(r'<optgroup label="(\w+)">', page)[:3] == ["Readers", "Loans", "Notes"]
    assert '<option value="readers.name">Readers · Name *</option>' in page
    assert "<span>Ann</span><span>Eve</span>" in page
    assert [name for name in ("key", "mode", "match") if f'name="{name}"' in page] == []


def test_a_sheet_with_foreign_headers_is_matched_and_written(head, toy_app, toy_session):
    """Columns chosen by hand, one text for a link, one column left out: the records are there, each once."""
    address, page = page_of(head, FOREIGN)
    form = fields(page) | MATCHED | {"field.5": "", "bad.readers.branch": "Main house", "value.readers.branch.0_key": "B1", "do": "check"}
    checked = head.post(address, data=form)
    options = options_of(address)
    work_off(toy_app)
    planned = run_of(address)

    assert (checked.status_code, planned.state, planned.refused) == (302, RunState.PLANNED, 0)
    assert options.columns == {
        "Ausweis": "readers.card", "Kunde": "readers.name", "Haus": "readers.branch", "Heft": "loans.loan_no", "Werk": "loans.title", "Hut": "",
    }
    assert options.values == {"readers.branch": {"Main house": "B1"}}

    head.post(checked.headers["Location"] + "/apply", data={"skip_invalid": "1"})
    work_off(toy_app)
    eve = toy_session.scalars(select(toys.Reader).where(toys.Reader.card == "C9")).one()

    assert (run_of(address).state, eve.name, eve.branch.code) == (RunState.APPLIED, "Eve", "B1")
    assert sorted(loan.loan_no for loan in eve.loans) == ["L8", "L9"]


def test_the_page_says_at_once_what_is_missing(head):
    """Nothing matched; a noun without a key; a noun whose new records lack something; nouns that the file does not tell of."""
    address, page = page_of(head, FOREIGN)
    form = fields(page)
    nameless = head.post(f"{address}/live", data=form | {"field.1": "readers.name", "field.3": "loans.loan_no"}).get_data(as_text=True)
    lacking = head.post(f"{address}/live", data=form | {"field.0": "readers.card", "field.3": "loans.loan_no"}).get_data(as_text=True)
    twice = head.post(f"{address}/live", data=form | {"field.0": "readers.card", "field.1": "readers.card"}).get_data(as_text=True)
    refused = head.post(address, data=form | {"field.1": "readers.name", "do": "check"})

    assert "No column goes to a field yet." in page
    assert "Readers: no column says which record a line means: Mobile." in nameless
    assert "New records of Readers also need: Name, Branch." in lacking
    assert "The file says nothing of: Notes." in lacking
    assert "“Ausweis” and “Kunde” both mean the field Card." in twice
    assert (refused.status_code, run_of(address).state) == (422, RunState.UPLOADED)


def test_what_holds_for_all_lines_is_asked_for_where_no_column_says_it(head):
    """The branch, until a column goes to it; what was given when the file was sent is kept."""
    address, page = page_of(head, FOREIGN, branch="B1")
    form = fields(page) | MATCHED | {"field.2": ""}
    asked = head.post(f"{address}/live", data=form).get_data(as_text=True)
    covered = head.post(f"{address}/live", data=form | {"field.2": "readers.branch"}).get_data(as_text=True)
    head.post(address, data=form | {"given.branch": "B2", "do": "save", "name": "x"})

    assert re.search(r'name="given.branch" value="B1"', asked)
    assert "given.branch" not in covered
    assert "also need" not in asked
    assert options_of(address).given == {"branch": "B2"}


def test_what_each_key_finds_is_counted_noun_by_noun(head):
    """Ann is known, Eve is not and stands on two lines; a note is found by its loan and so is not counted before."""
    address, page = page_of(head, FOREIGN.replace("Hut", "line_no"))
    live = head.post(f"{address}/live", data=fields(page) | MATCHED | {"field.5": "notes.line_no"}).get_data(as_text=True)
    found = dict(re.findall(r'id="finds-(\w+)">([^<]+)<', live))
    numbers = re.findall(r"<dd>(\d+)</dd>", live)

    assert found == {"readers": "Readers: found by Card", "loans": "Loans: found by Loan no.", "notes": "Notes: found by Loan + Line"}
    assert numbers == ["2", "0", "1", "1", "0", "3", "0", "3", "0", "0"]
    assert "it depends on other records of the same line" in live


def test_blank_cells_do_as_the_layout_says_unless_somebody_chooses(head, toy_app, toy_session):
    """An address only fills what is empty; chosen otherwise, the file's takes its place."""
    ann = toy_session.scalars(select(toys.Reader).where(toys.Reader.card == "C1")).one()
    ann.email = "old@example.com"
    toy_session.commit()
    text = "card,name,email,loan_no,title\nC1,Ann,new@example.com,L7,\n"
    for chosen, expected in (("", "old@example.com"), ("keep", "new@example.com"), ("clear", None)):
        address, page = page_of(head, text if expected else text.replace("new@example.com", ""), branch="B1")
        checked = head.post(address, data=fields(page) | {"blank.2": chosen, "do": "check"})
        work_off(toy_app)
        head.post(checked.headers["Location"] + "/apply", data={"skip_invalid": "1"})
        work_off(toy_app)
        toy_session.rollback()

        assert toy_session.scalar(select(toys.Reader.email).where(toys.Reader.card == "C1")) == expected


def test_a_source_is_remembered_and_offered(head, toy_session):
    """Columns, blank cells and texts; what is given for all lines is asked for each time."""
    address, page = page_of(head, FOREIGN, branch="B2")
    form = fields(page) | MATCHED | {"blank.1": "fill", "bad.readers.branch": "Main house", "value.readers.branch.0_key": "B1", "do": "save", "name": "Desk"}
    head.post(address, data=form)
    other, second = page_of(head, FOREIGN.replace("Hut", "Schuh"), branch="B1")
    options = options_of(other)

    assert "as remembered: Desk" in second
    assert (options.columns["Ausweis"], options.columns["Schuh"], options.policies) == ("readers.card", "", {"readers.name": "fill"})
    assert (options.values, options.given) == ({"readers.branch": {"Main house": "B1"}}, {"branch": "B1"})


def test_a_planned_sheet_is_matched_anew(head, toy_app):
    """Back from the review to the columns, with the choices as they were."""
    address, page = page_of(head, FOREIGN, branch="B1")
    checked = head.post(address, data=fields(page) | MATCHED | {"do": "check"})
    work_off(toy_app)
    review = head.get(checked.headers["Location"]).get_data(as_text=True)
    again = head.get(address).get_data(as_text=True)

    assert f'href="{address}"' in review
    assert fields(again) | MATCHED == fields(again)


def test_the_page_is_for_its_owner(head, toy_app):
    """A clerk, who imports none of it, does not know of the run."""
    address, _page = page_of(head, FOREIGN)

    assert client_of(toy_app, "clerk").get(address).status_code == 404


@pytest.fixture
def workshop(app, session):
    """An administrator at a store, with an advisor."""
    store = make_store(session, code="S1")
    make_staff(session, staff_no="E1", store=store)
    make_staff(session, staff_no="E2", store=store, role=Role.ADMIN, login="ada", password_hash=PASSWORD_HASH)
    session.commit()
    client = sign_in(app.test_client(), "ada")
    client.set_cookie("language", "en")
    return client


ABROAD = (
    "Ref,Date,Person,Fon,Reg,Chassis,Kind,Who,House,Trouble,Weather\n"
    "WT1,2026-03-01 09:10,王芳,139 2258 0489,京A12345,LSVAM418907184847,Service,E1,总店,,rain\n"
    "WT2,2026-04-02 10:00,王芳,13922580489,京A12345,lsvam418907184847,保养,E1,总店,空调异响,sun\n"
)
GOES = (
    "orders.order_no", "orders.checked_in_at", "customers.name", "customers.phone", "vehicles.plate", "vehicles.vin", "orders.service_type",
    "orders.advisor", "store", "complaints.description", "",
)


def send_abroad(client):
    head = b'--B\r\nContent-Disposition: form-data; name="file"; filename="abroad.csv"\r\n\r\n'
    return client.post(
        "/import/workshop-orders", data=head + ABROAD.encode() + b"\r\n--B--\r\n", content_type="multipart/form-data; boundary=B",
    ).headers["Location"]


def test_one_column_may_serve_several_nouns(workshop, app, session):
    """The store of customer, order and complaint: its unknown name is decided once for all three, and what is unknown of a choice too."""
    address = send_abroad(workshop)
    page = workshop.get(address).get_data(as_text=True)
    form = fields(page) | {f"field.{place}": word for place, word in enumerate(GOES)} | {
        "bad.store": "总店", "value.store.0_key": "S1", "bad.orders.service_type": "Service", "value.orders.service_type.0": "maintenance",
    }
    live = workshop.post(f"{address}/live", data=form).get_data(as_text=True)
    checked = workshop.post(address, data=form | {"do": "check"})
    work_off(app)
    run = run_of(address)

    assert "Customers, Service orders, Complaints · Store: texts that mean nothing yet" in live
    assert '<option value="maintenance" selected>' in live
    assert (run.state, run.refused, run.created) == (RunState.PLANNED, 0, 5)

    workshop.post(checked.headers["Location"] + "/apply", data={"skip_invalid": "1"})
    work_off(app)

    assert [count(model) for model in (Customer, Vehicle, ServiceOrder, Complaint)] == [1, 1, 2, 1]
    assert {order.store.code for order in session.scalars(select(ServiceOrder))} == {"S1"}
    assert [order.service_type for order in session.scalars(select(ServiceOrder))] == [ServiceType.MAINTENANCE] * 2


def test_what_is_offered_twice_is_one_choice(app):
    """Every word of a goal is its own, and each plain word stands for all the nouns that have it."""
    found = goals(app.extensions["layouts"]["workshop-orders"])
    shared = {one.word: sorted(plan.name for plan, _field in one.feeds) for one in found if one.is_shared}

    assert len({one.word for one in found}) == len(found)
    assert shared == {"store": ["complaints", "customers", "orders"]}
