"""Whose rows: conditions on rows, for the table of rights (domain.md 3.9).

The scopes of a noun stand in the noun's own file, as functions from the person to a condition;
here are the parts they are made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, false, select

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

    from backoffice.declare import Model


def of_store(column: InstrumentedAttribute[Any], person: Any) -> ColumnElement[bool]:
    """Rows whose ``column`` is the person's store; a person of no store has none."""
    return false() if person.store_id is None else column == person.store_id


def of_person(column: InstrumentedAttribute[Any], person: Any) -> ColumnElement[bool]:
    """Rows whose ``column`` is the person."""
    return column == person.id


def within(column: InstrumentedAttribute[Any], parent: type[Model], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Rows whose parent, named by the foreign key ``column``, meets the condition: children follow their parent."""
    return column.in_(select(parent.id).where(condition))
