"""One line of a timeline, as the person may read it: when, what, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from backoffice.declare import Choice, Text
from backoffice.declare.choice import Tone
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.declare.kinds import Selection, Verbatim
from backoffice.plan import Field, Plan, plan_of
from backoffice.views import cells
from backoffice.views.common import person
from backoffice.views.events import Event, Step, event_of

STEPS = 4  # changed fields told at once


@dataclass(frozen=True)
class Telling:
    """A line: a record with what is told of it, or a change of the record whose timeline it is."""

    when: Markup
    icon: str
    label: Text
    tone: Tone = "neutral"
    address: str = ""
    name: Markup | None = None
    badges: Sequence[Choice] = ()
    facts: Sequence[tuple[Field, Markup]] = ()
    texts: Sequence[tuple[Field, Markup]] = ()
    event: Event | None = None

    @property
    def steps(self) -> list[Step]:
        """The changed fields that are told; the history has all."""
        return self.event.steps[:STEPS] if self.event and self.event.entry.deed is not Deed.CREATE else []

    @property
    def more(self) -> int:
        """How many further fields changed."""
        return len(self.event.steps) - STEPS if self.event and self.steps and len(self.event.steps) > STEPS else 0


def record_told(plan: Plan, fields: Sequence[Field], times: Sequence[Field]) -> Callable[[Any], Telling]:
    """How the rows of a noun are told: what is the same for all of them is found out once."""
    states = [one for one in fields if isinstance(one.kind, Selection)]
    texts = [one for one in fields if isinstance(one.kind, Verbatim)]
    draws = [(one, cells.column(person(), plan, one, frozenset())) for one in fields if one not in states and one not in texts]
    words = [(one, cells.column(person(), plan, one)) for one in texts]

    def told(row: Any) -> Telling:
        when = next(one for one in times if getattr(row, one.name) is not None)
        badges = [value for one in states if (value := getattr(row, one.name)) is not None]
        return Telling(
            cells.shown(when, getattr(row, when.name)), plan.resource.icon, plan.resource.singular, _tone(badges), cells.address(plan, row.id),
            cells.named(row), badges, _filled(draws, row), _filled(words, row),
        )

    return told


def change_told(plan: Plan, entry: AuditEntry) -> Telling:
    """How a change of the record itself is told."""
    event = event_of(plan, None, entry, may_write=False)
    return Telling(cells.shown(plan_of(AuditEntry).fields["at"], entry.at), "pencil", event.action or entry.deed.label, entry.deed.tone, event=event)


def _filled(draws: Sequence[tuple[Field, Callable[[Any], Markup]]], row: Any) -> list[tuple[Field, Markup]]:
    return [(one, draw(row)) for one, draw in draws if getattr(row, one.name) not in (None, "")]


def _tone(badges: Sequence[Choice]) -> Tone:
    return badges[0].tone if badges else "neutral"
