"""Before a file is planned: how well a key finds records, and which texts of a column mean nothing. Asked of whole chunks, never row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import func, or_
from sqlalchemy.orm import Session

from backoffice.access import scoped_query
from backoffice.declare import Invalid, Verb, fold
from backoffice.declare.kinds import Selection, Truth
from backoffice.exchange.guard import unguarded
from backoffice.exchange.keys import by_text
from backoffice.plan import Field, Plan, plan_of

Values = Mapping[str, Mapping[str, str]]
Key = tuple[Any, ...]
Item = TypeVar("Item")
CHUNK = 1_000
MOST_LINKS = 5_000
_BLANK = object()


@dataclass
class KeyCount:
    """What a key does in the first rows of a file: ``keys`` different ones, some in several rows; and how many records each finds."""

    rows: int = 0
    keys: int = 0
    repeated: int = 0
    unusable: int = 0
    none: int = 0
    one: int = 0
    many: int = 0


@dataclass(frozen=True)
class Unknown:
    """A text of a column that means nothing, and in how many rows it stands."""

    text: str
    count: int


def count_keys(
    session: Session, person: Any, plan: Plan, batches: Iterable[list[list[str]]], places: Sequence[tuple[int, Field]], values: Values,
) -> KeyCount:
    """Count over batches of columns. ``places``: the columns of the key's fields, -1 where the file has none."""
    counted, seen = KeyCount(), Counter[Key]()
    for columns in batches:
        height = max(map(len, columns), default=0)
        counted.rows += height
        keys = Counter(zip(*(_parts(session, person, index, one, columns, height, values.get(one.word, {})) for index, one in places), strict=True))
        for key, count in keys.items():
            if None in key or all(part is _BLANK for part in key):
                counted.unusable += count
            else:
                seen[tuple(None if part is _BLANK else part for part in key)] += count
    counted.keys, counted.repeated = len(seen), sum(count for count in seen.values() if count > 1)
    fields = [one for _index, one in places]
    for some in _batched(seen, CHUNK):
        found = _found(session, person, plan, fields, some)
        counted.one += sum(1 for count in found.values() if count == 1)
        counted.many += sum(1 for count in found.values() if count > 1)
    counted.none = counted.keys - counted.one - counted.many
    return counted


def _parts(session: Session, person: Any, index: int, one: Field, columns: list[list[str]], height: int, values: Mapping[str, str]) -> list[Any]:
    """One part of the key of each row: its value, ``_BLANK``, or None where the text means nothing."""
    raws = columns[index] if 0 <= index < len(columns) else [""] * height
    texts = {raw: _meant(raw, values) for raw in set(raws)}
    meanings = _meanings(session, person, one, {text for text in texts.values() if text})
    blank = _BLANK if one.nullable else None
    by_raw = {raw: meanings.get(text) if text else blank for raw, text in texts.items()}
    return [by_raw[raw] for raw in raws]


def _meant(raw: str, values: Mapping[str, str]) -> str:
    text = unguarded(raw).strip()
    return values.get(text, text)


def _meanings(session: Session, person: Any, one: Field, texts: set[str]) -> dict[str, Any]:
    if one.target is not None:
        found: dict[str, Any] = {}
        for some in _batched(texts, CHUNK):
            found |= _linked(session, person, plan_of(one.target), some)
        return found
    return {text: value for text in texts if (value := _parsed(one, text)) is not None}


def _parsed(one: Field, text: str) -> Any:
    try:
        return one.kind.parse(text)
    except Invalid:
        return None


def _linked(session: Session, person: Any, plan: Plan, texts: Iterable[str]) -> dict[str, int]:
    """The ids of the records that these texts name and that the person may know of."""
    found = {text: record.id for text, record in by_text(session, plan, texts).items()}
    query = scoped_query(person, plan, archived=None).where(plan.model.id.in_(set(found.values())))
    visible = set(session.scalars(query.with_only_columns(plan.model.id)))
    return {text: number for text, number in found.items() if number in visible}


def _found(session: Session, person: Any, plan: Plan, fields: Sequence[Field], keys: Sequence[Key]) -> dict[Key, int]:
    """How many of the person's records have each of these keys."""
    columns = [getattr(plan.model, one.column) for one in fields]
    query = scoped_query(person, plan, Verb.READ, archived=None)
    for place, column in enumerate(columns):
        given = {key[place] for key in keys}
        among = column.in_(given - {None})
        query = query.where(or_(among, column.is_(None)) if None in given else among)
    wanted = set(keys)
    counted = session.execute(query.with_only_columns(*columns, func.count()).group_by(*columns).order_by(None))
    return {tuple(key): count for *key, count in counted if tuple(key) in wanted}


def _batched(some: Iterable[Item], size: int) -> Iterator[list[Item]]:
    left = iter(some)
    while batch := list(islice(left, size)):
        yield batch


def is_listed(one: Field) -> bool:
    """Whether the field takes one of a few values."""
    return isinstance(one.kind, Selection | Truth)


def unknown_texts(session: Session, person: Any, one: Field, texts: Mapping[str, int], others: Iterable[str] = ()) -> list[Unknown]:
    """The texts of a column that mean nothing, the most frequent first. ``others``: keys that the file itself brings."""
    most = dict(Counter(texts).most_common(MOST_LINKS)) if one.target is not None else texts
    plain = {raw: unguarded(raw).strip() for raw in most}
    known = _meanings(session, person, one, set(plain.values()))
    brought = {fold(text) for text in others}
    missing = [Unknown(text, texts[raw]) for raw, text in plain.items() if text not in known and fold(text) not in brought]
    return sorted(missing, key=lambda some: (-some.count, some.text))


def choices(one: Field) -> Iterator[tuple[str, str]]:
    """The values of a listed field: how a file writes each, and how it is shown."""
    members: Iterable[Any] = one.kind.members if isinstance(one.kind, Selection) else (True, False)
    for member in members:
        yield one.kind.write(member), one.kind.show(member)
