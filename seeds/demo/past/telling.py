"""What the trail says of new records, from the values they are written with: the same that the session events say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import repeat
from json.encoder import encode_basestring as quote
from typing import Any

from sqlalchemy import Enum

from backoffice.declare import Kind
from backoffice.declare.kinds import Instant, Whole
from backoffice.exchange.stage import stored_column
from backoffice.exchange.writing.journal import tracked
from backoffice.plan import Field, Plan
from seeds.demo.past.press import Columns, each
from seeds.demo.past.titles import Titles


def changes(plan: Plan, columns: Columns, titles: Titles, count: int) -> list[str]:
    """What each of so many records holds, as JSON: field by field no value before, and its value after."""
    pieces: list[Iterable[str]] = []
    for one in tracked(plan.model):
        column = stored_column(plan, one)
        values, begin = columns.get(column.name), f",{json.dumps(one.name)}:[null,"
        if isinstance(values, list) and isinstance(one.kind, Instant):
            pieces.append([f'{begin}"{text[:10]}T{text[11:].removesuffix(".000000")}+00:00"]' if text else "" for text in values])
        elif isinstance(values, list):
            pieces.append(each(_piece(begin, _speech(one, column.type, titles)), values))
        elif values is not None:
            pieces.append(repeat(f"{begin}{_speech(one, column.type, titles)(values)}]", count))
    return [f"{{{''.join(row)[1:]}}}" for row in zip(*pieces, strict=True)]


def _piece(begin: str, say: Callable[[Any], str]) -> Callable[[Any], str]:
    """From a value to its place in the record; a field without one has none."""
    return lambda value: "" if value is None else f"{begin}{say(value)}]"


def _speech(one: Field, stored: Any, titles: Titles) -> Callable[[Any], str]:
    """From a value to JSON, as the field dumps it; by a shorter way where there is one."""
    dump, write = type(one.kind).dump, type(one.kind).write
    if one.target is not None and not one.secret:
        find = titles.finder(one.target)
        return lambda number: f'{{"id":{number},"name":{quote(find(number))}}}'
    if one.secret:
        return lambda _value: '"•"'
    if dump is Whole.dump and not isinstance(stored, Enum):
        return str
    if dump is Kind.dump and write is Kind.write and stored.python_type is str:
        return quote
    return lambda value: json.dumps(one.dump(value), ensure_ascii=False)
