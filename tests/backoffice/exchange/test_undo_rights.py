"""Taking an import back needs what the import needed: the verb, the rows, the fields."""

from __future__ import annotations

import dataclasses

import pytest

from backoffice.access import SYSTEM
from backoffice.db import db
from backoffice.declare import Verb
from backoffice.declare.journal import ImportRun
from backoffice.errors import Denied
from backoffice.exchange import undoing
from tests import toys

IMPORTER = Verb.READ | Verb.CREATE | Verb.UPDATE | Verb.IMPORT


@pytest.fixture
def allow(plans, monkeypatch):
    """Give a role other rights for one test."""

    def run(resource, role=toys.Role.CLERK, **changes):
        rights = dict(plans[resource].resource.rights)
        rights[role] = dataclasses.replace(rights[role], **changes)
        monkeypatch.setitem(plans[resource].__dict__, "resource", dataclasses.replace(plans[resource].resource, rights=rights))

    return run


def run_of(receipt):
    return db.session.get(ImportRun, receipt.run)


def test_who_brought_the_file_may_take_it_back(load, library, allow):
    """Their own rows, as they were; and nobody else without a look at all imports."""
    allow("readers", verbs=IMPORTER)
    receipt = load("readers", "card,name,branch\nC1,Anna,B1\nC9,Yan,B1\n", library.clerk)

    with pytest.raises(Denied):
        undoing.undo(library.head, run_of(receipt))
    outcome = undoing.undo(library.clerk, run_of(receipt))

    assert (outcome.reversed, library.ann.name) == (2, "Ann")


def test_without_the_verb_nothing_is_taken_back(load, library, allow):
    """Who lost the right to import has lost the way back too; the look says the same."""
    allow("readers", verbs=IMPORTER)
    receipt = load("readers", "card,name\nC1,Anna\n", library.clerk)
    allow("readers", verbs=IMPORTER & ~Verb.IMPORT)

    for attempt in (undoing.undo, lambda person, run: undoing.preview(db.session(), person, run)):
        with pytest.raises(Denied):
            attempt(library.clerk, run_of(receipt))
    assert library.ann.name == "Anna"


def test_rows_beyond_the_own_ones_are_refused(load, library, allow, toy_session):
    """One reader has left for another branch since."""
    allow("readers", verbs=IMPORTER)
    receipt = load("readers", "card,name,branch\nC1,Anna,B1\nC9,Yan,B1\n", library.clerk)
    library.ann.branch = library.north
    toy_session.commit()
    outcome = undoing.undo(library.clerk, run_of(receipt))

    assert (outcome.reversed, outcome.refused, outcome.details[0].key) == (1, 1, "C1")


def test_a_record_may_not_be_moved_out_of_the_own_rows(load, library, allow, toy_session):
    """What was another branch's before the file is not given back there by somebody of this one."""
    receipt = load("readers", "card,name,branch\nC1,Anna,B1\nC2,Bert,B1\n", library.head)
    run_of(receipt).user_id = library.clerk.id
    toy_session.commit()
    allow("readers", verbs=IMPORTER)
    outcome = undoing.undo(library.clerk, run_of(receipt))
    toy_session.expire_all()

    assert (outcome.reversed, outcome.refused, outcome.details[0].key) == (1, 1, "C2")
    assert (library.ann.name, library.bob.name, library.bob.branch.code) == ("Ann", "Bert", "B1")


def test_a_field_that_the_role_does_not_write_stays(load, library, allow):
    """It was written with more rights than there are now."""
    allow("readers", verbs=IMPORTER)
    receipt = load("readers", "card,name\nC1,Anna\n", library.clerk)
    allow("readers", verbs=IMPORTER, frozen=frozenset({"name"}))
    outcome = undoing.undo(library.clerk, run_of(receipt))

    assert (outcome.reversed, outcome.refused, library.ann.name) == (0, 1, "Anna")


def test_the_house_may_take_back_everything(load, library, allow):
    """As it may import everything."""
    allow("readers", verbs=IMPORTER)
    receipt = load("readers", "card,name\nC1,Anna\n", library.clerk)

    assert undoing.undo(SYSTEM, run_of(receipt)).reversed == 1
