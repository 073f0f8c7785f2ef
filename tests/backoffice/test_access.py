"""What is not given is denied: rows, fields, verbs and actions."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backoffice.access import SYSTEM, Access, can, can_act, field_access, fields_for, get_record, may_reveal, scoped_query
from backoffice.declare import Model, Personal, Right, Verb
from backoffice.errors import Denied, NotFound
from backoffice.plan import Plan, plan_of
from tests import toys

READERS, LOANS = plan_of(toys.Reader), plan_of(toys.Loan)


@pytest.fixture
def house(toy_session: Session) -> dict[str, Any]:
    """Two branches, a clerk in the first, the head, and a reader in each."""
    here, there = toys.Branch(code="A", name="Here"), toys.Branch(code="B", name="There")
    made: dict[str, Any] = {
        "clerk": toys.Librarian(badge="1", name="Clerk", branch=here),
        "head": toys.Librarian(badge="2", name="Head", branch=there, role=toys.Role.HEAD),
        "own": toys.Reader(card="R1", name="Own", branch=here, mobile="13900000001"),
        "foreign": toys.Reader(card="R2", name="Foreign", branch=there, mobile="13900000002"),
    }
    toy_session.add_all(made.values())
    toy_session.commit()
    return made


def cards(session: Session, person: Any, verb: Verb, **archived: Any) -> set[str]:
    return {one.card for one in session.scalars(scoped_query(person, READERS, verb, **archived))}


def test_a_clerk_reaches_the_own_branch_alone(toy_session: Session, house: dict[str, Any]) -> None:
    """Row scope holds for reading and changing; the head reaches all."""
    assert cards(toy_session, house["clerk"], Verb.READ) == {"R1"}
    assert cards(toy_session, house["clerk"], Verb.UPDATE) == {"R1"}
    assert cards(toy_session, house["head"], Verb.READ) == {"R1", "R2"}


def test_a_verb_that_is_not_given_reaches_nothing(toy_session: Session, house: dict[str, Any]) -> None:
    """A clerk may not export, so the export query is empty, whoever forgot to ask first."""
    assert not can(house["clerk"], Verb.EXPORT, READERS)
    assert cards(toy_session, house["clerk"], Verb.EXPORT) == set()


def test_somebody_without_a_role_reaches_nothing(toy_session: Session, house: dict[str, Any]) -> None:
    """An unknown role and no person at all are denied by default."""
    for stranger in (None, SimpleNamespace(role="janitor", branch_id=1)):
        assert cards(toy_session, stranger, Verb.READ) == set()
        assert fields_for(stranger, READERS) == []


def test_a_foreign_record_does_not_exist_and_a_forbidden_deed_is_denied(toy_session: Session, house: dict[str, Any]) -> None:
    """Not found for what one may not know of; denied for what one may read but not do."""
    with pytest.raises(NotFound):
        get_record(toy_session, house["clerk"], READERS, house["foreign"].id)
    with pytest.raises(Denied):
        get_record(toy_session, house["clerk"], READERS, house["own"].id, Verb.DELETE)

    assert get_record(toy_session, house["clerk"], READERS, house["own"].id) is house["own"]


def test_archived_records_leave_the_rows(toy_session: Session, house: dict[str, Any]) -> None:
    """Lists and pickers forget what was archived; the archive itself shows it."""
    house["own"].archived_at = house["own"].created_at
    toy_session.commit()

    assert cards(toy_session, house["head"], Verb.READ) == {"R2"}
    assert cards(toy_session, house["head"], Verb.READ, archived=True) == {"R1"}
    assert cards(toy_session, house["head"], Verb.READ, archived=None) == {"R1", "R2"}


def test_the_command_line_reaches_all(toy_session: Session, house: dict[str, Any]) -> None:
    """The system has every verb on every row and sees every field but secrets."""
    assert cards(toy_session, SYSTEM, Verb.HISTORY) == {"R1", "R2"}
    assert field_access(SYSTEM, plan_of(toys.Librarian), plan_of(toys.Librarian).fields["password_hash"]) is Access.HIDDEN


def access(role: toys.Role, plan: Plan, name: str, verb: Verb) -> Access:
    return field_access(SimpleNamespace(role=role, branch_id=1), plan, plan.fields[name], verb)


@pytest.mark.parametrize(
    ("role", "plan", "field", "verb", "expected"),
    [
        (toys.Role.CLERK, READERS, "name", Verb.READ, Access.READ),
        (toys.Role.CLERK, READERS, "mobile", Verb.READ, Access.MASKED),
        (toys.Role.CLERK, READERS, "mobile", Verb.UPDATE, Access.WRITE),
        (toys.Role.CLERK, LOANS, "fine", Verb.READ, Access.HIDDEN),
        (toys.Role.CLERK, LOANS, "fine", Verb.UPDATE, Access.HIDDEN),
        (toys.Role.CLERK, LOANS, "state", Verb.UPDATE, Access.READ),
        (toys.Role.CLERK, LOANS, "title", Verb.IMPORT, Access.READ),
        (toys.Role.HEAD, READERS, "mobile", Verb.READ, Access.MASKED),
        (toys.Role.HEAD, READERS, "mobile", Verb.EXPORT, Access.READ),
        (toys.Role.HEAD, READERS, "created_at", Verb.UPDATE, Access.READ),
    ],
)
def test_how_much_of_a_field(role: toys.Role, plan: Plan, field: str, verb: Verb, expected: Access) -> None:
    """By role, model, verb and field: hidden, masked, read or written."""
    assert access(role, plan, field, verb) is expected


def test_frozen_fields_are_read_but_not_written() -> None:
    """A role may be kept from one field of a record that it changes."""
    rights = {toys.Role.CLERK: Right(Verb.READ | Verb.UPDATE, frozen=frozenset({"name"}))}
    plan = replace(READERS, resource=replace(READERS.resource, rights=rights))

    assert access(toys.Role.CLERK, plan, "name", Verb.UPDATE) is Access.READ
    assert access(toys.Role.CLERK, plan, "card", Verb.UPDATE) is Access.WRITE


@pytest.mark.parametrize(("level", "own", "foreign"), [
    (Personal.HIDDEN, False, False), (Personal.MASKED, False, False), (Personal.REVEALED, True, False), (Personal.LOGGED, True, True),
])
def test_who_may_see_a_number_in_full(
    toy_session: Session, house: dict[str, Any], level: Personal, own: bool, foreign: bool
) -> None:
    """A click shows it where the row may be changed; without the level nothing does."""
    rights = {toys.Role.CLERK: Right(Verb.READ | Verb.UPDATE, change=toys.own_branch, personal=level)}  # type: ignore[arg-type]  # toy
    plan = replace(READERS, resource=replace(READERS.resource, rights=rights))

    def shown(record: Model) -> bool:
        return may_reveal(toy_session, house["clerk"], plan, record)

    assert (shown(house["own"]), shown(house["foreign"])) == (own, foreign)


def test_an_action_is_offered_to_its_roles_alone(house: dict[str, Any]) -> None:
    """The waiver of a fine is the head's; renewing is everybody's who acts."""
    assert not can_act(house["clerk"], LOANS.actions["waive"], LOANS)
    assert can_act(house["clerk"], LOANS.actions["renew"], LOANS)
    assert can_act(SYSTEM, LOANS.actions["waive"], LOANS)
