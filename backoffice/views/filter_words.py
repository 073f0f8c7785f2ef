"""Words that stand for a value in an address, so that a list stays right tomorrow and for somebody else.

A link to the people who sign in understands ``me``; a link to what the person's own record links to
(a house, a department) understands ``mine``; days and moments understand ``today`` and its kind, and ``overdue``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_
from werkzeug.datastructures import MultiDict

from backoffice.access import Access, field_access
from backoffice.declare import Kind, Text, _, clock
from backoffice.declare.kinds import Calendar, Instant
from backoffice.plan import Plan
from backoffice.views.common import target_of
from backoffice.views.paths import Path
from backoffice.views.words import noun

ME, MINE, OVERDUE, EMPTY = "me", "mine", "overdue", "_empty"
DAYS: dict[str, Text] = {
    "today": _("today"), "yesterday": _("yesterday"), "this_week": _("this week"), "last_7_days": _("the last 7 days"), "this_month": _("this month"),
}
TIMES: dict[str, Text] = {**DAYS, OVERDUE: _("overdue")}
EMPTINESS: dict[str, Text] = {"1": _("empty"), "0": _("not empty")}


def is_timed(kind: Kind) -> bool:
    """Whether words for days mean something."""
    return isinstance(kind, Calendar | Instant)


def span_of_word(kind: Kind, word: str) -> tuple[Any, Any] | None:
    """The first and last value that a word for days means; None for any other text."""
    if word not in DAYS or not is_timed(kind):
        return None
    first, last = _days(word)
    if isinstance(kind, Calendar):
        return first, last
    return midnight(first), midnight(last + timedelta(days=1)) - timedelta(microseconds=1)


def _days(word: str) -> tuple[date, date]:
    today = clock.today()
    if word == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    if word == "this_week":  # it begins on a Monday
        monday = today - timedelta(days=today.weekday())
        return monday, monday + timedelta(days=6)
    if word == "last_7_days":
        return today - timedelta(days=6), today
    if word == "this_month":
        begin = today.replace(day=1)
        return begin, (begin + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return today, today


def midnight(day: date) -> datetime:
    """When a day begins on the wall of the people who work here."""
    return datetime.combine(day, time(), clock.zone()).astimezone(UTC)


def overdue(person: Any, plan: Plan, column: Any, kind: Kind) -> ColumnElement[bool]:
    """What should have happened before now; of a noun with states that wait, what waits still (as far as the person sees the state)."""
    late: ColumnElement[bool] = column < (clock.today() if isinstance(kind, Calendar) else clock.now())
    waits = [getattr(plan.model, one.column).in_(one.waiting) for one in plan.fields.values() if one.waiting and field_access(person, plan, one) >= Access.MASKED]
    return and_(late, *waits)


@dataclass(frozen=True)
class Own:
    """A record by who asks for it: how it is called, and which ids that means now."""

    label: Text
    ids: tuple[int, ...]


def own_of(person: Any, target: Plan) -> dict[str, Own]:
    """The words that a link to a noun understands."""
    accounts: Plan = current_app.extensions["plans"].accounts
    if target is accounts:
        return {ME: Own(_("me"), (person.id,) if isinstance(person, accounts.model) else ())}
    ties = [one for one in accounts.fields.values() if one.target is target.model and field_access(person, accounts, one) >= Access.MASKED]
    if not ties:
        return {}
    ids = tuple({number for one in ties if (number := getattr(person, one.column, None)) is not None})
    said = _("my {noun}") if ids else _("my {noun} (I have none)")
    return {MINE: Own(said.format(noun=noun(target.resource.singular)), ids)}


@dataclass(frozen=True)
class Tick:
    """A word that the filters offer to be ticked."""

    name: str
    value: str
    label: Text | str
    is_on: bool


def ticks(path: Path, args: MultiDict[str, str]) -> list[Tick]:
    """The words that the filter of a field offers, and which of them the address says."""
    return [Tick(name, value, label, value in args.getlist(name)) for name, value, label in _offered(path)]


def _offered(path: Path) -> Iterator[tuple[str, str, Text]]:
    field = path.field
    if field.is_link:
        yield from ((path.name, word, own.label) for word, own in own_of(path.person, target_of(field)).items() if own.ids)
    elif is_timed(field.kind):
        yield from ((path.name, word, label) for word, label in TIMES.items())
    if field.nullable or len(path.steps) > 1:
        yield from ((path.name + EMPTY, value, label) for value, label in EMPTINESS.items())
