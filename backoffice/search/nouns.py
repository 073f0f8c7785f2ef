"""What is indexed: every noun with a declared search, by the fields of its own that the search names."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import Table

from backoffice.declare import Code, Invalid, Line, Model, fold
from backoffice.declare.contact import Telephone
from backoffice.declare.kinds import Calendar, Instant, Selection, Truth
from backoffice.plan import Field, plan_of
from backoffice.search import grams
from backoffice.search.grams import Way

NAME_WIDTH = 100
_BETWEEN = str.maketrans("", "", "-()/. \t")


@dataclass(frozen=True)
class Noun:
    """A table whose records are indexed, and the fields that are."""

    model: type[Model]
    fields: tuple[Field, ...]

    @property
    def table(self) -> Table:
        """The table that the records stand in."""
        return cast(Table, self.model.__table__)

    @property
    def name(self) -> str:
        """How marks call it."""
        return self.table.name

    @property
    def index(self) -> str:
        """The table of its index."""
        return f"search_{self.table.name}"

    @functools.cached_property
    def columns(self) -> tuple[sa.Column[Any], ...]:
        """The columns that are indexed."""
        mapped = {attribute.key: attribute.columns[0] for attribute in sa.inspect(self.model).column_attrs}
        return tuple(cast("sa.Column[Any]", mapped[one.column]) for one in self.fields)

    @property
    def definition(self) -> str:
        """What the index holds, in words: another one asks for another index."""
        return " ".join(f"{one.name}:{type(one.kind).__name__}:{_sort(one)}" for one in self.fields)

    def pieces(self, values: tuple[Any, ...]) -> set[str]:
        """The pieces of a record, from the values of its columns."""
        found: set[str] = set()
        for one, value in zip(self.fields, values, strict=True):
            if value is not None and value != "":
                found.update(_pieces(one, value))
        return found

    def ways(self, word: str) -> list[Way]:
        """In which ways a record may hold the word; an empty way is a record of any sort."""
        sorts = {_sort(one) for one in self.fields}
        ways = [grams.way_of(text) for text in dict.fromkeys((word, fold(word), fold(word).translate(_BETWEEN)))] if sorts & {"name", "text", "code"} else []
        if "name" in sorts and (way := grams.way_of_initials(word)):
            ways.append(way)
        ways += [((piece,),) for one in self.fields for piece in _exactly(one, word)]
        return list(dict.fromkeys(ways))


@functools.cache
def noun_of(model: type[Model]) -> Noun | None:
    """What is indexed of a model, if anything is."""
    plan = plan_of(model)
    own = [plan.fields[name] for name in plan.resource.search if name in plan.fields]
    fields = tuple(one for one in own if not one.is_link)
    return Noun(model, fields) if plan.key and fields else None


def nouns(plans: Mapping[str, Any]) -> dict[str, Noun]:
    """The indexed nouns of an app, by resource."""
    return {name: noun for name, plan in plans.items() if (noun := noun_of(plan.model))}


def is_name(one: Field) -> bool:
    """Whether the first letters of its signs are found: a short line that is not personal."""
    return type(one.kind) is Line and one.kind.width <= NAME_WIDTH and one.personal is None


def _sort(one: Field) -> str:
    """How a field is cut: a name, a text, a code, a number of which the end is known, or a value as a whole."""
    if one.personal is not None:
        return "number" if isinstance(one.kind, Telephone) else "whole"
    if isinstance(one.kind, (Selection, Calendar, Instant, Truth)) or one.kind.numeric:
        return "value"
    if isinstance(one.kind, (Code, Telephone)):
        return "code"
    return "name" if is_name(one) else "text"


def _pieces(one: Field, value: Any) -> Iterator[str]:
    match _sort(one):
        case "number":
            yield grams.of_number(value)
        case "whole":
            yield grams.of_whole(value)
        case "value":
            yield grams.of_whole(_told(value))
        case sort:
            yield from grams.of_text(value)
            if sort == "name":
                yield from grams.of_initials(value)


def _exactly(one: Field, word: str) -> Iterator[str]:
    """The marked pieces that a field would have if it were meant by the word."""
    match _sort(one):
        case "number":
            digits = fold(word).translate(_BETWEEN)
            if digits.lstrip("+").isdigit() and len(digits) >= grams.LAST_DIGITS:
                yield grams.of_number(digits)
            yield from (grams.of_number(value) for value in _parsed(one, word))
        case "whole":
            yield grams.of_whole(word)
        case "value" if isinstance(one.kind, Selection):
            yield from (grams.of_whole(_told(each)) for each in one.kind.members if word.casefold() in str(each.label).casefold())
        case "value":
            yield from (grams.of_whole(_told(value)) for value in _parsed(one, word))


def _told(value: Any) -> str:
    """A value as one text, the same in every language and zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value.normalize() if isinstance(value, Decimal) else getattr(value, "value", value))


def _parsed(one: Field, word: str) -> Iterator[Any]:
    try:
        yield one.kind.parse(word)
    except Invalid:
        return
