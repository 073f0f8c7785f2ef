"""Start-up checks of lists that grow: a filter, a sort or a search without an index, and a list that asks more the more rows it shows."""

from __future__ import annotations

from collections.abc import Iterator

from backoffice import serving
from backoffice.declare import Model
from backoffice.findings import Finding, at, field_at
from backoffice.plan import Field, Plan, Plans, plan_of

LOADED = 3
"""How many links in a row a list loads with its rows, to name the records that it shows."""


def filters(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """A filter must find its rows; over a link it asks row by row."""
    for path in plan.resource.filters:
        one = field_at(plan, path)
        if one is not None and not plan.resource.small and ("." in path or not serving.filters(plan, one)):
            yield Finding("B031", at(plan, path), "is a filter without an index.", "Put it into listed(…) or flagged(…), or do not offer it.")


def sorts(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """The order of a list must stand in an index, by its first field; columns without one are not offered for sorting."""
    for name in plan.resource.order[:1]:
        one = plan.fields.get(name.removeprefix("-"))
        if one is not None and not serving.sorts(plan, one):
            yield Finding("B032", at(plan, one.name), "is an order without an index.", 'Index it, or order by "-id".')


def searches(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """A searched field must stand in the search index of the noun that has it."""
    if plan.resource.small:
        return
    for path in plan.resource.search:
        one, owner = field_at(plan, path), _owner(plan, path)
        if one is None or owner is None:
            continue
        held = [serving.searches(plan_of(one.target), key) for key in plan_of(one.target).key] if one.target else [serving.searches(owner, one)]
        if not all(held):
            yield Finding("B033", at(plan, path), "is searched and stands in no search index.", "Name it in the search= of its own noun, which needs a key.")


def growing(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """What a row shows must be loaded with the rows: fields, and the names of their links."""
    if plan.resource.small:
        return
    for path in plan.resource.columns:
        if "." in path:
            yield Finding("B034", at(plan, path), "is a column over a link, asked for row by row.", "Show the link itself.")
    shown = [one for name in plan.resource.columns if (one := plan.fields.get(name)) is not None]
    for one in (*shown, *_titles(plan)):
        if why := _unloaded(one, LOADED):
            yield Finding("B034", at(plan, one.name), f"is asked for row by row: {why}", "Name records by fields, over at most three links.")
    if plan.model.__str__ is not Model.__str__:
        yield Finding("B034", at(plan), "names its records by a method, which may ask row by row.", "Name the fields in title=.")


def _unloaded(one: Field, depth: int) -> str:
    """Why the name of a linked record is not loaded with the rows, if it is not."""
    if one.target is None:
        return ""
    target = plan_of(one.target)
    if depth < 0:
        return f"{target.model.__name__} is too many links away."
    if target.model.__str__ is not Model.__str__ and not target.resource.small:
        return f"{target.model.__name__} names its records by a method."
    return next((why for deeper in _titles(target) if (why := _unloaded(deeper, depth - 1))), "")


def _titles(plan: Plan) -> list[Field]:
    return [plan.fields[name] for name in plan.resource.title or plan.resource.key if name in plan.fields]


def _owner(plan: Plan, path: str) -> Plan | None:
    """The noun that has the field at the end of a path."""
    links, _dot, _last = path.rpartition(".")
    if not links:
        return plan
    last = field_at(plan, links)
    return plan_of(last.target) if last is not None and last.target is not None else None


CHECKS = (filters, sorts, searches, growing)
