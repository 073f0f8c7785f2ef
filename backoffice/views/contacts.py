"""How to reach whoever a record is about: personal fields of linked records, shown beside the link.

The noun names them by path (``Resource(contact=("reader.mobile",))``). They stay fields of the
linked record: the person must reach that record, sees a mask, and a click that shows the value in
full is noted in that record's trail, not in this one's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backoffice.access import may_reveal
from backoffice.db import db
from backoffice.declare import Model
from backoffice.plan import Field, Plan
from backoffice.views.answers import may_open
from backoffice.views.common import person
from backoffice.views.paths import Path, path_to


@dataclass(frozen=True)
class Contact:
    """A way to reach the record at the end of a path."""

    path: Path
    record: Model

    @property
    def name(self) -> str:
        """Its word in an address: the path itself."""
        return self.path.name

    @property
    def beside(self) -> str:
        """The link on this page that it stands beside."""
        return self.path.steps[0].name

    @property
    def field(self) -> Field:
        """The field of the linked record."""
        return self.path.field

    @property
    def plan(self) -> Plan:
        """The noun of the linked record."""
        return self.path.end

    @property
    def may_reveal(self) -> bool:
        """Whether a click may show it in full."""
        return may_reveal(db.session(), person(), self.plan, self.record)


def contacts(plan: Plan, record: Model) -> Iterator[Contact]:
    """The ways that the noun names, hold something, and lead to a record that the person may open."""
    for name in plan.resource.contact:
        path = path_to(person(), plan, name)
        linked = _end(path, record) if path else None
        if path and linked is not None and getattr(linked, path.field.name) is not None and may_open(linked):
            yield Contact(path, linked)


def _end(path: Path, record: Model) -> Any:
    """The record that holds the field, or None where a link on the way is empty."""
    here: Any = record
    for step in path.steps[:-1]:
        here = getattr(here, step.name) if here is not None else None
    return here
