"""The page about the columns of a file: guesses, choices by hand, what a key finds, unknown texts, and what is remembered of a source."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from backoffice.access import SYSTEM
from backoffice.declare.journal import RunState
from backoffice.exchange import counting, guessing, runs, surveying
from backoffice.exchange.mapping import headings
from backoffice.exchange.options import Options
from backoffice.exchange.tables import ImportProfile
from backoffice.jobs.tables import Job
from backoffice.jobs.tasks import TASKS, Task
from tests import toys
from tests.backoffice.exchange.uploads import fields, page_of, run_of, upload
from tests.support.client import sign_in

FOREIGN = "No.,Reader,Tel,House,Shoes\nC1,Anna,13900000001,B1,38\nC8,Zoe,13900000008,Main house,39\nC9,Yan,12,Main house,40\nC9,Xu,,B2,41\n"


@pytest.fixture
def planning(monkeypatch):
    """Nothing is checked here: the job only has to be there."""
    monkeypatch.setitem(TASKS, "import.plan", Task("import.plan", lambda _ticket: None))


def options_of(address):
    return Options.from_json(run_of(address).options)


def guesses(plans, resource, headers, person=SYSTEM):
    found = guessing.guess(person, plans[resource], headers)
    return {one.heading: (one.field.name if one.field else None, one.how) for one in found}


def test_headers_are_guessed_and_the_page_says_how(plans, library):
    """By name, label, alias, key of the other side, or because they look alike; the system's own columns and strangers are left out."""
    found = guesses(plans, "readers", ["CARD", "姓名", "Mobile *", "code", "E-mail（选填）", "created_at", "Shoes", ""])

    assert found == {
        "CARD": ("card", "name"), "姓名": ("name", "label"), "Mobile *": ("mobile", "similar"), "code": ("branch", "key"),
        "E-mail（选填）": ("email", "similar"), "created_at": (None, "system"), "Shoes": (None, "unknown"), "#8": (None, "unknown"),
    }
    assert guesses(plans, "loans", ["借书人"])["借书人"] == ("reader", "alias")


def test_of_two_columns_the_surer_one_keeps_the_field(plans):
    """A header that only looks alike gives way; two that are equally sure are shown to the person."""
    assert guesses(plans, "readers", ["name*", "name"]) == {"name*": (None, "unknown"), "name": ("name", "name")}
    assert guesses(plans, "readers", ["name", "Name"]) == {"name": ("name", "name"), "Name (2)": ("name", "name")}
    assert headings(["a", "A", "", "a"]) == ["a", "A (2)", "#3", "a (3)"]


def test_fields_that_the_role_may_not_write_are_not_offered(plans, library):
    """A hidden field does not exist; a locked one is only compared, unless history may be imported."""
    clerk, head_plan = library.clerk, plans["loans"]
    names = {one.name for one in guessing.writable(clerk, head_plan)}

    assert "fine" not in names | {one.name for one in guessing.comparable(clerk, head_plan)}
    assert guesses(plans, "loans", ["fine"], clerk)["fine"] == (None, "unknown")
    assert "state" in {one.name for one in guessing.writable(library.head, head_plan)}


def test_personal_fields_find_records_only_for_those_who_read_them(plans, library):
    """Else a match would tell who has a number."""
    assert "mobile" in {one.name for one in guessing.findable(library.head, plans["readers"])}
    assert "mobile" not in {one.name for one in guessing.findable(library.clerk, plans["readers"])}


def test_the_page_shows_each_column_with_samples(head):
    """Header, first different values, field; the blank column is not there."""
    _address, page = page_of(head, "card,姓名,branch,Shoes,\nC1,Anna,B1,38,\nC1,Bob,B1,39,\nC8,Zoe,B1,,\n")

    assert re.findall(r'map-file">\s*<strong>([^<]+)</strong>', page) == ["card", "姓名", "branch", "Shoes"]
    assert "<span>Anna</span><span>Bob</span><span>Zoe</span>" in page
    assert fields(page) | {"field.3": ""} == fields(page)
    assert {name: value for name, value in fields(page).items() if name.startswith("field.")} == {
        "field.0": "card", "field.1": "name", "field.2": "branch", "field.3": "",
    }


def test_columns_are_matched_by_hand_and_checked(head, toy_session, planning):
    """A file that nobody knows is matched by hand; the choices reach the plan as they were made."""
    address, page = page_of(head, FOREIGN)
    form = fields(page) | {
        "field.0": "card", "field.1": "name", "field.2": "mobile", "field.3": "branch", "field.4": "", "blank.2": "fill", "mode": "update",
        "bad.branch": "Main house", "value.branch.0": "", "value.branch.0_key": "B1", "do": "check",
    }
    answer = head.post(address, data=form)
    run, options = run_of(address), options_of(address)

    assert answer.headers["Location"] == f"/imports/{run.id}"
    assert options.columns == {"No.": "card", "Reader": "name", "Tel": "mobile", "House": "branch", "Shoes": ""}
    assert (options.policies["mobile"], options.policies["name"], options.mode) == ("fill", "keep", "update")
    assert options.values == {"branch": {"Main house": "B1"}}
    assert (run.state, toy_session.scalars(select(Job.task).where(Job.subject_id == run.id)).all()) == (RunState.PLANNING, ["import.plan"])


def test_a_file_without_its_key_is_not_checked(head, toy_session, planning):
    """The page says which column is missing, again after sending, and the run waits on."""
    address, page = page_of(head, "name,branch\nAnna,B1\n")
    answer = head.post(address, data=fields(page) | {"do": "check"})

    assert "No column says which record a row means: Card." in page
    assert (answer.status_code, "note-bad" in answer.get_data(as_text=True)) == (422, True)
    assert run_of(address).state is RunState.UPLOADED


def test_two_columns_for_one_field_are_said_at_once(head):
    """The live piece of the page says so, and keeps nothing."""
    address, page = page_of(head, "card,name,branch,Title\nC1,Anna,B1,x\n")
    piece = head.post(f"{address}/live", data=fields(page) | {"field.3": "name"}).get_data(as_text=True)

    assert "“name”, “Title” all go to the field Name." in piece
    assert "<html" not in piece
    assert options_of(address).columns["Title"] == ""


def test_what_the_key_finds_is_counted(head, plans, library, toy_session):
    """Different keys, shared ones, blank ones; those that find none, one or several records."""
    address, page = page_of(head, "card,name,branch\nC1,Anna,B1\nC2,Bob,B2\nC8,Zoe,B1\nC8,Zo,B1\n,Nobody,B1\n")
    rows = list(surveying.batches(run_of(address).id))
    by_card = counting.count_keys(toy_session(), library.head, plans["readers"], rows, [(0, plans["readers"].fields["card"])], {})
    by_branch = counting.count_keys(toy_session(), library.head, plans["readers"], rows, [(2, plans["readers"].fields["branch"])], {})

    assert (by_card.rows, by_card.keys, by_card.repeated, by_card.unusable) == (5, 3, 2, 1)
    assert (by_card.none, by_card.one, by_card.many) == (1, 2, 0)
    assert (by_branch.keys, by_branch.one, by_branch.many) == (2, 2, 0)
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["3", "2", "1", "1", "2", "0"]


def test_several_records_of_one_key_are_counted(head, plans, library, toy_session):
    """Two readers of one branch: the branch alone does not say which."""
    toy_session.add(toys.Reader(card="C3", name="Cid", branch=library.main))
    toy_session.commit()
    address, _page = page_of(head, "card,name,branch\nC1,Anna,B1\n")
    rows = list(surveying.batches(run_of(address).id))
    found = counting.count_keys(toy_session(), library.head, plans["readers"], rows, [(2, plans["readers"].fields["branch"])], {})

    assert (found.one, found.many) == (0, 1)


def test_a_key_of_several_parts_is_counted(library, plans, toy_session, head):
    """A link and a number together; a link that names nothing makes the row unusable."""
    toy_session.add(toys.Note(loan=library.loan, line_no=1, text="x"))
    toy_session.commit()
    answer = upload(head, "loan,line_no,text\nL1,1,a\nL1,2,b\nL9,1,c\n", "notes")
    plan = plans["notes"]
    rows = list(surveying.batches(run_of(answer.headers["Location"]).id))
    found = counting.count_keys(toy_session(), library.head, plan, rows, [(0, plan.fields["loan"]), (1, plan.fields["line_no"])], {})

    assert (found.keys, found.one, found.none, found.unusable) == (2, 1, 1, 1)


def test_a_long_file_is_counted_over_its_first_rows(head, plans, library, toy_session, monkeypatch):
    """And the page says so."""
    monkeypatch.setattr(surveying, "MOST_ROWS", 5_000)
    _address, page = page_of(head, "card,name,branch\n" + "".join(f"K{number},Anna,B1\n" for number in range(11_000)))

    assert ("more than 5,000 rows" in page, "counted over the first 5,000 rows" in page) == (True, True)


def test_another_key_is_chosen(head, planning):
    """Any fields that the person reads; what is no such field is passed over."""
    address, page = page_of(head, "card,name,branch,mobile\nC1,Anna,B1,13900000001\n")
    head.post(address, data={**fields(page), "key": "*", "match": ["name", "mobile", "password_hash", "created_at"], "do": "check"})

    assert options_of(address).match == ("name", "mobile")


def test_unknown_choices_and_links_are_listed_with_their_rows(head, library):
    """A choice is picked from the list, a link by its key; both hold for all rows with that text."""
    text = "loan_no,reader,title,state\nL1,C1,Emma,home\nL2,C7,Emma,vanished\nL3,C7,Emma,vanished\n"
    address, page = page_of(head, text, resource="loans")
    form = fields(page) | {"bad.state": "vanished", "value.state.0": "lost", "bad.reader": "C7", "value.reader.0": str(library.bob.id), "do": "look"}
    again = head.post(address, data=form).get_data(as_text=True)

    assert re.findall(r"“(\w+)” · (\d+) rows", page) == [("C7", "2"), ("vanished", "2")]
    assert ('value="lost" selected' in again, 'value="C2" data-picker="/readers/options"' in again) == (True, True)


def test_missing_records_are_made_only_where_a_key_is_enough(plans, library):
    """A reader needs a name; the clerk makes no branches."""
    plan = plans["loans"]

    assert not guessing.may_make(library.head, plan.fields["reader"])
    assert not guessing.may_make(library.clerk, plans["readers"].fields["branch"])


def test_a_source_is_remembered_and_offered(head, toy_session):
    """Saved under a name, taken for the next file with such columns, and left again for the plain guess."""
    address, page = page_of(head, FOREIGN)
    form = fields(page) | {
        "field.0": "card", "field.1": "name", "field.2": "mobile", "field.3": "branch", "blank.1": "fill", "bad.branch": "Main house",
        "value.branch.0_key": "B1", "do": "save", "name": " Old  system ",
    }
    head.post(address, data=form)
    other, second = page_of(head, FOREIGN.replace("Shoes", "Hat"))
    options = options_of(other)
    head.post(other, data=fields(second) | {"do": "use", "profile": ""})

    assert "as remembered: Old system" in second
    assert (options.columns["No."], options.columns["Hat"], options.policies["name"]) == ("card", "", "fill")
    assert options.values == {"branch": {"Main house": "B1"}}
    assert options_of(other).columns["No."] == ""


def test_a_source_is_renamed_and_forgotten(head, toy_app, toy_session):
    """By whoever may import here; a taken name is refused."""
    address, page = page_of(head, "card,name,branch\nC1,Anna,B1\n")
    for name in ("One", "Two"):
        head.post(address, data=fields(page) | {"do": "save", "name": name})
    one = toy_session.scalar(select(ImportProfile.id).where(ImportProfile.name == "One"))
    taken = head.post(f"{address}/sources/{one}", data={"do": "rename", "name": "Two"})
    renamed = head.post(f"{address}/sources/{one}", data={"do": "rename", "name": "Three"})
    forgotten = head.post(f"{address}/sources/{one}", data={"do": "delete"})

    assert (taken.status_code, renamed.status_code, forgotten.status_code) == (422, 302, 302)
    assert toy_session.scalars(select(ImportProfile.name)).all() == ["Two"]


def test_the_encoding_is_shown_and_changed(head):
    """Each encoding with a line as it would read it; what does not fit is refused with a sentence."""
    address, page = page_of(head, "card,name,branch\nC1,安娜,B1\n".encode("gb18030"))
    wrong = head.post(address, data=fields(page) | {"do": "reread", "encoding": "shift_jis"})
    head.post(address, data=fields(page) | {"do": "reread", "encoding": "latin-1"})
    read = head.get(address).get_data(as_text=True)

    assert ("read as gb18030" in page, "C1,安娜,B1" in page) == (True, True)
    assert wrong.status_code in {302, 422}
    assert ("安娜" in re.search(r"<strong>name</strong>.*?</div>", read, re.DOTALL)[0], options_of(address).encoding) == (False, "latin-1")


def test_the_page_is_for_its_owner(head, toy_app, planning):
    """Somebody else does not know of it, nor may they change it; one that never was looks the same."""
    address, page = page_of(head, "card,name,branch\nC1,Anna,B1\n")
    for login in ("dora", "clara"):
        other = sign_in(toy_app.test_client(), login)

        assert [other.get(address).status_code, other.post(address, data=fields(page)).status_code] == [404, 404]
        assert [other.post(f"{address}/live").status_code, other.get("/imports/999999/mapping").status_code] == [404, 404]
    assert run_of(address).state is RunState.UPLOADED


def test_a_run_that_went_further_keeps_its_columns(head, toy_session, planning):
    """The page leads on to the run; a form that comes late is a conflict."""
    address, page = page_of(head, "card,name,branch\nC1,Anna,B1\n")
    head.post(address, data=fields(page) | {"do": "check"})

    assert head.get(address).headers["Location"] == address.removesuffix("/mapping")
    assert head.post(address, data=fields(page) | {"do": "look"}).status_code == 409
    assert head.post(address, data=fields(page) | {"do": "dance"}).status_code in {400, 409}


def test_a_file_that_is_gone_leads_back(head, toy_session):
    """To the choice of a file, with a sentence."""
    address, _page = page_of(head, "card,name,branch\nC1,Anna,B1\n")
    runs.forget(run_of(address))

    assert head.get(address).headers["Location"] == "/readers/import"
    assert head.post(address, data={"do": "check"}).status_code == 400
