"""Which nouns belong to a record, and which of their rows: found from the record on, over the indexes of the links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import current_app
from sqlalchemy import ColumnElement, or_, select

from backoffice.access import can
from backoffice.declare import Model, Verb
from backoffice.plan import Plan
from backoffice.views.common import person, target_of
from backoffice.views.paths import Path, path_to


def read_nouns() -> Iterator[Plan]:
    """The nouns that the person reads, in menu order."""
    for plan in current_app.extensions["plans"].values():
        if can(person(), Verb.READ, plan):
            yield plan


def paths_to(plan: Plan, names: Iterable[str], target: Plan) -> list[Path]:
    """Those of the named links that lead to the noun, as far as the person sees every step on the way."""
    found = (path_to(person(), plan, name) for name in names)
    return [path for path in found if path is not None and path.field.target is target.model]


def belongs(paths: Iterable[Path], record: Model) -> ColumnElement[bool]:
    """The rows from which one of the paths leads to the record."""
    return or_(*(_leads_to(path, record.id) for path in paths))


def _leads_to(path: Path, number: int) -> ColumnElement[bool]:
    plans = [path.start, *(target_of(step) for step in path.steps[:-1])]
    condition: ColumnElement[bool] = getattr(plans[-1].model, path.field.column) == number
    for plan, step in zip(reversed(plans[:-1]), reversed(path.steps[:-1]), strict=True):
        condition = getattr(plan.model, step.column).in_(select(target_of(step).model.id).where(condition).correlate(None))
    return condition
