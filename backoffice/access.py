"""The two doors: which rows a person reaches, and how much of a field. What is not given is denied.

Every channel goes through here: pages, pickers, search, actions, history, import and export.
"""

from __future__ import annotations

import enum
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backoffice.declare import Model, Personal, Right, Verb
from backoffice.declare.resource import NOTHING
from backoffice.errors import Denied, NotFound
from backoffice.plan import Action, Field, Plan

ALL: Final = ~NOTHING
EVERYTHING: Final = Right(ALL, personal=Personal.LOGGED)
NO_RIGHT: Final = Right(NOTHING)


class System:
    """The house itself: the command line, seeds and periodic work. It may do everything."""

    id = None
    name = "system"
    language = None

    def __str__(self) -> str:
        return self.name


SYSTEM: Final = System()


class Access(enum.IntEnum):
    """How much of a field a person gets; each level holds the ones before it."""

    HIDDEN = 0
    MASKED = 1
    READ = 2
    WRITE = 3


def right(person: Any, plan: Plan) -> Right:
    """What the person's role may do with the noun."""
    if person is SYSTEM:
        return EVERYTHING
    return plan.resource.rights.get(getattr(person, "role", None), NO_RIGHT)


def can(person: Any, verb: Verb, plan: Plan) -> bool:
    """Whether the person may do this with any record of the noun at all."""
    return verb in right(person, plan).verbs


def require(person: Any, verb: Verb, plan: Plan) -> None:
    """Raise :class:`Denied` unless :func:`can`."""
    if not can(person, verb, plan):
        raise Denied


def can_act(person: Any, action: Action, plan: Plan) -> bool:
    """Whether the person's role is offered the action."""
    return person is SYSTEM or (can(person, Verb.ACT, plan) and person.role in action.spec.by)


def scoped_query(person: Any, plan: Plan, purpose: Verb = Verb.READ, *, archived: bool | None = False) -> Select[Any]:
    """The rows that the person reaches for a purpose.

    ``archived``: False leaves archived records out, True gives only those, None both.
    """
    given = right(person, plan)
    query = select(plan.model)
    if purpose not in given.verbs:
        return query.where(plan.model.id.is_(None))
    if given.rows is not None:
        query = query.where(given.rows(person))
    if purpose not in (Verb.READ, Verb.EXPORT) and given.change is not None and given.change is not given.rows:
        query = query.where(given.change(person))
    if archived is not None:
        column = plan.model.archived_at
        query = query.where(column.is_not(None) if archived else column.is_(None))
    return query


def get_record(session: Session, person: Any, plan: Plan, record_id: int, purpose: Verb = Verb.READ) -> Model:
    """One record by its internal id, archived or not.

    Raises :class:`NotFound` where the person may not even read it, :class:`Denied` where the
    purpose is not theirs.
    """
    readable = session.scalars(scoped_query(person, plan, Verb.READ, archived=None).where(plan.model.id == record_id)).first()
    if readable is None:
        raise NotFound
    if purpose is not Verb.READ and not reaches(session, person, plan, readable, purpose):
        raise Denied
    return readable  # type: ignore[no-any-return]  # a Select of one model


def reaches(session: Session, person: Any, plan: Plan, record: Model, purpose: Verb) -> bool:
    """Whether a stored record is among the person's rows for a purpose."""
    query = scoped_query(person, plan, purpose, archived=None).where(plan.model.id == record.id)
    return session.scalars(query.with_only_columns(plan.model.id)).first() is not None


def field_access(person: Any, plan: Plan, field: Field, purpose: Verb = Verb.READ) -> Access:
    """How much of a field the person gets, whatever the row."""
    given = right(person, plan)
    if field.secret or field.name in given.hidden or not given.verbs:
        return Access.HIDDEN
    if purpose in (Verb.CREATE, Verb.UPDATE, Verb.IMPORT):
        writable = not (field.locked or field.is_system or field.name in given.frozen) and purpose in given.verbs
        return Access.WRITE if writable else _readable(given, field, purpose)
    return _readable(given, field, purpose)


def _readable(given: Right, field: Field, purpose: Verb) -> Access:
    if field.personal is None:
        return Access.READ
    if given.personal is Personal.HIDDEN:
        return Access.HIDDEN
    return Access.READ if given.personal is Personal.LOGGED and purpose is Verb.EXPORT else Access.MASKED


def fields_for(person: Any, plan: Plan, purpose: Verb = Verb.READ, least: Access = Access.MASKED) -> list[Field]:
    """The fields that the person gets at least this much of, in the order of declaration."""
    return [one for one in plan.fields.values() if field_access(person, plan, one, purpose) >= least]


def may_reveal(session: Session, person: Any, plan: Plan, record: Model) -> bool:
    """Whether the person may see this record's personal fields in full, each look being logged."""
    given = right(person, plan)
    if given.personal is Personal.LOGGED:
        return True
    return given.personal is Personal.REVEALED and reaches(session, person, plan, record, _deepest(given))


def _deepest(given: Right) -> Verb:
    """The verb whose rows are those that the role works on, not merely reads."""
    return Verb.UPDATE if Verb.UPDATE in given.verbs else Verb.READ
