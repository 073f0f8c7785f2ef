"""On which rows of a file the rules of a noun have a say; all others are written set by set."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass

from backoffice.declare import BadDeclaration, Model
from backoffice.declare.rules import Brought, spec_of
from backoffice.plan import Field, plan_of


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
    counted = any(one.numbered and (brought is None or one.name not in brought) for one in plan_of(model).fields.values())
    _insist_on_names(model, {*(spec.fields or ()), *_names(spec.new), *_names(spec.history)})
    return Concern(counted or _says(spec.new, brought), counted or _says(spec.history, brought), spec.fields)


def _names(given: Brought) -> tuple[str, ...]:
    return given if isinstance(given, tuple) else ()


def _says(given: Brought, brought: frozenset[str] | None) -> bool:
    return bool(given) if not isinstance(given, tuple) or brought is None else not brought.isdisjoint(given)


def _insist_on_names(model: type[Model], names: set[str]) -> None:
    known = {attribute.key for attribute in model.__mapper__.attrs}
    if unknown := sorted(names - known):
        raise BadDeclaration(f"B030 {model.__name__}.before_save concerns {unknown[0]!r}, which is no field. Correct the name in @concerns.")
