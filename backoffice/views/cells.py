"""How a value looks: badges for choices, numbers with their unit, moments in the zone, masks, links."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from backoffice.access import Access, field_access
from backoffice.declare import Choice, Model, _
from backoffice.declare.journal import AuditEntry, ImportRun
from backoffice.declare.kinds import Calendar, Code, Instant, Selection, Truth, Verbatim
from backoffice.merging.past import ACTIONS
from backoffice.plan import Field, Plan, plan_of
from backoffice.views.common import target_of, titled
from backoffice.views.drawing import drawn, joined
from backoffice.views.icons import icon

LONGEST = 140
NONE = Markup('<span class="none" aria-hidden="true">–</span>')
CALLED, NUMBERED = '<span class="called">%s</span>', '<span class="numbered">%s</span>'
DAY = '<time datetime="%s"><span>%s</span></time>'
KNOWN_FORMS = (Calendar, Instant)


def cell(person: Any, plan: Plan, field: Field, record: Model, reachable: frozenset[int] | None = None) -> Markup:
    """A value in a list, as much of it as the person gets. ``reachable`` are the ids that a link may lead to."""
    return column(person, plan, field, reachable)(record)


def column(person: Any, plan: Plan, field: Field, reachable: frozenset[int] | None = None) -> Callable[[Any], Markup]:
    """How a column draws the value of a record: what is the same for all rows is found out once."""
    access, name = field_access(person, plan, field), field.name
    if access is Access.HIDDEN:
        return lambda _record: NONE
    draw = _drawing(field, access, reachable)
    is_journal = issubclass(plan.model, AuditEntry | ImportRun)

    def at(record: Any) -> Markup:
        value = getattr(record, name)
        if value is None or value == "":
            return NONE
        return (is_journal and in_words(field, record)) or draw(value)

    return at


def _drawing(field: Field, access: Access, reachable: frozenset[int] | None) -> Callable[[Any], Markup]:
    """How a value that there is looks."""
    if field.is_link:
        return lambda value: linked(field, value, is_open=reachable is None or value.id in reachable)
    if access is Access.MASKED:
        return lambda value: drawn('<span class="masked">%s</span>', field.kind.mask(value))
    return functools.partial(shown, field)


def in_words(field: Field, record: AuditEntry | ImportRun) -> Markup | None:
    """The noun or action that the journal keeps as a word of the address: its label, and that word, by which one filters, in small type."""
    plans = current_app.extensions["plans"]
    word, plan = getattr(record, field.name), plans.get(record.resource)
    if plan is None or field.name not in ("resource", "action"):
        return None
    actions = (one.actions[word] for one in (plan, *plans.values()) if word in one.actions)  # an action may change records of other nouns too
    label = plan.resource.plural if field.name == "resource" else next((action.spec.label for action in actions), ACTIONS.get(word))
    return Markup('{} <span class="unit">{}</span>').format(label, word) if label else None


def shown(field: Field, value: Any) -> Markup:
    """A value that the person may see in full, clipped where it is long."""
    kind = field.kind
    if isinstance(kind, Selection) and isinstance(value, Choice):
        return drawn('<span class="tone tone-%s">%s</span>', value.tone, str(value.label))
    if isinstance(kind, Truth):
        return drawn('<span class="truth truth-%s">%s</span>', "yes" if value else "no", icon("check-lg" if value else "dash", kind.show(value)))
    if isinstance(kind, KNOWN_FORMS):
        return timed(value.isoformat(), kind.show(value))
    if isinstance(kind, Verbatim):
        return drawn('<span class="clip">%s</span>', _clipped(str(value)))
    if kind.numeric and kind.unit is not None:
        return drawn('%s <span class="unit">%s</span>', kind.show(value), str(kind.unit))
    if isinstance(kind, Code):
        return drawn('<span class="code">%s</span>', kind.show(value))
    return escape(_clipped(kind.show(value)))


def linked(field: Field, record: Model, *, is_open: bool = True) -> Markup:
    """Another record by its name, as a link where it may be opened."""
    if not is_open:
        return drawn('<span class="name">%s</span>', named(record))
    return drawn('<a class="name" href="%s">%s</a>', address(target_of(field), record.id), named(record))


def named(record: Model) -> Markup:
    """The name of a record: what people call it, and its numbers beside it in small type."""
    titles = _titles(type(record))
    parts = [(is_code, text) for name, is_code in titles if (text := str(getattr(record, name) or ""))]
    if len(parts) < 2:
        return escape(str(record) or str(_("Record {id}", id=record.id)))
    called = next((place for place, (is_code, _text) in enumerate(parts) if not is_code), 0)
    return joined([drawn(CALLED if place == called else NUMBERED, text) for place, (_is_code, text) in enumerate(parts)], " ")


@functools.cache
def _titles(model: type[Model]) -> tuple[tuple[str, bool], ...]:
    """The fields that a record is named by, and whether each is a code; none where a noun names its records in a way of its own."""
    if model.__str__ is not Model.__str__:
        return ()
    return tuple((one.name, isinstance(one.kind, Code)) for one in titled(plan_of(model)))


def timed(iso: str, text: str) -> Markup:
    """A day or moment; a narrow column breaks it between day and time only."""
    day, _blank, hour = text.partition(" ")
    return drawn('<time datetime="%s"><span>%s</span> <span>%s</span></time>', iso, day, hour) if hour else drawn(DAY, iso, day)


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
