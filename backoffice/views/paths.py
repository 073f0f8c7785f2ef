"""Fields over links: ``reader.branch.name`` as an expression, as far as the person may look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select

from backoffice.access import Access, can, field_access, right
from backoffice.declare import Line, Personal, Verb
from backoffice.declare.kinds import Verbatim
from backoffice.plan import Field, Plan, plan_of
from backoffice.views.common import target_of, titled

Make = Callable[[Any], ColumnElement[bool]]
DEEPEST = 4
"""Links in a path; a noun that links to itself would make one without end."""


@dataclass(frozen=True)
class Path:
    """The way from a noun to a field; ``steps`` are the links on the way and the field at its end."""

    name: str
    person: Any
    start: Plan
    end: Plan
    steps: tuple[Field, ...]

    @property
    def field(self) -> Field:
        """The field at the end."""
        return self.steps[-1]

    @property
    def label(self) -> str:
        """How people call it: the labels on the way."""
        return " · ".join(str(step.label) for step in self.steps)

    def where(self, make: Make) -> ColumnElement[bool]:
        """The condition that ``make`` gives for the column at the end, on rows of the start."""
        plans = [self.start, *(plan_of(step.target) for step in self.steps[:-1] if step.target)]
        condition = make(getattr(plans[-1].model, self.field.column))
        for plan, step in zip(reversed(plans[:-1]), reversed(self.steps[:-1]), strict=True):
            condition = getattr(plan.model, step.name).has(and_(condition, *self._reach(step)))
        return condition

    def value(self) -> ColumnElement[Any]:
        """What stands at its end, for each row of the start; nothing where that is a record that the person may not open."""
        plans = [self.start, *(target_of(step) for step in self.steps[:-1])]
        value: ColumnElement[Any] = getattr(plans[-1].model, self.field.column)
        for plan, step in zip(reversed(plans[:-1]), reversed(self.steps[:-1]), strict=True):
            there = target_of(step).model
            value = select(value).where(there.id == getattr(plan.model, step.column), *self._reach(step)).correlate(plan.model).scalar_subquery()
        return value

    def empty(self) -> ColumnElement[bool]:
        """Rows where nothing stands at its end, as far as the person may look."""
        if len(self.steps) > 1:
            return not_(self.where(lambda column: not_(self._blank(column))))
        return self.where(self._blank)

    def _blank(self, column: Any) -> ColumnElement[bool]:
        is_text = not self.field.is_link and isinstance(self.field.kind, Line | Verbatim)
        return or_(column.is_(None), column == "") if is_text else column.is_(None)

    def _reach(self, step: Field) -> Iterator[ColumnElement[bool]]:
        """What the name of a linked record does not say is asked only of records that the person may open."""
        target = target_of(step)
        given = right(self.person, target)
        if given.rows is not None and not (step is self.steps[-2] and self.field in titled(target)):
            yield given.rows(self.person)


def path_to(person: Any, plan: Plan, name: str) -> Path | None:
    """The path, or None where it leads nowhere or to something that the person does not see."""
    steps: list[Field] = []
    here = plan
    *links, last = name.split(".", DEEPEST + 1)
    if len(links) > DEEPEST:
        return None
    for link in links:
        step = here.fields.get(link)
        if step is None or step.target is None or not _sees(person, here, step):
            return None
        steps.append(step)
        here = plan_of(step.target)
    field = here.fields.get(last)
    if field is None or not _sees(person, here, field):
        return None
    return Path(name, person, plan, here, (*steps, field))


def may_probe(person: Any, plan: Plan) -> bool:
    """Whether the role sees personal data on every page anyway, so that finding by more than the mask shows gives nothing away."""
    return right(person, plan).personal is Personal.LOGGED


def _sees(person: Any, plan: Plan, field: Field) -> bool:
    return can(person, Verb.READ, plan) and field_access(person, plan, field) >= Access.MASKED
