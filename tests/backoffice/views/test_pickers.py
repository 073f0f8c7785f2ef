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


def test_what_matches_is_marked_and_told_apart(head, library):
    """The part that was typed, and what the list says beside the name; no number."""
    found = head.get("/readers/options?q=nn").json["results"][0]

    assert found["parts"] == [["C1 A", False], ["nn", True]]
    assert found["note"] == "Main"


def test_before_anything_is_typed_a_small_noun_offers_all_its_rows(head, clerk, library):
    """In its own order, as far as they are the person's."""
    assert options(head, noun="branches", recent="") == ["Main", "Hill"]
    assert options(clerk, recent="") == ["C1 Ann"]


def test_of_many_rows_those_chosen_lately_come_first_then_ones_own(head, clerk, library, toy_session, monkeypatch):
    """The last first; a number that is not the person's names nothing."""
    monkeypatch.setattr("backoffice.views.pickers.SMALL", 1)
    toy_session.add_all([toys.Reader(card=f"P{at}", name="Pat", branch=library.there if at else library.here) for at in range(3)])
    toy_session.commit()

    assert options(head, recent=f"{library.bob.id},{library.ann.id}") == ["C2 Bob", "C1 Ann", "P0 Pat", "P2 Pat", "P1 Pat"]
    assert options(head, q="pat") == ["P0 Pat", "P2 Pat", "P1 Pat"]
    assert options(head, q="p", recent=f"{library.bob.id}") == ["P0 Pat", "P2 Pat", "P1 Pat"]
    assert options(clerk, recent=f"{library.bob.id},{library.ann.id}") == ["C1 Ann", "P0 Pat"]


def test_a_frequent_word_finds_what_was_chosen_lately(head, library, toy_session, monkeypatch):
    """Though only the newest of very many matches are compared."""
    monkeypatch.setattr("backoffice.views.finding.AT_ONCE", 3)
    monkeypatch.setattr("backoffice.views.finding.LEAST", 3)
    monkeypatch.setattr("backoffice.views.pickers.PER_ANSWER", 1)
    toy_session.add_all([toys.Reader(card=f"P{at}", name="Annika", branch=library.here) for at in range(30)])
    toy_session.commit()

    assert options(head, q="an")[0] == "P29 Annika"
    assert options(head, q="an", recent=str(library.ann.id))[0] == "C1 Ann"


def test_a_record_that_is_not_found_can_be_made(head, clerk, library):
    """Where the person may, with what was typed in the field that it fits."""
    assert head.get("/readers/options?q=Zoe Zimt").json["new"] == "/readers/new?name=Zoe+Zimt"
    assert clerk.get("/branches/options?q=Zoe").json["new"] is None


def test_a_record_made_inside_another_form_is_told_to_it(clerk, library):
    """As its number and name; what is wrong is shown in the part of a page that asked."""
    path, data = "/readers/new?fragment=1", {"card": "C9", "name": "Zoe", "branch": str(library.here.id)}
    form, wrong, made = clerk.get(path), clerk.post(path, data={**data, "card": ""}), clerk.post(path, data=data)

    assert "<html" not in form.text
    assert (wrong.status_code, "<html" in wrong.text, "must be filled in" in wrong.text) == (422, False, True)
    assert (made.status_code, made.json["text"]) == (201, "C9 Zoe")
    assert options(clerk, q="zoe") == ["C9 Zoe"]


def test_numbers_that_are_none_are_refused(head):
    for recent in ("x", "1,,2", "0", "-1", "1" * 40, ",".join(["1"] * 31)):
        assert head.get("/readers/options", query_string={"recent": recent}).status_code == 400
