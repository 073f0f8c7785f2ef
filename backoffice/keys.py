"""Finds a record by its natural key written as one text: ``C-1``, or ``WT20261121-0001/2`` for a key of two fields."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from backoffice.declare import Invalid, Model
from backoffice.plan import Field, Plan, plan_of

MOST = 400  # characters; a longer text is no key
MOST_PIECES = 12  # between slashes; more could mean thousands of things


def find(session: Session, query: Select[Any], plan: Plan, text: str) -> Model | None:
    """The record of ``query`` (rows of ``plan``) with this key, compared folded; None where there is none."""
    for condition in conditions(plan, text[:MOST]):
        found: Model | None = session.scalars(query.where(condition)).first()
        if found is not None:
            return found
    return None


def conditions(plan: Plan, text: str) -> Iterator[ColumnElement[bool]]:
    """What the text may mean: once for every way to cut it into the parts of the key."""
    pieces = text.split("/")
    if len(pieces) > MOST_PIECES:
        return
    for cuts in itertools.combinations(range(1, len(pieces)), len(plan.key) - 1) if plan.key else ():
        ends = itertools.pairwise((0, *cuts, len(pieces)))
        parts = ["/".join(pieces[start:end]) for start, end in ends]
        yield from _meanings(plan, parts)


def _meanings(plan: Plan, parts: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    options = [list(_part(plan, one, part)) for one, part in zip(plan.key, parts, strict=True)]
    for chosen in itertools.product(*options):
        condition: ColumnElement[bool] = chosen[0]
        for more in chosen[1:]:
            condition &= more
        yield condition


def _part(plan: Plan, one: Field, part: str) -> Iterator[ColumnElement[bool]]:
    column = getattr(plan.model, one.column)
    if not part.strip():
        yield column.is_(None)
    elif one.target is not None:
        relation = getattr(plan.model, one.name)
        yield from (relation.has(condition) for condition in conditions(plan_of(one.target), part))
    else:
        try:
            yield column == one.kind.parse(part)
        except Invalid:
            return
