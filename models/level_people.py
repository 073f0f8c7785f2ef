"""Who is asked to take a complaint on a level: the level's role at its store, and the deputy where nobody is there (domain.md 2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from models.acting import linked
from models.complaint_states import OPEN
from models.staff import Staff
from models.stores import Store

if TYPE_CHECKING:
    from models.complaint_fields import ComplaintFields
    from models.escalation_levels import EscalationLevel


def person_for(case: ComplaintFields, level: EscalationLevel) -> Staff | None:
    """Of the level's people at the store whoever has the fewest open complaints; where all are away, a deputy; or None."""
    people = of_level(case, level)
    there = next((one for one in people if one.is_there), None)
    return there or next((deputy for one in people if (deputy := deputy_for(one, level))), None)


def deputy_for(person: Staff, level: EscalationLevel) -> Staff | None:
    """The first in the row of deputies who is there and has the level's authority."""
    return next((one for one in _deputies(person) if one.is_there and level.owned_by(one)), None)


def of_level(case: ComplaintFields, level: EscalationLevel) -> list[Staff]:
    """The active people of the level's role: those of the complaint's store, else those of no store, else all; the least busy first."""
    people = select(Staff).where(Staff.role == level.owner_role, Staff.active, Staff.archived_at.is_(None)).order_by(Staff.id)
    found = [one for one in case.session.scalars(people) if level.owned_by(one)]
    store = linked(case, "store", Store)
    for wanted in (store, None):
        if here := [one for one in found if one.store is wanted]:
            return _by_work(case, here)
    return _by_work(case, found)


def _by_work(case: ComplaintFields, people: list[Staff]) -> list[Staff]:
    """Whoever has the fewest open complaints first; of one person alone nothing is asked, for thousands may be counted."""
    if len(people) < 2:
        return people
    noun = type(case)
    owned = select(noun.owner_id, func.count()).where(noun.owner_id.in_([one.id for one in people]), noun.status.in_(OPEN), noun.archived_at.is_(None))
    work = {row[0]: row[1] for row in case.session.execute(owned.group_by(noun.owner_id))}
    return sorted(people, key=lambda one: (work.get(one.id, 0), one.id))


def _deputies(person: Staff) -> Iterator[Staff]:
    seen, one = {person}, person.stands_in()
    while one is not None and one not in seen:
        yield one
        seen.add(one)
        one = one.stands_in()
