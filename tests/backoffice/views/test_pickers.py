from __future__ import annotations

from backoffice.declare import clock
from tests import toys
from tests.backoffice.views.reading import counted


def options(client, noun="readers", **query):
    answer = client.get(f"/{noun}/options", query_string=query)
    assert answer.status_code == 200
    return [one["text"] for one in answer.json["results"]]


def test_a_picker_offers_the_rows_of_the_person_by_name(clerk, head):
    assert options(clerk, q="b") == []
    assert options(head, q="b") == ["C2 Bob"]


def test_a_picker_finds_by_phone_and_never_shows_it(clerk):
    answer = clerk.get("/readers/options?q=0489")

    assert [one["text"] for one in answer.json["results"]] == ["C1 Ann"]
    assert "139" not in answer.get_data(as_text=True)


def test_an_empty_text_asks_nothing(head, library):
    with counted() as before:
        head.get("/healthz")
    with counted() as statements:
        assert options(head) == []
        assert options(head, q="  ") == []

    assert not any("toy_readers" in one for one in statements[len(before):])


def test_the_best_match_comes_first(head, library, toy_session):
    toy_session.add_all([toys.Reader(card=card, name="x", branch=library.here) for card in ("AC1", "C10", "C11", "C1X")])
    toy_session.commit()

    assert options(head, q="c1") == ["C1 Ann", "C1X x", "C11 x", "C10 x", "AC1 x"]


def test_answers_come_twenty_at_a_time(head, library, toy_session):
    toy_session.add_all([toys.Reader(card=f"P{at}", name="Pat", branch=library.here) for at in range(25)])
    toy_session.commit()
    first, second = (head.get(f"/readers/options?q=pat&page={page}").json for page in (1, 2))

    assert (len(first["results"]), first["more"]) == (20, True)
    assert (len(second["results"]), second["more"]) == (5, False)
    assert not {one["id"] for one in first["results"]} & {one["id"] for one in second["results"]}


def test_archived_records_are_not_offered(head, library, toy_session):
    library.bob.archived_at = clock.now()
    toy_session.commit()

    assert options(head, q="bob") == []


def test_wrong_pages_and_long_texts_are_refused(head):
    for query in ({"q": "a", "page": "-1"}, {"q": "a", "page": "x"}, {"q": "x" * 101}):
        assert head.get("/readers/options", query_string=query).status_code == 400
