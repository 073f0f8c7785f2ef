"""Conditions joined by all and any, in one parameter of the address."""

from __future__ import annotations

import json
from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from backoffice.db import db
from backoffice.declare import Right, Verb
from backoffice.errors import BadRequest
from backoffice.plan import plan_of
from backoffice.views.selection import Selection
from tests import toys
from tests.backoffice.views.reading import counted, names, sentence, texts

LOANS = plan_of(toys.Loan)


@pytest.fixture
def shelves(toy_session, library):
    """Loans with titles and fines; Emma and Ulysses are the library's own."""
    toy_session.add_all([
        toys.Loan(reader=library.ann, title="Alpha", state=toys.State.LOST, due_on=date(2026, 1, 5), fine=3),
        toys.Loan(reader=library.bob, title="Beta", state=toys.State.LOST, due_on=date(2026, 1, 9), fine=7),
        toys.Loan(reader=library.bob, title="beta 2", due_on=date(2026, 2, 1)),
    ])
    toy_session.commit()
    return library


def found(person, where):
    rows = Selection(person, LOANS, MultiDict([("where", json.dumps(where))])).rows()
    return {loan.title for loan in db.session.scalars(rows)}


LOST, ANN = {"field": "state", "is": "lost"}, {"field": "reader.card", "is": "c1"}


@pytest.mark.parametrize(
    ("where", "titles"),
    [
        (LOST, {"Alpha", "Beta"}),
        ({"all": [LOST, ANN]}, {"Alpha"}),
        ({"any": [LOST, ANN]}, {"Alpha", "Beta", "Emma"}),
        ({"any": [{"all": [LOST, ANN]}, {"field": "title", "has": "beta"}]}, {"Alpha", "Beta", "beta 2"}),
        ({"field": "title", "is": "beta"}, {"Beta"}),
        ({"field": "title", "is": ["beta", "EMMA"]}, {"Beta", "Emma"}),
        ({"field": "state", "not": ["lost", "back"]}, {"beta 2", "Emma", "Ulysses"}),
        ({"field": "fine", "not": "3"}, {"Beta", "beta 2", "Emma", "Ulysses"}),
        ({"field": "fine", "not": 7}, {"Alpha", "beta 2", "Emma", "Ulysses"}),
        ({"field": "fine", "from": 5}, {"Beta"}),
        ({"field": "due_on", "from": "2026-01-06", "to": "2026-01-31"}, {"Beta"}),
        ({"field": "fine", "empty": False}, {"Alpha", "Beta"}),
        ({"all": [{"field": "fine", "empty": True}, {"field": "reader.branch.code", "is": "B2"}]}, {"beta 2", "Ulysses"}),
        ({"field": "reader.branch", "is": "mine"}, {"Alpha", "Emma"}),
        ({"field": "reader.branch", "not": "mine"}, {"Beta", "beta 2", "Ulysses"}),
        ({"all": [{"any": [{"all": [{"any": [LOST]}]}]}]}, {"Alpha", "Beta"}),
    ],
)
def test_conditions_mean_what_they_say(shelves, where, titles):
    assert found(shelves.head, where) == titles


def test_they_hold_beside_filters_and_for_export_count_and_saved_order(head, shelves):
    """One selection for all."""
    query = {"where": json.dumps({"any": [LOST, ANN]}), "state": "lost", "sort": "due_on"}
    export = head.get("/loans/export", query_string={**query, "format": "csv", "columns": "title"})

    assert len(names(head.get("/loans/", query_string=query))) == 2
    assert export.get_data(as_text=True).split()[1:] == ["Alpha", "Beta"]
    assert head.get("/loans/count", query_string=query).json["count"] == 2


def test_one_chip_says_them_in_words_and_takes_them_away(head, shelves):
    where = {"any": [{"all": [{"field": "state", "is": ["lost", "out"]}, {"field": "reader", "is": shelves.ann.id}]}, {"field": "title", "has": "x"}]}
    answer = head.get("/loans/", query_string={"where": json.dumps(where), "fine_from": "1"})

    assert texts(answer, "chip-text") == ["≥ ¥1.00", "(State: Lost or Lent and Reader: C1 Ann) or Title contains “x”"]
    assert 'href="/loans/?fine_from=1"' in answer.get_data(as_text=True)


FIELD = {"field": "title", "has": "x"}


def nested(depth):
    return FIELD if depth == 0 else {"all": [nested(depth - 1)]}


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("{", "cannot be read"), ("[]", "cannot be read"), ("7", "cannot be read"), ("null", "cannot be read"), ('"x"', "cannot be read"),
        ("[" * 3000, "cannot be read"), ('{"all":' * 700, "cannot be read"), ("x" * 6001, "too long"), ('{"all":[],"any":[]}', "list called"),
        ("{}", "list called"), ('{"all":{}}', "list called"), ('{"all":[]}', "at least one"), ('{"all":[[]]}', "cannot be read"),
        (json.dumps(nested(5)), "4 deep"), (json.dumps({"any": [FIELD] * 31}), "30"), ('{"field":"title"}', "says one of"),
        ('{"field":"title","like":"x"}', "says one of"), ('{"field":"nonsense","is":"x"}', "nonsense"), ('{"field":7,"is":"x"}', "There is no filter"),
        ('{"field":null,"is":"x"}', "There is no filter"), ('{"field":["title"],"is":"x"}', "There is no filter"), ('{"field":"version","is":"1"}', "version"),
        ('{"field":"title","is":null}', "missing"), ('{"field":"title","is":{"a":1}}', "missing"), ('{"field":"title","is":[["x"]]}', "missing"),
        ('{"field":"title","is":""}', "missing"), ('{"field":"title","is":"\\u0000"}', "missing"), ('{"field":"title","is":"\\ud800"}', "missing"),
        ('{"field":"title","is":[]}', "asked like that"), ('{"field":"title","from":"a"}', "asked like that"), ('{"field":"state","has":"x"}', "asked like that"),
        ('{"field":"reader","from":"1"}', "asked like that"), ('{"field":"state","is":"nowhere"}', "State"), ('{"field":"fine","is":NaN}', "Fine"),
        ('{"field":"fine","is":1e400}', "Fine"), ('{"field":"fine","is":' + "9" * 5000 + "}", "100"), ('{"field":"due_on","is":"tomorrow"}', "Due"),
        ('{"field":"due_on","from":"overdue"}', "Due"), ('{"field":"due_on","from":["today","today"]}', "at most 1"),
        ('{"field":"due_on","empty":"x"}', "true or false"),
        ('{"field":"due_on","empty":[]}', "true or false"), ('{"field":"reader","is":"Ann"}', "Ann"), ('{"field":"reader","is":99999999999}', "999"),
        (json.dumps({"field": "title", "is": ["x"] * 101}), "at most 100"), (json.dumps({"any": [{"field": "title", "is": ["x"] * 60}] * 2}), "at most 100"),
        (json.dumps({"field": "title", "is": "x" * 101}), "100"), ('{"field":"reader.branch.readers.card","is":"x"}', "reader.branch.readers"),
        (json.dumps({"field": "reader.merged_into.merged_into.merged_into.merged_into.card", "is": "x"}), "reader.merged"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(head, library, where, why):
    answer = head.get("/loans/", query_string={"where": where})

    assert answer.status_code == 400
    assert why in sentence(answer)


def test_two_sets_of_conditions_are_refused(head, library):
    assert head.get("/loans/", query_string=[("where", json.dumps(LOST)), ("where", json.dumps(ANN))]).status_code == 400


def test_what_a_role_does_not_see_it_cannot_ask(clerk, library):
    """A hidden field and a secret are no fields; of a number that is masked, exactly four digits."""
    for where in ({"field": "fine", "empty": True}, {"field": "fine", "from": 1}, {"any": [LOST, {"field": "fine", "not": 1}]}):
        assert clerk.get("/loans/", query_string={"where": json.dumps(where)}).status_code == 400
    assert clerk.get("/librarians/", query_string={"where": '{"field":"password_hash","empty":false}'}).status_code == 400

    def readers(**test):
        return names(clerk.get("/readers/", query_string={"where": json.dumps({"field": "mobile", **test})}))

    assert readers(has="0489") == ["C1"]
    assert [readers(has=text) for text in ("489", "00489", "1390")] == [[], [], []]
    assert readers(**{"not": "00489"}) == ["C1"]


def test_a_link_is_asked_of_rows_in_reach_alone(library, monkeypatch):
    """A clerk who reads all loans feels nothing of readers elsewhere, neither by a value nor by its opposite."""
    monkeypatch.setitem(toys.Loan.__resource__.rights, toys.Role.CLERK, Right(Verb.READ))

    assert found(library.clerk, {"field": "reader.branch.name", "is": "Hill"}) == set()
    assert found(library.clerk, {"field": "reader.branch.name", "not": "Main"}) == {"Ulysses"}
    assert found(library.clerk, {"field": "reader.branch.name", "not": "Hill"}) == {"Emma", "Ulysses"}


def test_a_reader_of_another_branch_is_no_value(library):
    with pytest.raises(BadRequest):
        found(library.clerk, {"field": "reader", "is": library.bob.id})


def test_the_builder_is_told_what_the_person_may_ask_and_no_more(clerk, head, library):
    """Fields with their choices and words; names of the records that stand in the address."""
    where = json.dumps({"any": [{"field": "reader", "is": library.ann.id}, LOST]})
    mine = clerk.get("/loans/conditions", query_string={"where": where}).json
    fields = {one["name"]: one for one in mine["fields"]}

    assert mine["where"] == json.loads(where.replace(f": {library.ann.id}", f': "{library.ann.id}"'))
    assert mine["names"][f"reader:{library.ann.id}"] == "C1 Ann"
    assert "fine" not in fields
    assert "fine" in {one["name"] for one in head.get("/loans/conditions").json["fields"]}
    assert fields["state"]["choices"][0] == ["out", "Lent"]
    assert "overdue" in fields["due_on"]["words"]
    assert fields["reader.branch"]["words"] == {"mine": "my branch"}
    assert fields["reader"]["options"] == "/readers/options"
    assert fields["reader.mobile"]["tests"] == ["is", "empty", "filled"]
    assert clerk.get("/loans/conditions?where={").status_code == 400


def test_conditions_do_not_make_a_page_ask_more_often(head, shelves, toy_session):
    """As often for many rows as for few."""
    query = {"where": json.dumps({"any": [{"field": "title", "has": "b"}, LOST]})}
    toy_session.add_all([toys.Loan(reader=shelves.ann, title=f"b {at}") for at in range(60)])
    toy_session.commit()
    head.get("/loans/", query_string=query)
    with counted() as few:
        head.get("/loans/", query_string=query)
    toy_session.add_all([toys.Loan(reader=shelves.ann, title=f"b {at}") for at in range(60)])
    toy_session.commit()
    with counted() as many:
        head.get("/loans/", query_string=query)

    assert len(few) == len(many)
