"""How a value looks: badges for choices, numbers with their unit, moments in the zone, masks, links."""

from __future__ import annotations

from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from backoffice.access import Access, field_access
from backoffice.declare import Choice, Model, _
from backoffice.declare.journal import AuditEntry, ImportRun
from backoffice.declare.kinds import Calendar, Code, Instant, Selection, Truth, Verbatim
from backoffice.plan import Field, Plan, plan_of
from backoffice.views.common import target_of, titled
from backoffice.views.icons import icon

LONGEST = 140
NONE = Markup('<span class="none" aria-hidden="true">–</span>')
KNOWN_FORMS = (Calendar, Instant)


def cell(person: Any, plan: Plan, field: Field, record: Model, reachable: frozenset[int] | None = None) -> Markup:
    """A value in a list, as much of it as the person gets. ``reachable`` are the ids that a link may lead to."""
    value = getattr(record, field.name)
    if value is None or value == "":
        return NONE
    access = field_access(person, plan, field)
    if access is Access.HIDDEN:
        return NONE
    if isinstance(record, AuditEntry | ImportRun) and (words := in_words(field, record)):
        return words
    if field.is_link:
        return linked(field, value, is_open=reachable is None or value.id in reachable)
    if access is Access.MASKED:
        return Markup('<span class="masked">{}</span>').format(field.kind.mask(value))
    return shown(field, value)


def in_words(field: Field, record: AuditEntry | ImportRun) -> Markup | None:
    """The noun or action that the journal keeps as a word of the address: its label, and that word, by which one filters, in small type."""
    plans = current_app.extensions["plans"]
    word, plan = getattr(record, field.name), plans.get(record.resource)
    if plan is None or field.name not in ("resource", "action"):
        return None
    actions = (one.actions[word] for one in (plan, *plans.values()) if word in one.actions)  # an action may change records of other nouns too
    label = plan.resource.plural if field.name == "resource" else next((action.spec.label for action in actions), None)
    return Markup('{} <span class="unit">{}</span>').format(label, word) if label else None


def shown(field: Field, value: Any) -> Markup:
    """A value that the person may see in full, clipped where it is long."""
    kind = field.kind
    if isinstance(kind, Selection) and isinstance(value, Choice):
        return Markup('<span class="tone tone-{}">{}</span>').format(value.tone, value)
    if isinstance(kind, Truth):
        return Markup('<span class="truth truth-{}">{}</span>').format("yes" if value else "no", icon("check-lg" if value else "dash", kind.show(value)))
    if isinstance(kind, KNOWN_FORMS):
        return timed(value.isoformat(), kind.show(value))
    if isinstance(kind, Verbatim):
        return Markup('<span class="clip">{}</span>').format(_clipped(str(value)))
    if kind.numeric and kind.unit is not None:
        return Markup('{} <span class="unit">{}</span>').format(kind.show(value), kind.unit)
    if isinstance(kind, Code):
        return Markup('<span class="code">{}</span>').format(kind.show(value))
    return Markup("{}").format(_clipped(kind.show(value)))


def linked(field: Field, record: Model, *, is_open: bool = True) -> Markup:
    """Another record by its name, as a link where it may be opened."""
    if not is_open:
        return Markup('<span class="name">{}</span>').format(named(record))
    return Markup('<a class="name" href="{}">{}</a>').format(address(target_of(field), record.id), named(record))


def named(record: Model) -> Markup:
    """The name of a record: what people call it, and its numbers beside it in small type."""
    parts = [(one, shown) for one in titled(plan_of(type(record))) if (shown := str(getattr(record, one.name) or ""))]
    if type(record).__str__ is not Model.__str__ or len(parts) < 2:
        return escape(str(record) or _("Record {id}", id=record.id))
    called = next((one for one, _shown in parts if not isinstance(one.kind, Code)), parts[0][0])
    return Markup(" ").join(Markup('<span class="{}">{}</span>').format("called" if one is called else "numbered", shown) for one, shown in parts)


def timed(iso: str, text: str) -> Markup:
    """A day or moment; a narrow column breaks it between day and time only."""
    parts = Markup(" ").join(Markup("<span>{}</span>").format(part) for part in text.split(" "))
    return Markup('<time datetime="{}">{}</time>').format(iso, parts)


def address(plan: Plan, record_id: int) -> str:
    """Where a record's page is."""
    return f"/{plan.name}/{record_id}"


def style(field: Field) -> str:
    """The class of a column: numbers stand right, moments and codes do not break."""
    if field.kind.numeric:
        return "num"
    return "tight" if isinstance(field.kind, (*KNOWN_FORMS, Selection, Code, Truth)) or field.personal else "text"


def _clipped(text: str) -> str:
    flat = " ".join(text[: LONGEST * 2].split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
