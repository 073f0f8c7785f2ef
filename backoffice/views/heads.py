"""The head of a record: its badges, the facts that one wants first, its meters, and what to beware of. It is drawn by ``record/head.html`` alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backoffice.access import fields_for, may_reveal
from backoffice.db import db
from backoffice.declare import Choice, Model
from backoffice.plan import Field, Plan
from backoffice.views.alerts import Raised, alerts
from backoffice.views.common import person
from backoffice.views.meters import Drawn, drawn
from backoffice.views.showing import Shown, beside, personal, shown


@dataclass(frozen=True)
class Head:
    """What stands at the top of a record's page. ``beside`` is how to reach whoever a fact is about, by the fact's name."""

    plan: Plan
    record: Model
    badges: list[Choice]
    facts: list[Shown]
    beside: dict[str, list[Shown]]
    alerts: list[Raised]
    may_reveal: bool
    meters: list[Drawn]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.facts or self.alerts or self.meters)


def head_of(plan: Plan, record: Model, revealed: frozenset[str] = frozenset()) -> Head:
    """The head as the person may see it; ``revealed`` are the personal fields that may be shown in full, a look that was logged."""
    page, seen = plan.resource.page, fields_for(person(), plan)
    wanted = [one for name in (page.facts if page else ()) if (one := plan.fields[name]) in seen]
    hidden, may = set(personal(plan, record)) - revealed, may_reveal(db.session(), person(), plan, record)
    facts = shown(plan, record, wanted, hidden, may_reveal=may)
    return Head(plan, record, _badges(plan, record, seen), facts, beside(plan, record, revealed), alerts(plan, record), may, drawn(plan, record, seen))


def _badges(plan: Plan, record: Model, seen: list[Field]) -> list[Any]:
    """The values that say where the record stands, then those that the noun names."""
    names = [action.spec.field for action in plan.actions.values() if action.spec.targets]
    named = [*names, *(plan.resource.page.badges if plan.resource.page else ())]
    fields = [one for name in dict.fromkeys(named) if (one := plan.fields[name]) in seen]
    return [value for one in fields if (value := getattr(record, one.name)) is not None]
