"""What one begins from the page of a record: forms of new records that belong to it, with the links filled in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from backoffice.access import Access, can, field_access
from backoffice.declare import Begin, Model, Text, Verb, _
from backoffice.plan import Field, Plan, plan_of
from backoffice.views.answers import may_open
from backoffice.views.common import person
from backoffice.views.words import noun


@dataclass(frozen=True)
class Start:
    """A button: what is begun, and the form's address, which leads back here."""

    label: Text
    icon: str
    address: str


def starts(plan: Plan, record: Model) -> list[Start]:
    """What the person may begin from here, in the order of declaration."""
    page = plan.resource.page
    return [one for begin in (page.begin if page else ()) for one in _start(plan, record, begin)]


def may_add(target: Plan, back: Field, record: Model) -> bool:
    """Whether the person may make a new record of the noun that belongs to this one."""
    return record.archived_at is None and can(person(), Verb.CREATE, target) and _may_fill(target, back)


def _start(plan: Plan, record: Model, begin: Begin) -> Iterator[Start]:
    children = next(one for one in plan.children if one.name == begin.children)
    target = plan_of(children.target)
    if may_add(target, target.fields[children.back], record):
        links = {children.back: record.id, **dict(_filled(target, record, begin)), "next": f"/{plan.name}/{record.id}"}
        label = _("New {noun}", noun=noun(target.resource.singular))
        yield Start(label, target.resource.icon, f"/{target.name}/new?{urlencode(links)}")


def _filled(target: Plan, record: Model, begin: Begin) -> Iterator[tuple[str, int]]:
    """Further links that this record knows, where the person may open what they lead to."""
    for name, own in begin.fills.items():
        linked: Any = getattr(record, own)
        if linked is not None and linked.archived_at is None and _may_fill(target, target.fields[name]) and may_open(linked):
            yield name, linked.id


def _may_fill(target: Plan, one: Field) -> bool:
    return field_access(person(), target, one, Verb.CREATE) is Access.WRITE
