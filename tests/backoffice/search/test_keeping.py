from __future__ import annotations

import pytest
import sqlalchemy as sa

from backoffice import search
from backoffice.db import db, locking
from backoffice.declare import Verb
from backoffice.plan import plan_of
from backoffice.search import building, candidates, keeping, shelves
from backoffice.search.nouns import noun_of
from backoffice.search.tables import BUILT, DUE
from backoffice.views.matching import match
from tests import toys
from tests.backoffice.lending import stock

READERS, LOANS = plan_of(toys.Reader), plan_of(toys.Loan)
PLAIN = {"version": 1, "from_history": True, "created_at": sa.func.now(), "updated_at": sa.func.now()}


@pytest.fixture
def library(toy_session):
    return stock(toy_session)


@pytest.fixture
def head(library):
    return library.head  # who sees all readers and their numbers


def found(person, text, plan=READERS):
    """The keys of what a text finds, and how many records had to be compared."""
    db.session.rollback()
    one = match(person, plan, text)
    keys = [plan.key_of(record) for record in db.session.scalars(sa.select(plan.model).where(one.condition).order_by(plan.model.id))]
    db.session.rollback()
    return keys, None if one.ids is None else len(one.ids)


def marks():
    db.session.rollback()
    with db.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(DUE))


def write(*statements):
    db.session.rollback()
    with locking(), db.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def insert(library, *rows):
    branch = library.here.id
    return sa.insert(toys.Reader.__table__).values([{**PLAIN, "branch_id": branch, **row} for row in rows])


def test_what_a_page_writes_is_in_the_index_when_it_is_committed(library, head, toy_session):
    toy_session.add(toys.Reader(card="K-1", name="王欣", branch=library.here))
    toy_session.commit()

    assert marks() == 0
    assert found(head, "王欣") == (["K-1"], 1)

    toy_session.scalars(sa.select(toys.Reader).where(toys.Reader.card == "K-1")).one().name = "李雷"
    toy_session.commit()

    assert marks() == 0
    assert found(head, "李") == (["K-1"], 1)
    assert found(head, "王")[0] == []


def test_what_plain_sql_writes_is_found_before_and_after_it_is_in_the_index(library, head):
    """Imports and undo write set by set, past every session."""
    table = toys.Reader.__table__
    write(insert(library, {"card": "K-1", "name": "王欣"}, {"card": "K-2", "name": "张伟"}))
    write(sa.update(table).where(table.c.card == "K-2").values(name="张欣"), sa.update(table).values(member_since=None))

    assert marks() == 3  # what changes nothing that is searched marks nothing
    assert found(head, "欣")[0] == ["K-1", "K-2"]

    search.work_off()

    assert marks() == 0
    assert found(head, "欣") == (["K-1", "K-2"], 2)
    assert found(head, "伟")[0] == []

    write(sa.delete(table).where(table.c.card == "K-1"))

    assert found(head, "欣")[0] == ["K-2"]


def test_very_many_marks_are_compared_before_they_are_in_the_index(library, head, monkeypatch):
    monkeypatch.setattr(candidates, "MOST_MARKS", 1)
    rows = (("K-1", "王欣", None), ("K-2", "张伟", "13911112222"), ("K-3", "单丽", None))
    write(insert(library, *({"card": card, "name": name, "mobile": mobile} for card, name, mobile in rows)))

    assert [found(head, text) for text in ("王", "zw", "2222", "dl", "k-3")] == [(["K-1"], 1), (["K-2"], 1), (["K-2"], 1), (["K-3"], 1), (["K-3"], None)]


@pytest.mark.parametrize("most", [0, 1, 2000])
def test_the_index_decides_how_fast_and_not_what_is_found(library, head, monkeypatch, most):
    """Whether many or few records may match, the same are found as by looking at each."""
    monkeypatch.setattr(candidates, "MOST", most)
    rows = [("张伟", "13911112222"), ("张伟", None), ("王欣张", "13911113333"), ("单丽", None), ("Zoe Wang", None), ("Ａnna", None), ("a_b%c", None)]
    write(insert(library, *({"card": f"K-{at}", "name": name, "mobile": mobile} for at, (name, mobile) in enumerate(rows))))
    search.work_off()

    expected = {
        "张": "K-0 K-1 K-2", "张 伟": "K-0 K-1", "伟 张": "K-0 K-1", "zw": "K-0 K-1", "ZW": "K-0 K-1", "sl": "K-3", "dl": "K-3", "wang zoe": "K-4",
        "2222 张": "K-0", "k-2": "K-2", "_b%": "K-6", "b_": "", "zx": "", "王欣 3333": "K-2", "k - 3": "K-3", "13911113333": "K-2",
    }

    assert {text: " ".join(found(head, text)[0]) for text in expected} == expected


def test_words_of_linked_records_are_followed(library, head, toy_session):
    """A loan is found by its reader's name, and by both together."""
    toy_session.add_all([toys.Loan(reader=library.ann, title="围城"), toys.Loan(reader=library.bob, title="围城")])
    toy_session.commit()

    assert len(found(head, "围城", LOANS)[0]) == 2
    assert found(head, "围城 ann", LOANS)[1] == 1
    assert len(found(head, "ann", LOANS)[0]) == 2
    assert found(head, "围城 nobody", LOANS) == ([], 0)


def test_an_index_is_made_anew_while_people_write(library, head, monkeypatch):
    """What is written between two slices is marked, and the marks stay until the new index stands."""
    write(insert(library, *({"card": f"K-{at}", "name": "王欣"} for at in range(6))))
    monkeypatch.setattr(keeping, "FILL", 2)

    def meanwhile(done):
        if done == 2:
            write(sa.update(toys.Reader.__table__).where(toys.Reader.__table__.c.card == "K-0").values(name="李雷"))
            search.work_off()

            assert found(head, "李雷")[0] == ["K-0"]

    count = search.rebuild(noun_of(toys.Reader), meanwhile)

    assert count == 8
    assert marks() == 1
    assert found(head, "李雷")[0] == ["K-0"]

    search.work_off()

    assert (marks(), found(head, "李雷")) == (0, (["K-0"], 1))
    assert len(found(head, "王欣")[0]) == 5


def test_first_letters_are_the_same_in_the_database_as_in_the_program(library):
    """Search compares in the database what the index was built of in the program."""
    names = ["王欣", "单丽", "解A1晓", "Ann", "", "曾", "éa王", "重庆·店", "龘䶮", "a\u3000长安"]
    answers = [db.session.scalar(sa.select(sa.func.search_initials(sa.literal(name)))) for name in names]

    assert answers == [search.initials_of(name) for name in names]


def test_a_search_that_was_declared_anew_is_indexed_anew(library, head):
    db.session.rollback()
    with locking(), db.engine.begin() as connection:
        connection.execute(sa.update(BUILT).where(BUILT.c.noun == "toy_readers").values(definition="name"))
        search.prepare(connection)

    assert found(head, "ann")[0] == ["C1"]
    assert marks() == 2


def test_triggers_that_a_migration_took_along_with_a_table_come_back(library, head):
    """SQLite changes a table by making another one; every upgrade ends with a look at the triggers."""
    db.session.rollback()
    with locking(), db.engine.begin() as connection:
        for ending in ("insert", "update"):
            building._drop_trigger(connection, "toy_readers", ending)
        search.prepare(connection)
    write(insert(library, {"card": "K-1", "name": "王欣"}))

    assert found(head, "王欣") == (["K-1"], 1)


def test_rights_are_compared_with_each_find(library):
    """The index knows no rights: a clerk finds readers of the own branch."""
    db.session.rollback()
    from backoffice.access import scoped_query

    query = scoped_query(library.clerk, READERS, Verb.READ).where(match(library.clerk, READERS, "c").condition)

    assert [one.card for one in db.session.scalars(query)] == ["C1"]


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_large_index_is_not_read_through_for_a_word_that_very_many_hold(library, head, monkeypatch):
    """Such a word is left to a walk through the rows; a rare one, and the rest of what both find, are as ever."""
    write(insert(library, *({"card": f"KA-{at:04}", "name": "李雷"} for at in range(400))))
    search.work_off()
    usual = {word: found(head, word) for word in ("KA-0", "KA-0123", "雷 KA-0123")}
    monkeypatch.setattr(shelves, "LARGE", 100)
    monkeypatch.setattr(shelves, "NEIGHBORS", 5)

    assert usual["KA-0"][1] == 400
    assert found(head, "KA-0") == (usual["KA-0"][0], None)
    assert found(head, "KA-0123") == usual["KA-0123"] == (["KA-0123"], 1)
    assert found(head, "雷 KA-0123")[0] == usual["雷 KA-0123"][0] == ["KA-0123"]
