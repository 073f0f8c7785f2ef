"""Which questions an index answers: what a list of any size may be filtered by, sorted by and searched for.

A noun that stays small (``Resource(small=True)``) may be filtered and sorted by anything.
"""

from __future__ import annotations

import functools

import sqlalchemy as sa

from backoffice.declare import Model
from backoffice.plan import Field, Plan, plan_of
from backoffice.search.nouns import noun_of


@functools.cache
def leading(model: type[Model]) -> frozenset[str]:
    """The columns by which an index of the table begins, partial ones left out."""
    table = plan_of(model).table
    keys = [one for one in table.constraints if isinstance(one, (sa.UniqueConstraint, sa.PrimaryKeyConstraint))]
    whole = [one for one in table.indexes if one.dialect_options["sqlite"]["where"] is None]
    firsts = (next(iter(one.columns), None) for one in (*keys, *whole))
    return frozenset({one.name for one in firsts if one is not None} | {one.name for one in table.columns if one.unique})


@functools.cache
def flagged(model: type[Model]) -> frozenset[str]:
    """The marks of which an index holds the rows that bear them (``declare.fields.flagged``)."""
    return frozenset(one.info["flag"] for one in plan_of(model).table.indexes if "flag" in one.info)


def filters(plan: Plan, one: Field) -> bool:
    """Whether rows with a value of the field are found without reading all."""
    return plan.resource.small or _column(plan, one) in leading(plan.model) | flagged(plan.model)


def sorts(plan: Plan, one: Field) -> bool:
    """Whether rows stand in the order of the field somewhere; a link sorts by a name in another table, which no index has."""
    return plan.resource.small or (one.target is None and _column(plan, one) in leading(plan.model))


def searches(plan: Plan, one: Field) -> bool:
    """Whether the search index holds the field."""
    noun = noun_of(plan.model)
    return noun is not None and one.name in {known.name for known in noun.fields}


def _column(plan: Plan, one: Field) -> str:
    return str(sa.inspect(plan.model).attrs[one.column].columns[0].name)
