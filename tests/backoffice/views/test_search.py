from __future__ import annotations

import pytest

from backoffice.declare import Personal, Right, Verb
from tests import toys
from tests.backoffice.lending import client_of
from tests.backoffice.views.reading import names, texts


def found(client, words, address="/readers/"):
    return names(client.get(address, query_string={"q": words}))


@pytest.mark.parametrize("words", ["0489", "13900000489", "139 0000 0489", "+86 139-0000-0489", "１３９００００0489"])
def test_a_reader_is_found_by_the_last_digits_or_the_whole_phone(clerk, words):
    assert found(clerk, words) == ["C1"]


@pytest.mark.parametrize("words", ["00489", "00000489"])
def test_whoever_sees_every_number_finds_a_reader_by_more_of_the_last_digits(head, words):
    assert found(head, words) == ["C1"]


@pytest.mark.parametrize("words", ["489", "1390", "139000", "39000", "0000"])
def test_other_parts_of_a_phone_find_nobody(clerk, words):
    assert found(clerk, words) == []


def test_whoever_sees_masks_only_cannot_feel_the_way_through_a_number(toy_app, library, monkeypatch):
    """Five and more digits would tell, one by one, what the mask hides."""
    monkeypatch.setitem(toys.Reader.__resource__.rights, toys.Role.CLERK, Right(Verb.READ, personal=Personal.MASKED))
    clerk = client_of(toy_app, "clerk")

    assert found(clerk, "0489") == ["C1"]
    assert found(clerk, "13900000489") == ["C1"]
    assert found(clerk, "00489") == []
    assert names(clerk.get("/readers/?mobile=00489")) == []


def test_hidden_personal_data_is_not_searched(toy_app, library, monkeypatch):
    monkeypatch.setitem(toys.Reader.__resource__.rights, toys.Role.CLERK, Right(Verb.READ, personal=Personal.HIDDEN))
    clerk = client_of(toy_app, "clerk")

    assert found(clerk, "13900000489") == []
    assert clerk.get("/readers/?mobile=0489").status_code == 400


def test_words_stand_in_any_order_and_case_and_codes_are_folded(head, library, toy_session):
    toy_session.add(toys.Reader(card="K-77", name="Grace Hopper", branch=library.here))
    toy_session.commit()

    assert found(head, "hopper grace") == ["K-77"]
    assert found(head, "k-77 GRACE") == ["K-77"]
    assert found(head, "ｋ-７７") == ["K-77"]
    assert found(head, "grace nobody") == []


def test_one_box_searches_every_noun_that_the_person_reads(head, library):
    answer = head.get("/search?q=Ann")

    assert texts(answer, "hit-name") == ["C1 Ann", library.loan.loan_no]
    assert "<mark>Ann</mark>" in answer.get_data(as_text=True)


def test_the_box_keeps_to_the_rows_of_the_person(clerk, library):
    assert texts(clerk.get("/search?q=Bob"), "hit-name") == []
    assert texts(clerk.get("/search?q=Ulysses"), "hit-name") == []


def test_the_box_shows_five_of_a_noun_and_leads_to_the_rest(head, library, toy_session):
    toy_session.add_all([toys.Reader(card=f"Z{at}", name="王欣", branch=library.here) for at in range(7)])
    toy_session.commit()
    answer = head.get("/search?q=王")

    assert len(texts(answer, "hit-name")) == 5
    assert 'href="/readers/?q=%E7%8E%8B"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("words", "title"),
    [("", "What are you looking for?"), ("x", "That is too short."), ("   ", "What are you looking for?"), ("nowhere", "Nothing matches.")],
)
def test_nothing_to_search_for_and_nothing_found_are_said(head, words, title):
    assert texts(head.get("/search", query_string={"q": words}), "empty-title") == [title]


def test_too_many_characters_are_refused_with_a_sentence(head):
    answer = head.get("/search", query_string={"q": "x" * 101})

    assert answer.status_code == 400
    assert "100" in " ".join(texts(answer, "trouble"))
