"""By what a report tells records apart: a field of theirs, over links, or a field of their children.

A list asks for the records of one value by ``part=reader.branch:2``, and for those without by ``part=reader.branch:``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Enum, Select, String, case, cast, func, select
from sqlalchemy.orm import Session, aliased

from backoffice.access import Access, can, field_access, right, scoped_query
from backoffice.declare import By, Invalid, Line, Model, Per, Text, Verb, _
from backoffice.declare.kinds import Selection, Truth
from backoffice.errors import BadRequest
from backoffice.plan import Field, Plan, plan_of
from backoffice.views import links
from backoffice.views.common import clipped, target_of, whole_number
from backoffice.views.paths import Path, path_to


@dataclass(frozen=True)
class Split:
    """One way to tell the records of a noun apart, for one person; ``field`` has the values."""

    person: Any
    plan: Plan
    said: By | Per
    field: Field

    @property
    def name(self) -> str:
        """How an address calls it."""
        return self.said.path

    @property
    def label(self) -> Text:
        """How people call it."""
        return self.said.label or self.field.label

    def text(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """A value as an address writes it."""
        if isinstance(self.field.kind, Truth) and not self.field.is_link:
            return case((value.is_(True), "yes"), (value.is_(False), "no"))
        return value if isinstance(value.type, String) and not isinstance(value.type, Enum) else cast(value, String)

    def has(self, value: Any) -> ColumnElement[bool]:
        """The rows with this value; None means without any."""
        raise NotImplementedError

    def value_of(self, text: str) -> Any:
        """The value that an address means. Raises :class:`BadRequest`."""
        if not text:
            return None
        if self.field.is_link:
            return whole_number(text) or self._refuse(text)
        try:
            return self.field.kind.parse(text) if isinstance(self.field.kind, Selection | Truth) else text
        except Invalid:
            return self._refuse(text)

    def shown(self, session: Session, values: Iterable[Any]) -> dict[Any, str]:
        """How people call these values; a record as the lists call it."""
        known = [one for one in values if one is not None]
        if not self.field.is_link:
            return {one: self.field.kind.show(one) for one in known}
        target = target_of(self.field)
        found = session.scalars(select(target.model).where(target.model.id.in_(known)).options(*links.naming(target))) if known else ()
        return {one.id: str(one) for one in found}

    def says(self, session: Session, value: Any) -> str:
        """How the value of an address is called, as far as the person may know."""
        if value is None:
            return str(_("empty"))
        if not self.field.is_link:
            return clipped(self.field.kind.show(value))
        target = target_of(self.field)
        record = session.scalars(scoped_query(self.person, target, archived=None).where(target.model.id == value)).first()
        return str(record) if record is not None else str(value)

    def _refuse(self, text: str) -> Any:
        raise BadRequest(_("There is no {label} “{text}”.", label=self.label, text=clipped(text)))


@dataclass(frozen=True)
class Own(Split):
    """By a field of the records, or of what they link to."""

    path: Path

    @property
    def value(self) -> ColumnElement[Any]:
        """What each row is told apart by; a blank text is none."""
        value = self.path.value()
        return func.nullif(value, "", type_=value.type) if isinstance(self.field.kind, Line) and not self.field.is_link else value

    def has(self, value: Any) -> ColumnElement[bool]:
        return self.value.is_(None) if value is None else self.path.value() == value


@dataclass(frozen=True)
class Below(Split):
    """By a field of their children, as far as the person reads these."""

    child: Plan
    back: Field

    def spread(self, rows: Select[Any]) -> tuple[Select[Any], ColumnElement[Any]]:
        """The rows and their values; a row with several values stands under each."""
        one = aliased(self.child.model)
        return rows.join(one, self._belongs(one)), getattr(one, self.field.column)

    def has(self, value: Any) -> ColumnElement[bool]:
        one = aliased(self.child.model)
        column = getattr(one, self.field.column)
        return select(one.id).where(self._belongs(one), column.is_(None) if value is None else column == value).correlate(self.plan.model).exists()

    def _belongs(self, one: Any) -> ColumnElement[bool]:
        belongs: ColumnElement[bool] = getattr(one, self.back.column) == self.plan.model.id
        child: type[Model] = self.child.model
        rows = right(self.person, self.child).rows
        if rows is None:
            return belongs
        return belongs & select(child.id).where(child.id == one.id, rows(self.person)).correlate(one).exists()


def splits(person: Any, plan: Plan) -> dict[str, Own | Below]:
    """The ways that the noun's report names, as far as the person sees the fields."""
    found = (_split(person, plan, one) for one in (plan.resource.report.by if plan.resource.report else ()))
    return {one.name: one for one in found if one is not None}


def _split(person: Any, plan: Plan, said: By | Per) -> Own | Below | None:
    if isinstance(said, By):
        path = path_to(person, plan, said.path)
        return Own(person, plan, said, path.field, path) if path is not None else None
    name, _dot, end = said.path.partition(".")
    children = next(one for one in plan.children if one.name == name)
    child = plan_of(children.target)
    field = child.fields[end]
    is_seen = can(person, Verb.READ, child) and field_access(person, child, field) >= Access.MASKED
    return Below(person, plan, said, field, child, child.fields[children.back]) if is_seen else None
