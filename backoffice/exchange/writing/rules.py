"""On which rows of a file the rules of a noun have a say, and which of them they may refuse; all others are written set by set."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backoffice import access
from backoffice.declare import BadDeclaration, Model
from backoffice.declare.rules import Brought, Lacking, refusals_of, spec_of
from backoffice.exchange.stage import CREATE, UPDATE, Part
from backoffice.plan import Field, Plan, plan_of


@dataclass(frozen=True)
class Concern:
    """The rows that are taken one by one: new ones of today, new ones of history, and changes of these fields (None: of any)."""

    new: bool = True
    history: bool = True
    fields: frozenset[str] | None = None

    def is_about(self, field: Field) -> bool:
        """Whether a change of the field on a known record is looked at."""
        return self.fields is None or field.name in self.fields


def concern_of(model: type[Model], brought: Collection[str] | None = None) -> Concern:
    """What the rule of a noun looks at, in a file that brings these fields (None: any).

    A new record whose number the file does not bring gets one from its series, which is a rule too.
    """
    return _concern(model, model.before_save, None if brought is None else frozenset(brought))


@functools.cache
def _concern(model: type[Model], rule: Callable[..., None], brought: frozenset[str] | None) -> Concern:
    spec = spec_of(rule)
    counted = _is_counted(plan_of(model), brought)
    _insist_on_names(model, {*(spec.fields or ()), *_names(spec.new), *_names(spec.history)})
    return Concern(counted or _says(spec.new, brought), counted or _says(spec.history, brought), spec.fields)


def _names(given: Brought) -> tuple[str, ...]:
    return given if isinstance(given, tuple) else ()


def _says(given: Brought, brought: frozenset[str] | None) -> bool:
    if not isinstance(given, tuple) or brought is None:
        return bool(given)
    return any(isinstance(name, Lacking) or name in brought for name in given)


def _is_counted(plan: Plan, brought: Collection[str] | None) -> bool:
    return any(one.numbered and (brought is None or one.name not in brought) for one in plan.fields.values())


def is_scoped(person: Any, plan: Plan) -> bool:
    """Whether somebody has rows of their own, and is judged record by record."""
    given = access.right(person, plan)
    return person is not access.SYSTEM and (given.rows is not None or given.change is not None)


def idle(part: Part) -> Iterator[sa.ColumnElement[bool]]:
    """The new rows that a rule, as it looks at certain fields only, has nothing to do with."""
    rows, spec = part.rows.c, spec_of(part.plan.model.before_save)
    if _is_counted(part.plan, {column.field.name for column in part.mapped.columns}):
        return
    for given, is_history in ((spec.new, rows.is_history.is_(False)), (spec.history, rows.is_history.is_(True))):
        if isinstance(given, tuple):
            yield (rows.verdict == CREATE) & is_history & ~sa.or_(sa.false(), *(_is_looked_at(part, name) for name in given))


def _is_looked_at(part: Part, name: str) -> sa.ColumnElement[bool]:
    one = part.plan.fields[name]
    place = part.place(one)
    if place is None:
        return sa.true() if isinstance(name, Lacking) else sa.false()
    blank: sa.ColumnElement[bool] = part.value(place).is_(None)
    if one.is_link:
        blank &= part.text(place).is_(None)
    return blank if isinstance(name, Lacking) else ~blank


def may_refuse_new(model: type[Model]) -> bool:
    """Whether the rule of a noun may refuse any new record."""
    return bool(refusals_of(model.before_save) - {"change"})


def is_tried(part: Part, person: Any) -> sa.ColumnElement[bool]:
    """The rows that a plan has to try out: those that a rule may refuse, those of people who have rows of their own, those that may wait for each other."""
    rows, occasions = part.rows.c, refusals_of(part.plan.model.before_save)
    if is_scoped(person, part.plan):
        return rows.is_ruled
    found = {
        "new": (rows.verdict == CREATE) & rows.is_history.is_(False), "history": (rows.verdict == CREATE) & rows.is_history.is_(True),
        "change": rows.verdict == UPDATE,
    }
    own = [part.text(place).is_not(None) for place, column in enumerate(part.mapped.columns) if column.field.target is part.plan.model]
    return rows.is_ruled & sa.or_(sa.false(), *own, *(found[one] for one in occasions))


def _insist_on_names(model: type[Model], names: set[str]) -> None:
    known = {attribute.key for attribute in model.__mapper__.attrs}
    if unknown := sorted(names - known):
        raise BadDeclaration(f"B030 {model.__name__}.before_save concerns {unknown[0]!r}, which is no field. Correct the name in @concerns.")
