"""Records by their natural key, many at once: one query for each field of the key, whatever the number of rows."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from backoffice.declare import Invalid, Model
from backoffice.keys import MOST_PIECES
from backoffice.plan import Field, Plan, plan_of

Key = tuple[Any, ...]
"""The values of a key: of plain fields as written, of links the other record's id, None for what is empty."""


def key_from(fields: Sequence[Field], record: Model) -> Key:
    """The key of a stored record."""
    values = ((one, getattr(record, one.column)) for one in fields)
    return tuple(value if value is None or one.is_link else one.kind.write(value) for one, value in values)


def by_key(session: Session, query: Select[Any], plan: Plan, fields: Sequence[Field], keys: Collection[Key]) -> dict[Key, list[Model]]:
    """The records of ``query`` (rows of ``plan``) for each of these keys."""
    if not keys:
        return {}
    for position, one in enumerate(fields):
        query = query.where(_among(getattr(plan.model, one.column), one, {key[position] for key in keys}))
    found: dict[Key, list[Model]] = {}
    wanted = set(keys)
    for record in session.scalars(query):
        key = key_from(fields, record)
        if key in wanted:
            found.setdefault(key, []).append(record)
    return found


def _among(column: Any, field: Field, values: Iterable[Any]) -> Any:
    given = {value for value in values if value is not None}
    typed = given if field.is_link else {field.kind.parse(value) for value in given}
    among = column.in_(typed)
    return among if len(given) == len(set(values)) else or_(among, column.is_(None))


def by_text(session: Session, plan: Plan, texts: Iterable[str]) -> dict[str, Model]:
    """The records whose natural keys are written like this (parts joined by a slash), archived or not."""
    cuts = {text: list(_cuts(text, len(plan.key))) for text in texts}
    meanings = _meanings(session, plan, [parts for ways in cuts.values() for parts in ways])
    found = by_key(session, select(plan.model), plan, plan.key, {key for key in meanings.values() if key is not None})
    answers = {}
    for text, ways in cuts.items():
        hits = {record.id: record for parts in ways if (key := meanings[parts]) is not None for record in found.get(key, ())}
        if len(hits) == 1:
            answers[text] = next(iter(hits.values()))
    return answers


def _cuts(text: str, parts: int) -> Iterator[tuple[str, ...]]:
    """Every way to cut a text at slashes into the parts of a key; usually one."""
    pieces = text.split("/")
    if len(pieces) > MOST_PIECES:
        return
    for places in itertools.combinations(range(1, len(pieces)), parts - 1):
        yield tuple("/".join(pieces[start:end]) for start, end in itertools.pairwise((0, *places, len(pieces))))


def _meanings(session: Session, plan: Plan, written: list[tuple[str, ...]]) -> Mapping[tuple[str, ...], Key | None]:
    """The key that each tuple of texts stands for; None where a part is no value or no record."""
    columns = [_values(session, one, {parts[place] for parts in written}) for place, one in enumerate(plan.key)]
    meanings: dict[tuple[str, ...], Key | None] = {}
    for parts in written:
        known = all(part in column for part, column in zip(parts, columns, strict=True))
        meanings[parts] = tuple(column[part] for part, column in zip(parts, columns, strict=True)) if known else None
    return meanings


def _values(session: Session, one: Field, texts: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = {text: None for text in texts if not text.strip() and one.nullable}
    filled = {text for text in texts if text.strip()}
    if one.target is not None:
        found = by_text(session, plan_of(one.target), filled)
        return values | {text: record.id for text, record in found.items()}
    for text in filled:
        try:
            values[text] = one.kind.write(one.kind.parse(text))
        except Invalid:
            continue
    return values
