"""Records that may be one: found in the background, settled by people, and named while somebody types."""

from __future__ import annotations

import pytest

from backoffice.db import db
from backoffice.merging import Pair, Verdict
from backoffice.merging.suspecting import FEW, look
from backoffice.plan import plan_of
from tests import toys
from tests.backoffice.merging.deeds import merge, unmerge
from tests.support.jobs import work_off

READERS = plan_of(toys.Reader)


def compare(session) -> set[tuple[int, int, str]]:
    """Look for pairs; those that are open now."""
    session.rollback()
    look(READERS)
    return {(one.first_id, one.second_id, one.code) for one in session.scalars(db.select(Pair).where(Pair.verdict == Verdict.OPEN))}


def add(session, library, **facts) -> toys.Reader:
    reader = toys.Reader(branch=library.here, **facts)
    session.add(reader)
    session.commit()
    return reader


def test_two_with_one_number_are_suspected(library, toy_session):
    """The smaller number stands first, once, however often one looks."""
    assert compare(toy_session) == {(library.ann.id, library.double.id, "same_mobile")}
    assert compare(toy_session) == {(library.ann.id, library.double.id, "same_mobile")}


def test_the_end_of_a_value_can_be_enough(library, toy_session):
    """The same name, and a number with the same last four digits."""
    other = add(toy_session, library, card="C5", name="Bob", mobile="13811110001")

    assert (library.bob.id, other.id, "same_name") in compare(toy_session)


def test_what_is_missing_is_alike_to_nothing(library, toy_session):
    """Two readers without a number are no pair."""
    add(toy_session, library, card="C5", name="Cid")
    add(toy_session, library, card="C6", name="Cid")

    assert len(compare(toy_session)) == 1


def test_a_value_that_many_share_says_nothing(library, toy_session):
    """The number of a school, on nine cards."""
    toy_session.add_all(toys.Reader(card=f"S{one}", name=f"Pupil {one}", mobile="13500000000", branch=library.here) for one in range(FEW + 1))
    toy_session.commit()

    assert len(compare(toy_session)) == 1


def test_pairs_that_are_alike_no_more_are_forgotten(library, toy_session):
    """The number was corrected."""
    compare(toy_session)
    library.double.mobile = "13900000480"
    toy_session.commit()

    assert compare(toy_session) == set()


def test_not_the_same_is_remembered(head, library, toy_session):
    """Nobody is asked about the two again, until somebody wants to."""
    compare(toy_session)
    data = {"one": library.ann.id, "other": library.double.id}
    head.post("/readers/duplicates/different", data=data)

    assert compare(toy_session) == set()
    assert "Hedda: not the same" in head.get("/readers/duplicates?said=different").get_data(as_text=True)
    assert "C9 Anne" not in head.get("/readers/duplicates").get_data(as_text=True)

    head.post("/readers/duplicates/different", data={**data, "ask": "1"})

    assert len(compare(toy_session)) == 1


def test_the_list_shows_masked_numbers(head, library, toy_session):
    """A list is no page of a record."""
    compare(toy_session)
    page = head.get("/readers/duplicates").get_data(as_text=True)

    assert "139****0489" in page
    assert "13900000489" not in page


def test_a_merged_pair_leaves_the_list_and_comes_back_when_it_is_undone(head, library, toy_session):
    """It was settled by the merge, and the way back opens it again."""
    compare(toy_session)
    merge(head, library.ann, library.double)
    merged = compare(toy_session)
    unmerge(head, library.ann)

    assert merged == set()
    assert len(compare(toy_session)) == 1


def test_a_worker_looks_when_somebody_asks(toy_app, head, library):
    """The button brings one to the page of the job; afterwards the pair is in the list."""
    answer = head.post("/readers/duplicates/look")
    work_off(toy_app)

    assert answer.headers["Location"].startswith("/jobs/")
    assert head.get(answer.headers["Location"]).status_code == 200
    assert "C9 Anne" in head.get("/readers/duplicates").get_data(as_text=True)


def test_the_page_of_the_merge_names_the_suspects(head, library, toy_session):
    """Who wants to merge finds the likely one without typing."""
    compare(toy_session)

    assert "C9 Anne" in head.get(f"/readers/{library.ann.id}/merge").get_data(as_text=True)


def test_a_number_that_is_there_already_is_named_while_typing(head, library):
    """With the reason; written in whatever way."""
    found = head.get("/readers/alike?mobile=139-0000-0489").get_json()["found"]

    assert {one["text"] for one in found} == {"C1 Ann", "C9 Anne"}
    assert found[0]["why"] == "The same mobile"


def test_a_key_that_is_there_already_is_named_while_typing(head, library):
    """A card's number is looked for as it is stored."""
    found = head.get("/readers/alike?card=c9").get_json()["found"]

    assert [one["address"] for one in found] == [f"/readers/{library.double.id}"]


def test_the_record_that_is_edited_is_not_its_own_double(head, library):
    """Only the other one is named."""
    found = head.get(f"/readers/alike?mobile=13900000489&except={library.ann.id}").get_json()["found"]

    assert [one["text"] for one in found] == ["C9 Anne"]


def test_nobody_is_told_of_records_that_they_may_not_read(clerk, library):
    """Bob's card is at another branch: to this clerk his number is nobody's."""
    assert clerk.get("/readers/alike?mobile=13700000001").get_json()["found"] == []
    assert [one["text"] for one in clerk.get("/readers/alike?mobile=13900000489").get_json()["found"]] == ["C1 Ann"]


@pytest.mark.parametrize("query", ["mobile=1", "mobile=", "", "colour=red", "name=Ann", f"card={'9' * 5000}", "except=1"])
def test_half_a_word_names_nobody(head, library, query):
    """What is no value yet, or says nothing by itself, is not looked for."""
    assert head.get(f"/readers/alike?{query}").get_json() == {"found": []}


def test_forms_ask_and_others_do_not(head, clerk, library):
    """The form of a card knows what to watch; that of a loan has nothing to."""
    assert 'data-fields="card name mobile"' in head.get("/readers/new").get_data(as_text=True)
    assert f'data-except="{library.ann.id}"' in clerk.get(f"/readers/{library.ann.id}/edit").get_data(as_text=True)
    assert "data-alike" not in head.get("/loans/new").get_data(as_text=True)
