"""The page of a planned run: what would change, and who sees how much of it."""

from __future__ import annotations

import dataclasses
import re

import pytest

from backoffice.declare import Personal, Verb
from backoffice.declare.journal import ImportRun, RunState
from tests import toys
from tests.backoffice.exchange.staged import stage_run
from tests.support.client import PASSWORD_HASH, sign_in

HEADERS = ["card", "name", "mobile", "branch"]


@pytest.fixture
def people(library, toy_session):
    """The head, her deputy, who may load files as well, and the clerk, who may not; all with a login."""
    library.deputy = toys.Librarian(badge="N3", name="Dora", role=toys.Role.HEAD, branch=library.north)
    toy_session.add(library.deputy)
    for person, login in ((library.head, "hedda"), (library.clerk, "clara"), (library.deputy, "dora")):
        person.login, person.password_hash = login, PASSWORD_HASH
    toy_session.commit()
    return library


@pytest.fixture
def run(people, plans):
    """A file of five rows, one for each verdict."""
    return stage_run(plans["readers"], people.head, HEADERS, [
        {"verdict": "c", "values": {"card": "C8", "name": "Zoe", "mobile": "13900000008", "branch": people.main}},
        {"verdict": "m", "record": people.ann, "values": {"card": "C1", "name": "Anna", "mobile": "13700000007", "branch": people.north}},
        {"verdict": "u", "record": people.bob, "values": {"card": "C2", "name": "Bob"}},
        {"verdict": "r", "values": {"card": "C9", "name": "Yan"}, "raw": ["C9", "Yan", "12345", "B2"],
         "errors": [("mobile", "12345", "invalid_phone", "This is no phone number.")]},
        {"verdict": "x", "record": people.bob, "values": {"card": "C2", "name": "Robert"}, "raw": ["C2", "Robert", "", ""],
         "notices": [("name", "Robert", "other_name", "The same phone has another name.")]},
    ])


@pytest.fixture
def head(run, toy_app):
    return sign_in(toy_app.test_client(), "hedda")


def read(client, run, **query):
    return client.get(f"/imports/{run.id}", query_string=query).get_data(as_text=True)


def text_of(page):
    """What one reads, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main"):]).split())


def test_counts_lead_to_their_rows(head, run):
    """What needs the person comes first; each count is the way to its rows."""
    first = read(head, run)
    views = {view: text_of(read(head, run, show=view)) for view in ("new", "changed", "unchanged", "decide", "refused", "notices")}

    assert re.findall(r'tile-count">(\d+)<', first) == ["1", "1", "1", "1", "1", "1"]
    assert 'aria-current="true"><span class="tile-label">待确认' in first
    assert "The same phone has another name." in first
    assert {view: [card for card in ("C8", "C1 Ann", "C2 Bob", "C9") if card in page] for view, page in views.items()} == {
        "new": ["C8"], "changed": ["C1 Ann"], "unchanged": ["C2 Bob"], "decide": ["C2 Bob"], "refused": ["C9"], "notices": ["C2 Bob"],
    }


def test_only_changed_cells_are_shown_with_old_and_new(head, run):
    """The number of the card did not change; the branch is called by its name."""
    page = text_of(read(head, run, show="changed"))

    assert re.search(r"姓名 修改前: Ann 修改后: Anna", page)
    assert re.search(r"分馆 修改前: Main 修改后: North", page)
    assert "借书证 修改前" not in page


def test_old_personal_values_stay_masked_and_the_own_file_is_plain(head, run):
    """An import is no way to read what the pages mask."""
    page = read(head, run, show="changed")

    assert ("139****0001" in page, "13900000001" in page, "13700000007" in page) == (True, False, True)


def test_a_record_that_changed_since_is_marked(head, run, people, toy_session):
    """The old value is the one of now, and the page says that it is another one than was compared."""
    before = text_of(read(head, run, show="changed"))
    toy_session.get(toys.Reader, people.ann.id).name = "Annie"
    toy_session.commit()
    after = text_of(read(head, run, show="changed"))

    assert ("之后有变动" in before, "之后有变动" in after, "Annie" in after) == (False, True, True)


@pytest.mark.parametrize(("words", "found"), [("C8", True), ("zoe", True), ("13900000008", True), ("2", True), ("Main", False), ("%", False), ("C9", False)])
def test_rows_are_found_by_what_their_cells_say(head, run, words, found):
    """By a key, a part of a text, a number, the line of the file; a sign of the query language means itself."""
    page = text_of(read(head, run, show="new", q=words))

    assert ("Zoe" in page) is found


def test_refused_rows_are_found_by_what_the_file_says(head, run):
    """Also by a text that is no value."""
    assert "Yan" in read(head, run, show="refused", q="2345")
    assert "Yan" not in read(head, run, show="refused", q="99999")


def test_a_long_list_is_read_page_by_page(people, plans, toy_app):
    """On and back by row numbers; nothing twice, nothing lost."""
    rows = [{"verdict": "c" if number % 2 else "u", "values": {"card": f"D{number:03}", "name": f"N{number}"}} for number in range(1, 251)]
    run = stage_run(plans["readers"], people.head, HEADERS, rows)
    head, address, seen = sign_in(toy_app.test_client(), "hedda"), f"/imports/{run.id}?show=new", []
    while address:
        page = head.get(address).get_data(as_text=True)
        seen.append(re.findall(r"D\d{3}", text_of(page)))
        onward = re.search(r'href="(\?[^"]*after=\d+)#rows"', page)
        address = f"/imports/{run.id}{onward[1].replace('&amp;', '&')}" if onward else None
    back = re.search(r'href="(\?[^"]*before=\d+)#rows"', page)[1].replace("&amp;", "&")

    assert [card for cards in seen for card in cards] == [f"D{number:03}" for number in range(1, 251, 2)]
    assert re.findall(r"D\d{3}", text_of(head.get(f"/imports/{run.id}{back}").get_data(as_text=True))) == seen[-2]


@pytest.mark.parametrize("query", [{"show": "shoes"}, {"after": "x"}, {"before": "0"}, {"after": "9" * 30}, {"q": "x" * 200}])
def test_an_address_that_makes_no_sense(head, run, query):
    """400 with a sentence."""
    assert head.get(f"/imports/{run.id}", query_string=query).status_code == 400


def test_a_run_is_for_its_owner(run, toy_app):
    """To others it does not exist, until they are asked to approve it; whoever may not load such files never sees it."""
    clerk, deputy = (sign_in(toy_app.test_client(), login) for login in ("clara", "dora"))

    assert [one.get(f"/imports/{run.id}").status_code for one in (clerk, deputy)] == [404, 404]
    assert clerk.get("/imports/999999").status_code == 404
    assert clerk.get("/imports/x").status_code == 404


def test_who_is_asked_sees_somebody_elses_personal_values_masked(run, toy_app, toy_session):
    """The file is not the approver's own; what is not personal is plain, and nobody finds by a covered value."""
    toy_session.get(ImportRun, run.id).state = RunState.WAITING
    toy_session.commit()
    deputy = sign_in(toy_app.test_client(), "dora")
    pages = "".join(read(deputy, run, show=view) for view in ("new", "changed", "refused", "decide"))

    assert ("13700000007" in pages, "12345" in pages, "137****0007" in pages, "Anna" in pages, "Yan" in pages) == (False, False, True, True, True)
    assert "Zoe" not in read(deputy, run, show="new", q="13900000008")
    assert "C9" not in text_of(read(deputy, run, show="refused", q="12345"))
    assert deputy.get(f"/imports/{run.id}/errors.csv").status_code == 403
    assert deputy.post(f"/imports/{run.id}/cells", data={"row": "4", "c1": "x"}).status_code == 403


def test_hidden_fields_and_foreign_rows_stay_hidden(people, plans, toy_app, toy_session, monkeypatch):
    """A clerk who may load files of readers sees nothing of readers elsewhere, and no personal field that the role does not have."""
    rights = dict(plans["readers"].resource.rights)
    verbs = Verb.READ | Verb.CREATE | Verb.UPDATE | Verb.IMPORT
    rights[toys.Role.CLERK] = dataclasses.replace(rights[toys.Role.CLERK], verbs=verbs, personal=Personal.HIDDEN)
    monkeypatch.setitem(plans["readers"].__dict__, "resource", dataclasses.replace(plans["readers"].resource, rights=rights))
    run = stage_run(plans["readers"], people.clerk, HEADERS, [
        {"verdict": "m", "record": people.ann, "values": {"card": "C1", "mobile": "13700000007"}},
        {"verdict": "r", "record": people.bob, "values": {"card": "C2", "name": "Bert"}, "raw": ["C2", "Bert", "", ""],
         "errors": [("card", "C2", "not_yours", "This record is not among those that you may change.")]},
    ])
    clerk = sign_in(toy_app.test_client(), "clara")
    changed, refused = read(clerk, run, show="changed"), text_of(read(clerk, run, show="refused"))

    assert ("139****0001" in changed, "••••••" in changed, "13700000007" in changed) == (False, True, True)
    assert ("Bob" in refused, "C2" in refused) == (False, True)


def test_a_run_whose_rows_are_gone_says_what_to_do(run, toy_app, toy_session):
    """After a week the file has gone."""
    from backoffice.exchange import runs
    from backoffice.exchange import stage as staging

    staging.forget(run.id)
    runs.forget(run)
    page = sign_in(toy_app.test_client(), "hedda").get(f"/imports/{run.id}")

    assert (page.status_code, "请重新上传" in page.get_data(as_text=True)) == (200, True)


def test_a_receipt_without_staged_rows_tells_by_the_trail(people, load, toy_app, toy_session):
    """A run of the command line: counts, reasons kept, and each record that was written, with masks."""
    receipt = load("readers", "card,name,mobile,branch\nC1,Anna,13700000007,B1\nC8,Zoe,,B1\nC9,Yan,12,B1\n", people.head, skip_invalid=True)
    head = sign_in(toy_app.test_client(), "hedda")
    page = head.get(f"/imports/{receipt.run}").get_data(as_text=True)

    assert re.findall(r'tile-count">(\d+)<', page)[:2] == ["1", "1"]
    assert f'href="/readers/{people.ann.id}">C1 Ann' in page
    assert ("invalid_phone" in page, "137****0007" in page, "13700000007" in page) == (True, True, False)
