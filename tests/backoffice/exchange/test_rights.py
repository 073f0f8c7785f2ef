"""An import and an export do no more than the person may do by hand."""

from __future__ import annotations

import dataclasses

import pytest

from backoffice.declare import Personal, Verb
from backoffice.errors import Denied
from tests import toys
from tests.backoffice.exchange.conftest import codes, counts


@pytest.fixture
def allow(plans, monkeypatch):
    """Give the clerk other rights for one test."""

    def run(resource, **changes):
        rights = dict(plans[resource].resource.rights)
        rights[toys.Role.CLERK] = dataclasses.replace(rights[toys.Role.CLERK], **changes)
        monkeypatch.setitem(plans[resource].__dict__, "resource", dataclasses.replace(plans[resource].resource, rights=rights))

    return run


IMPORTER = Verb.READ | Verb.CREATE | Verb.UPDATE | Verb.IMPORT | Verb.EXPORT


def test_nobody_imports_or_exports_without_the_verb(load, dump, library):
    """To read and change records by hand is not yet to load or carry away a list."""
    with pytest.raises(Denied):
        load("readers", "card,name\nC1,A\n", library.clerk)
    with pytest.raises(Denied):
        dump("readers", library.clerk)


def test_rows_beyond_the_own_ones_are_refused(load, library, allow):
    """Neither an existing record of another branch nor a new one there."""
    allow("readers", verbs=IMPORTER)
    receipt = load("readers", "card,name,branch\nC1,Anna,B1\nC2,Bert,B2\nC5,Eve,B1\nC6,Fay,B2\n", library.clerk, skip_invalid=True)

    assert (counts(receipt), codes(receipt)) == ((1, 1, 0, 2), ["not_yours", "not_yours"])


def test_an_export_holds_the_own_rows_alone(dump, library, allow):
    """And of those as much as the role sees: this one masks of what is personal."""
    allow("readers", verbs=IMPORTER)
    text = dump("readers", library.clerk).decode("utf-8-sig")

    assert [line.split(",")[0] for line in text.splitlines()] == ["card", "C1"]
    assert "139****0001" in text
    assert "13900000001" not in text


def test_a_masked_export_comes_back_unchanged(load, dump, library, allow):
    """A mask that is the stored value's own is no change; any other is no value."""
    allow("readers", verbs=IMPORTER)
    data = dump("readers", library.clerk)

    assert counts(load("readers", data, library.clerk)) == (0, 0, 1, 0)
    assert codes(load("readers", "card,mobile\nC1,138****0001\n", library.clerk)) == ["invalid_phone"]


def test_fields_that_the_role_does_not_write(load, library, allow):
    """A hidden field and a frozen one are refused; the frozen one may stand there unchanged."""
    allow("loans", verbs=IMPORTER)

    assert codes(load("loans", "loan_no,fine\nL1,2.00\n", library.clerk)) == ["no_right"]
    allow("loans", verbs=IMPORTER, hidden=frozenset(), frozen=frozenset({"title"}))
    assert codes(load("loans", "loan_no,title\nL1,Persuasion\n", library.clerk)) == ["no_right"]
    assert counts(load("loans", "loan_no,title\nL1,Emma\n", library.clerk)) == (0, 0, 1, 0)


def test_history_needs_its_own_right(load, library, allow):
    """On a new record a locked column is history, and not everybody writes history."""
    allow("loans", verbs=IMPORTER)
    text = "loan_no,card,state\nL8,C1,back\n"

    assert codes(load("loans", text, library.clerk)) == ["locked_field"]
    allow("loans", verbs=IMPORTER | Verb.HISTORY)
    assert counts(load("loans", text, library.clerk)) == (1, 0, 0, 0)


def test_a_record_out_of_sight_is_no_link(load, library, allow):
    """Another branch's reader is unknown, unless the stored record says so already."""
    allow("loans", verbs=IMPORTER, rows=None, change=None)

    assert codes(load("loans", "loan_no,card,title\nL8,C2,Emma\n", library.clerk)) == ["unknown_link"]
    assert counts(load("loans", "loan_no,card,title\nL1,C1,Persuasion\n", library.clerk)) == (0, 1, 0, 0)


def test_personal_fields_in_full_for_those_who_see_them(dump, library, allow):
    """The head exports the whole number."""
    allow("readers", verbs=IMPORTER, personal=Personal.HIDDEN)

    assert "13900000001" in dump("readers", library.head).decode()
    assert "mobile" not in dump("readers", library.clerk).decode()


def test_rows_that_are_read_but_not_changed_may_stand_in_the_file_as_they_are(load, library, allow):
    """What was exported comes back: a row without a change is unchanged, and only a changed one is refused."""
    allow("readers", verbs=IMPORTER, rows=None, change=toys.own_branch)
    as_it_is = load("readers", "card,name,branch\nC1,Ann,B1\nC2,Bob,B2\n", library.clerk)
    changed = load("readers", "card,name,branch\nC1,Ann,B1\nC2,Bert,B2\n", library.clerk)

    assert counts(as_it_is) == (0, 0, 2, 0)
    assert (counts(changed), codes(changed)) == ((0, 0, 1, 1), ["not_yours"])


def test_a_change_may_not_move_a_record_out_of_the_own_rows(load, library, allow):
    """A file can do no more than the form: a reader does not leave for another branch."""
    allow("readers", verbs=IMPORTER)
    receipt = load("readers", "card,name,branch\nC1,Ann,B2\n", library.clerk)

    assert (counts(receipt), codes(receipt)) == ((0, 0, 0, 1), ["not_yours"])
