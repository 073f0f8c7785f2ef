"""Links of listed records: loaded together with the rows, and shown as links only where they lead somewhere."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session, joinedload, load_only, raiseload
from sqlalchemy.orm.interfaces import ORMOption

from backoffice.access import can, right, scoped_query
from backoffice.declare import Model, Verb
from backoffice.plan import Field, Plan, plan_of
from backoffice.views.common import target_of, titled

DEEPEST = 3


def loading(plan: Plan, fields: Iterable[Field]) -> list[ORMOption]:
    """Load these links, and what the names of their records are made of, with the rows."""
    return [option for one in fields if one.is_link for option in _joined(plan, one, None, DEEPEST)]


def naming(plan: Plan) -> list[ORMOption]:
    """Load what the names of the plan's own records are made of."""
    return loading(plan, titled(plan))


def lean(plan: Plan, fields: Iterable[Field], *, is_strict: bool = False) -> list[ORMOption]:
    """Load these fields, the names of the records, and nothing else; ``is_strict`` makes any other look at them an error."""
    return _lean(plan.model, tuple(one.name for one in fields), is_strict)


@functools.lru_cache(maxsize=500)
def _lean(model: type[Model], names: tuple[str, ...], is_strict: bool) -> list[ORMOption]:
    plan = plan_of(model)
    own = [*(plan.fields[name] for name in names), *titled(plan)]
    wanted = _columns(plan, own)
    options: list[ORMOption] = [load_only(*wanted, raiseload=is_strict)] if wanted else []
    return [*options, *loading(plan, own), *([raiseload("*")] if is_strict else [])]


def reachable(session: Session, person: Any, fields: Iterable[Field], records: Sequence[Model]) -> dict[str, frozenset[int]]:
    """For each link among the fields, the ids of the records that the person may open."""
    return {one.name: _open(session, person, one, records) for one in fields if one.target is not None}


def _open(session: Session, person: Any, one: Field, records: Sequence[Model]) -> frozenset[int]:
    target = target_of(one)
    ids = {record_id for record in records if (record_id := getattr(record, one.column)) is not None}
    if not ids or not can(person, Verb.READ, target):
        return frozenset()
    if right(person, target).rows is None:
        return frozenset(ids)
    query = scoped_query(person, target, archived=None).where(target.model.id.in_(ids)).with_only_columns(target.model.id)
    return frozenset(session.scalars(query))


def _joined(plan: Plan, one: Field, before: Any, depth: int) -> Iterator[ORMOption]:
    attribute = getattr(plan.model, one.name)
    here = joinedload(attribute) if before is None else before.joinedload(attribute)
    target = target_of(one)
    named = _columns(target, titled(target))
    yield here.load_only(*named) if named else here
    if depth:
        for deeper in titled(target):
            if deeper.is_link:
                yield from _joined(target, deeper, here, depth - 1)


def _columns(plan: Plan, fields: Iterable[Field]) -> list[Any]:
    """The columns of these fields; none where a noun names its records in a way of its own, which may need any."""
    if plan.model.__str__ is not Model.__str__:
        return []
    names = dict.fromkeys(("id", "version", "archived_at", *(one.column for one in fields)))
    return [getattr(plan.model, name) for name in names]
