"""What one may not see must not be found out by asking cleverly."""

from __future__ import annotations

import pytest

from backoffice.audit.record import note
from backoffice.declare import Personal, Right, Verb
from backoffice.declare.journal import Deed
from backoffice.plan import plan_of
from tests import toys
from tests.backoffice.lending import again, client_of, stock, trail
from tests.backoffice.views.reading import names


@pytest.fixture
def library(toy_session):
    return stock(toy_session)


@pytest.fixture
def clerk(toy_app, library):
    return client_of(toy_app, "clerk")


@pytest.fixture
def sees_all_loans(monkeypatch):
    """Clerks read every loan, but the readers of their own branch only."""
    rights = Right(Verb.READ | Verb.CREATE | Verb.UPDATE | Verb.ACT, hidden=frozenset({"fine"}))
    monkeypatch.setitem(toys.Loan.__resource__.rights, toys.Role.CLERK, rights)


@pytest.mark.parametrize("query", ["reader.member_since=2020-01-01", "reader.member_since_from=2019-01-01", "reader.email=bob@example.org",
                                   "reader.mobile=13700000001", "reader.mobile=0001", "reader.branch.code=B2", "reader.branch=2"])
def test_a_filter_over_a_link_says_nothing_of_a_record_out_of_reach(clerk, library, toy_session, sees_all_loans, query):
    """The loan is the clerk's to read, the reader's own page is not."""
    library.bob.member_since, library.bob.email = toys.clock.today().replace(2020, 1, 1), "bob@example.org"
    toy_session.commit()

    assert clerk.get(f"/loans/{library.foreign.id}").status_code == 200
    assert clerk.get(f"/readers/{library.bob.id}").status_code == 404
    assert names(clerk.get(f"/loans/?{query}")) == []


def test_a_filter_over_a_link_finds_what_is_in_reach(clerk, library, sees_all_loans):
    assert names(clerk.get("/loans/?reader.mobile=0489")) == [library.loan.loan_no]
    assert names(clerk.get("/loans/?reader.branch.code=B1")) == [library.loan.loan_no]


def test_what_a_list_calls_a_record_may_be_searched(clerk, library, sees_all_loans):
    """The name stands in the list for everybody who sees the row."""
    assert names(clerk.get("/loans/?q=Bob")) == [library.foreign.loan_no]
    assert names(clerk.get("/loans/?reader.name=Bob")) == [library.foreign.loan_no]


@pytest.mark.parametrize("address", [
    "/loans/?fine=1", "/loans/?fine_from=1", "/loans/?sort=fine", "/loans/?sort=-fine", "/notes/?loan.fine=1", "/loans/?fine_key=1",
    "/readers/?sort=mobile", "/readers/?sort=email", "/librarians/?password_hash=x", "/librarians/?sort=password_hash",
    "/loans/?reader.password_hash=1", "/readers/?branch.readers.name=x",
])
def test_nothing_is_asked_of_a_field_that_is_covered(clerk, library, address):
    assert clerk.get(address).status_code == 400


@pytest.mark.parametrize("words", ["00489", "000489", "0000489", "00000489", "9000000489"])
@pytest.mark.parametrize("address", ["/readers/?q={}", "/readers/?mobile={}", "/loans/?reader.mobile={}"])
def test_whoever_sees_a_number_by_a_click_that_is_logged_cannot_feel_the_way_to_it(clerk, library, words, address):
    """Else ten guesses for each digit tell the number, and nobody learns who looked."""
    assert names(clerk.get(address.format(words))) == []
    assert names(clerk.get(address.format("0489"))) != []
    assert names(clerk.get(address.format("13900000489"))) != []


def test_an_entry_of_a_look_brings_nothing_back(clerk, library, toy_session):
    """It tells that a field was seen, not what stood there before."""
    note(toy_session(), plan_of(toys.Reader), library.ann, Deed.REVEAL, {"mobile": [None, None]})
    toy_session.commit()
    entry = trail(library.ann)[-1]

    answer = clerk.post(f"/readers/{library.ann.id}/history/{entry.id}/mobile", data={"version": library.ann.version})

    assert answer.status_code == 404
    assert again(library.ann).mobile == "13900000489"


@pytest.mark.parametrize("path", ["", "/edit", "/history", "/reveal/mobile", "/archive", "/do/x", "/history/1/mobile", "/restore", "/purge"])
def test_a_reader_of_another_branch_does_not_exist(clerk, library, path):
    address = f"/readers/{library.bob.id}{path}"

    assert clerk.get(address).status_code in {404, 405}
    assert clerk.post(address).status_code in {404, 405}
    assert clerk.get("/readers/by-key/C2").status_code == 404


def test_a_personal_field_is_found_whole_only_where_it_is_seen(toy_app, library, monkeypatch):
    monkeypatch.setitem(toys.Reader.__resource__.rights, toys.Role.CLERK, Right(Verb.READ, personal=Personal.HIDDEN))
    clerk = client_of(toy_app, "clerk")

    assert clerk.get("/loans/?reader.mobile=0489").status_code == 400
    assert names(clerk.get("/loans/?q=0489")) == []
