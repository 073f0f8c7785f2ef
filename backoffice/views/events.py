"""Entries of the trail as a person may read them: fields by their rights, values as they look, links by their old names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import Markup

from backoffice.access import Access, can, field_access
from backoffice.db import db
from backoffice.declare import Model, Text, Verb
from backoffice.declare.journal import AuditEntry, Deed, ImportRun
from backoffice.declare.text import series
from backoffice.merging.past import ACTIONS, said
from backoffice.plan import Field, Plan, plan_of
from backoffice.views import cells
from backoffice.views.answers import in_full, is_masked
from backoffice.views.common import person
from backoffice.views.conflicts import current, is_same, load


@dataclass(frozen=True)
class Step:
    """One field of an entry: before, after, and whether the value before may be brought back."""

    field: Field
    before: Markup
    after: Markup
    may_restore: bool


@dataclass(frozen=True)
class Event:
    """One entry, as the person may read it."""

    entry: AuditEntry
    action: Text | None
    merge: Text | None
    run: str | None
    steps: list[Step]
    looked_at: str


def event_of(plan: Plan, record: Model | None, entry: AuditEntry, *, may_write: bool) -> Event:
    """What an entry of the trail tells this person about a record of the plan; without the record nothing can be brought back."""
    action = plan.actions.get(entry.action or "")
    is_change = any(pair != [None, None] for pair in entry.changes.values())
    steps = list(_steps(plan, record, entry, may_write=may_write)) if is_change else []
    looked_at = series(one.label for one in _visible(plan, entry)) if not is_change else ""
    label = action.spec.label if action else ACTIONS.get(entry.action or "")
    return Event(entry, label, said(db.session(), entry), _run_address(entry), steps, looked_at)


def _visible(plan: Plan, entry: AuditEntry) -> Iterator[Field]:
    """The changed fields that the person may know of, in the order of declaration."""
    for name, one in plan.fields.items():
        is_said = name in entry.changes and not (one.is_system and entry.deed is Deed.CREATE and not entry.changes[name][1])
        if is_said and field_access(person(), plan, one) >= Access.MASKED:
            yield one


def _steps(plan: Plan, record: Model | None, entry: AuditEntry, *, may_write: bool) -> Iterator[Step]:
    for one in _visible(plan, entry):
        before, after = entry.changes[one.name]
        is_writable = may_write and field_access(person(), plan, one, Verb.UPDATE) is Access.WRITE
        is_old = record is not None and entry.deed is not Deed.CREATE and not is_same(one, before, current(record, one))
        yield Step(one, _shown(plan, one, before), _shown(plan, one, after), is_writable and is_old)


def _shown(plan: Plan, one: Field, dumped: Any) -> Markup:
    """A value of the trail: links by the name they had then, personal data masked."""
    if dumped is None:
        return cells.NONE
    if one.target is not None:
        return _link(plan_of(one.target), dumped)
    value = load(one, dumped)
    if is_masked(plan, one):
        return Markup('<span class="masked">{}</span>').format(one.kind.mask(str(dumped) if value is None else value))
    return Markup("{}").format(dumped) if value is None else in_full(one, value)


def _link(target: Plan, dumped: dict[str, Any]) -> Markup:
    if not can(person(), Verb.READ, target):
        return Markup("{}").format(dumped["name"])
    return Markup('<a href="{}">{}</a>').format(cells.address(target, dumped["id"]), dumped["name"])


def _run_address(entry: AuditEntry) -> str | None:
    """Where the import is shown that the entry belongs to, if the person may see imports."""
    plan = plan_of(ImportRun)
    if entry.run_id is None or plan.name not in current_app.extensions["plans"] or not can(person(), Verb.READ, plan):
        return None
    return cells.address(plan, entry.run_id)
