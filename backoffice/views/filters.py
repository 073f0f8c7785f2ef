"""Filters in the address: ``state=out&state=back``, ``due_on_from=2026-11-01``, ``reader=12`` (or by its key), ``due_on=overdue``.

``due_on_empty=1`` adds the rows without a value to those that the field's other filters let through, ``=0`` leaves them out.

Every field that the person sees may be filtered; the page offers those that the resource names.
A name or value that means nothing is refused with a sentence, never ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, true
from werkzeug.datastructures import MultiDict

from backoffice import keys
from backoffice.access import scoped_query
from backoffice.db import db
from backoffice.declare import Invalid, Kind, Model, _
from backoffice.declare.kinds import Calendar, Instant, Selection, Truth
from backoffice.errors import BadRequest
from backoffice.plan import Plan
from backoffice.views.common import clipped, target_of, whole_number
from backoffice.views.filter_words import EMPTINESS, EMPTY, OVERDUE, TIMES, is_timed, midnight, overdue, own_of, span_of_word
from backoffice.views.matching import cleaned, contains, personal
from backoffice.views.paths import Path, path_to

FROM, TO, KEY = "_from", "_to", "_key"
MOST_VALUES = 50


@dataclass(frozen=True)
class Chip:
    """One active filter, as shown: removing it drops ``name`` (only ``value`` of it, where given)."""

    label: str
    text: str
    name: str
    value: str


@dataclass(frozen=True)
class Filter:
    """What the address says about one field: the condition and how it is shown."""

    name: str
    condition: ColumnElement[bool]
    chips: tuple[Chip, ...]


def read(person: Any, plan: Plan, args: MultiDict[str, str], known: frozenset[str]) -> list[Filter]:
    """The filters of an address; raises :class:`BadRequest` for what cannot be meant. ``known`` names are no filters."""
    found: dict[str, Path] = {}
    for name in args:
        if name in known or not any(cleaned(value) for value in args.getlist(name)):
            continue
        path = _path(person, plan, name)
        if path is None:
            raise BadRequest(_("There is no filter “{name}” here.", name=clipped(name)))
        found[path.name] = path
    return [about(person, path, args) for path in found.values()]


def _path(person: Any, plan: Plan, name: str) -> Path | None:
    """The field that a parameter is about; ``due_on_from`` is about ``due_on``."""
    word = plan.by_word.get(name)
    if path := path_to(person, plan, word.name if word else name):
        return path
    for ending in (FROM, TO, KEY, EMPTY):
        path = path_to(person, plan, name.removesuffix(ending)) if name.endswith(ending) else None
        if path and ending == EMPTY:
            return path
        if path and ((ending == KEY) == path.field.is_link) and (ending == KEY or is_ranged(path)):
            return path
    return None


def is_ranged(path: Path) -> bool:
    """Whether from and to make sense."""
    return not path.field.is_link and (path.field.kind.numeric or isinstance(path.field.kind, (Calendar, Instant)))


def about(person: Any, path: Path, args: MultiDict[str, str]) -> Filter:
    """What an address says about one field; raises :class:`BadRequest` for what cannot be meant."""
    try:
        return _or_empty(path, _valued(person, path, args), _values(args, path.name + EMPTY))
    except Invalid as no:
        raise BadRequest(_("Filter “{label}”: {why}", label=path.label, why=no.why)) from no


def _valued(person: Any, path: Path, args: MultiDict[str, str]) -> Filter:
    if path.field.is_link:
        return _linked(person, path, args)
    if isinstance(path.field.kind, Selection):
        return _chosen(path, _values(args, path.name))
    return _compared(person, path, args)


def _or_empty(path: Path, given: Filter, texts: list[str]) -> Filter:
    if not texts:
        return given
    if any(text not in EMPTINESS for text in texts):
        raise BadRequest(_("“{name}” is 1 or 0.", name=clipped(path.name + EMPTY)))
    chips = (*given.chips, *(Chip(path.label, str(EMPTINESS[text]), path.name + EMPTY, text) for text in dict.fromkeys(texts)))
    if "1" not in texts:
        return Filter(path.name, and_(not_(path.empty()), *([given.condition] if given.chips else [])), chips)
    others = [not_(path.empty())] if "0" in texts else [given.condition] if given.chips else []
    return Filter(path.name, or_(path.empty(), *others), chips)


def _values(args: MultiDict[str, str], name: str) -> list[str]:
    values = [cleaned(value) for value in args.getlist(name)]
    if len(values) > MOST_VALUES:
        raise BadRequest(_("A filter takes at most {most} values.", most=MOST_VALUES))
    return [value for value in values if value]


def _chosen(path: Path, texts: list[str]) -> Filter:
    members = {text: path.field.kind.parse(text) for text in texts}
    chips = tuple(Chip(path.label, str(member), path.name, text) for text, member in members.items())
    return Filter(path.name, path.where(lambda column: column.in_(list(members.values()))), chips)


def _linked(person: Any, path: Path, args: MultiDict[str, str]) -> Filter:
    """Records by id or by a word (``me``), or by the natural key that somebody typed where no script helps."""
    target = target_of(path.field)
    words = own_of(person, target)
    said = {text: words[text] for text in _values(args, path.name) if text in words}
    picked = [(path.name, text, _by_id(person, target, text)) for text in _values(args, path.name) if text not in words]
    for by_key in (path.name + KEY, path.field.word):
        if by_key != path.name and not picked:
            picked = [(by_key, text, _by_key(person, target, text)) for text in _values(args, by_key)]
    for _name, text, record in picked:
        if record is None:
            raise Invalid("unknown_link", _("There is no record “{text}” that you can choose.", text=clipped(text)))
    chips = [Chip(path.label, str(own.label), path.name, text) for text, own in said.items()]
    chips += [Chip(path.label, str(record), name, text) for name, text, record in picked]
    ids = [*(number for own in said.values() for number in own.ids), *(record.id for _name, _text, record in picked if record is not None)]
    return Filter(path.name, path.where(lambda column: column.in_(ids)), tuple(chips))


def _by_id(person: Any, target: Plan, text: str) -> Model | None:
    query = scoped_query(person, target, archived=None)
    return db.session.scalars(query.where(target.model.id == (whole_number(text) or 0))).first()


def _by_key(person: Any, target: Plan, text: str) -> Model | None:
    return keys.find(db.session(), scoped_query(person, target, archived=None), target, text)


def _compared(person: Any, path: Path, args: MultiDict[str, str]) -> Filter:
    conditions, chips = [], []
    for ending, sign in (("", ""), (FROM, "≥ "), (TO, "≤ ")):
        if ending and not is_ranged(path):
            continue
        texts = _values(args, path.name + ending)
        if texts:
            conditions.append(or_(*(_one(person, path, ending, text) for text in texts)))
            chips += [Chip(path.label, sign + _shown(path, text), path.name + ending, text) for text in texts]
    return Filter(path.name, and_(true(), *conditions), tuple(chips))


def _one(person: Any, path: Path, ending: str, text: str) -> ColumnElement[bool]:
    field = path.field
    if field.personal is not None:
        return path.where(lambda column: personal(person, path.end, field, column, text))
    if not is_ranged(path) and not isinstance(field.kind, Truth):
        return path.where(lambda column: contains(field, column, text))
    if text == OVERDUE and not ending and is_timed(field.kind):
        return path.where(lambda column: overdue(person, path.end, column, field.kind))
    first, last = span(path, text)
    return path.where(lambda column: and_(*_within(column, ending, first, last)))


def _within(column: Any, ending: str, first: Any, last: Any) -> Iterator[ColumnElement[bool]]:
    if ending != TO:
        yield column >= first if first != last or ending else column == first
    if ending != FROM and (first != last or ending):
        yield column <= last


def span(path: Path, text: str) -> tuple[Any, Any]:
    """The first and last value that the text means on this path."""
    return span_of(path.field.kind, text)


def span_of(kind: Kind, text: str) -> tuple[Any, Any]:
    """The first and last value that the text means: a day is all its moments, ``this_week`` all its days."""
    if (days := span_of_word(kind, text)) is not None:
        return days
    if not isinstance(kind, Instant):
        value = kind.parse(text)
        return value, value
    try:
        day: date | None = Calendar().parse(text)
    except Invalid:
        day = None
    if day:  # of 23 hours or 25, where clocks are set forward and back
        return midnight(day), midnight(day + timedelta(days=1)) - timedelta(microseconds=1)
    start: datetime = kind.parse(text)
    length = timedelta(minutes=1 if not start.second else 0, seconds=1 if start.second else 0)
    return start, start + length - timedelta(microseconds=1)


def _shown(path: Path, text: str) -> str:
    """The value as people read it; a text as it was typed."""
    kind = path.field.kind
    if text in TIMES and is_timed(kind):
        return str(TIMES[text])
    if path.field.personal is None and (kind.numeric or isinstance(kind, (Calendar, Truth))):
        return kind.show(kind.parse(text))
    return clipped(text.replace("T", " ") if isinstance(kind, Instant) else text)
