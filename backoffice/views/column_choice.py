"""Which columns a list shows: those that the person chose, else those of the view, else those of the noun."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from backoffice.access import fields_for
from backoffice.db import db
from backoffice.declare.views import SavedView
from backoffice.plan import Field, Plan
from backoffice.views.tables import ListColumns

MOST = 25
"""Every link among them is one more join."""
NARROWEST, WIDEST = 48, 800
_PART = re.compile(r"([a-z_][a-z0-9_]*)(?::([0-9]{2,3}))?")


@dataclass(frozen=True)
class Chosen:
    """A column: its field and its width in pixels, where somebody gave it one."""

    field: Field
    width: int | None = None

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.field.name


def shown_columns(person: Any, plan: Plan, view: SavedView | None) -> list[Chosen]:
    """The columns of a list for a person, as far as the person sees the fields."""
    if found := read(person, plan, chosen_text(person, plan, view)):
        return found
    seen = set(fields_for(person, plan))
    return [Chosen(one) for one in plan.columns if one in seen]


def chosen_text(person: Any, plan: Plan, view: SavedView | None) -> str | None:
    """What was chosen instead of the usual columns, as it is kept: by the person, else with the view."""
    own = db.session.get(ListColumns, _key(person, plan, view)) if person.id is not None else None
    return own.columns if own is not None else view.columns if view is not None else None


def read(person: Any, plan: Plan, text: str | None) -> list[Chosen]:
    """The columns that a text names; what is gone, or not for the person, is left out."""
    seen = {one.name: one for one in fields_for(person, plan)}
    parts = [found for part in (text or "").split(",") if (found := _PART.fullmatch(part)) and found[1] in seen]
    widths = {found[1]: found[2] for found in parts}
    return [Chosen(seen[name], within(int(width) if width else None)) for name, width in list(widths.items())[:MOST]]


def within(width: int | None) -> int | None:
    """A width that a column may have, in pixels; None is as wide as it needs."""
    return None if width is None else min(max(width, NARROWEST), WIDEST)


def as_text(columns: Iterable[Chosen]) -> str:
    """The columns as they are kept."""
    return ",".join(one.name if one.width is None else f"{one.name}:{one.width}" for one in columns)


def keep(session: Session, person: Any, plan: Plan, view: SavedView | None, columns: Iterable[Chosen]) -> None:
    """Remember the columns for this person. The caller commits."""
    user, resource, number = _key(person, plan, view)
    session.merge(ListColumns(user_id=user, resource=resource, view_id=number, columns=as_text(columns)))


def forget(session: Session, person: Any, plan: Plan, view: SavedView | None) -> None:
    """Go back to the usual columns. The caller commits."""
    user, resource, number = _key(person, plan, view)
    session.execute(delete(ListColumns).where(ListColumns.user_id == user, ListColumns.resource == resource, ListColumns.view_id == number))


def _key(person: Any, plan: Plan, view: SavedView | None) -> tuple[int, str, int]:
    return person.id, plan.name, view.id if view is not None else 0
