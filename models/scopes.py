"""Whose rows: scopes for the table of rights (domain.md 3.9).

A scope is a function from the person to a condition on rows. ``of_store`` and ``of_person`` make one
from a column, ``within`` makes one that lets children follow their parent. The scopes of a noun
stand in the noun's own file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, false, select

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

    from backoffice.declare import Model
    from models.roles import Scope


def of_store(column: InstrumentedAttribute[Any]) -> Scope:
    """Rows whose ``column`` is the person's store; a person of no store has none."""
    return lambda person: false() if person.store_id is None else _same(column, person.store_id)


def of_person(column: InstrumentedAttribute[Any]) -> Scope:
    """Rows whose ``column`` is the person."""
    return lambda person: _same(column, person.id)


def within(column: InstrumentedAttribute[Any], parent: type[Model], scope: Scope) -> Scope:
    """Rows whose parent, named by the foreign key ``column``, lies in the parent's scope."""
    return lambda person: met(column, parent.id, scope(person))


def met(own: InstrumentedAttribute[Any], other: InstrumentedAttribute[Any], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is a row whose ``other`` is ``own`` and that meets the condition.

    Asked row by row, for a page shows fifty of a million; ``IN (SELECT …)`` would first gather all rows that meet it,
    and so would PostgreSQL for an ``EXISTS`` that is one of two conditions.
    """
    return select(other).where(other == own, condition).correlate(own.class_).limit(1).scalar_subquery().is_not(None)


def _same(column: InstrumentedAttribute[Any], value: int) -> ColumnElement[bool]:
    return column == value
