"""What whoever looks at a record must know: alerts of the nouns that belong to it, found in one look and then named.

The condition of an alert is compared with the few rows that belong to the record: no index of it is walked through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, case, false, literal, select, union_all

from backoffice.access import fields_for, scoped_query
from backoffice.db import db
from backoffice.declare import Alert, Model, Text
from backoffice.declare.choice import Tone
from backoffice.plan import Field, Plan
from backoffice.views import cells, links
from backoffice.views.belonging import belongs, paths_to, read_nouns
from backoffice.views.common import person

MOST = 3  # records told of one alert
URGENCY: tuple[Tone, ...] = ("bad", "warn", "info", "neutral", "good")


@dataclass(frozen=True)
class Raised:
    """An alert about one record: a tone, a word, where it leads, and what is told of it. ``has_more``: there are others behind it."""

    label: Text
    tone: Tone
    plan: Plan
    address: str
    name: Markup | None
    facts: list[tuple[Field, Markup]]
    has_more: bool = False


@dataclass(frozen=True)
class _Asked:
    alert: Alert
    plan: Plan
    condition: ColumnElement[bool]


def alerts(plan: Plan, record: Model) -> list[Raised]:
    """The alerts about a record, gravest first, each as far as the person reaches what it is about."""
    asked = list(_asked(plan, record))
    found = _found(asked)
    raised = [one for at, ids in found.items() for one in _raised(asked[at], ids, record)]
    return sorted(raised, key=lambda one: URGENCY.index(one.tone))


def _asked(plan: Plan, record: Model) -> Iterator[_Asked]:
    for noun in read_nouns():
        for alert in noun.resource.alerts:
            paths = paths_to(noun, alert.of, plan)
            own = noun.model.id == record.id if alert.itself and noun is plan else None
            if paths or own is not None:
                led = belongs(paths, record) if paths else false()
                yield _Asked(alert, noun, led if own is None else own if not paths else led | own)


def _found(asked: list[_Asked]) -> dict[int, list[int]]:
    """The ids of the first records of each alert."""
    parts = [select(one) for one in (_ids(at, one).subquery() for at, one in enumerate(asked))]
    found: dict[int, list[int]] = {}
    for at, number in db.session.execute(union_all(*parts)) if parts else ():
        found.setdefault(at, []).append(number)
    return dict(sorted(found.items()))


def _ids(at: int, one: _Asked) -> Select[int, int]:
    number = one.plan.model.id
    holds = case((one.alert.where(person()), 1), else_=0) == 1
    rows = scoped_query(person(), one.plan).where(one.condition, holds)
    return rows.with_only_columns(literal(at).label("alert"), number.label("id")).order_by(number.desc()).limit(MOST + 1)


def _raised(one: _Asked, ids: list[int], record: Model) -> Iterator[Raised]:
    plan, seen = one.plan, set(fields_for(person(), one.plan))
    fields = [field for name in one.alert.says if (field := plan.fields[name]) in seen]
    rows = select(plan.model).where(plan.model.id.in_(ids)).order_by(plan.model.id.desc()).options(*links.lean(plan, fields))
    for at, row in enumerate(db.session.scalars(rows).unique().all()[:MOST]):
        is_itself = type(row) is type(record) and row.id == record.id
        told = [(field, cells.cell(person(), plan, field, row, frozenset())) for field in fields if getattr(row, field.name) not in (None, "")]
        where = cells.address(plan, row.id) + ("#details" if is_itself else "")
        yield Raised(one.alert.label, one.alert.tone, plan, where, None if is_itself else cells.named(row), told, at == MOST - 1 < len(ids) - 1)
