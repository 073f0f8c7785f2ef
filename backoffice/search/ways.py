"""Where the search of a noun looks: into its own index, and into those of the nouns that its search names over links."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from backoffice.declare import Model
from backoffice.plan import Field, Plan, plan_of
from backoffice.search.nouns import Noun, noun_of


@dataclass(frozen=True, eq=False)
class Way:
    """An index, and the columns of the links that lead to it from the noun that is searched."""

    columns: tuple[sa.Column[Any], ...]
    noun: Noun


@functools.cache
def ways_of(model: type[Model]) -> tuple[Way, ...]:
    """The indexes that hold all searched fields of a noun; none where one of them stands in no index."""
    found: dict[tuple[sa.Column[Any], ...], Way] = {}
    for name in plan_of(model).resource.search:
        columns, plan, fields = _followed(plan_of(model), name)
        noun = noun_of(plan.model)
        if noun is None or not set(fields) <= {one.name for one in noun.fields}:
            return ()
        found.setdefault(columns, Way(columns, noun))
    return tuple(found.values())


def _followed(plan: Plan, name: str) -> tuple[tuple[sa.Column[Any], ...], Plan, list[str]]:
    """The links of a path, the noun where it ends, and the fields there; a link at its end is searched by the other's key."""
    columns: list[sa.Column[Any]] = []
    for step in name.split("."):
        one = plan.fields[step]
        if one.target is None:
            return tuple(columns), plan, [step]
        columns.append(_column(plan, one))
        plan = plan_of(one.target)
    return tuple(columns), plan, [key.name for key in plan.key if not key.is_link]


def _column(plan: Plan, one: Field) -> sa.Column[Any]:
    return cast("sa.Column[Any]", getattr(plan.model, one.column).property.columns[0])
