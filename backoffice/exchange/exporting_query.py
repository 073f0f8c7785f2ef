"""One SELECT for an export: the columns, and by outer joins the natural keys of the records that they link to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Connection, CursorResult, Integer, Select, String, inspect
from sqlalchemy import Text as TextColumn
from sqlalchemy.orm import aliased
from sqlalchemy.types import NullType

from backoffice.exchange.exporting_cells import Cells, Source, written
from backoffice.exchange.formats.shape import Columns, Shape
from backoffice.plan import Field, Plan, plan_of

PLAIN = frozenset({BigInteger, Integer, NullType, String, TextColumn})
"""Types whose values come from the drivers as they are."""


@dataclass
class Reach:
    """What is selected: grows by a join for each link, once, and by an expression for each part of a column."""

    query: Select[Any]
    dialect: str
    expressions: list[Any] = field(default_factory=list)
    joined: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def take(self, source: Source) -> Part:
        """Select an expression."""
        self.expressions.append(source.expression)
        return Part(source, len(self.expressions) - 1)

    def key_of(self, one: Field, entity: Any, path: tuple[str, ...] = ()) -> Part | Key:
        """Select the natural key of the record that a link of ``entity`` leads to."""
        target, other = plan_of(one.target), self._join(one, entity, (*path, one.name))
        parts = [self._key_part(key, target, other, (*path, one.name)) for key in target.key]
        if len(parts) == 1 and not target.key[0].nullable and parts[0].shape.is_text:
            return parts[0]
        return Key(self.take(Source(Shape.WHOLE, other.id)), tuple(parts))

    def _key_part(self, one: Field, plan: Plan, entity: Any, path: tuple[str, ...]) -> Part | Key:
        if one.is_link:
            return self.key_of(one, entity, path)
        return self.take(written(one.kind, getattr(entity, one.column), type_of(plan, one), self.dialect))

    def _join(self, one: Field, entity: Any, path: tuple[str, ...]) -> Any:
        if path not in self.joined:
            other = self.joined[path] = aliased(one.target)  # type: ignore[arg-type]  # a link has a target
            self.query = self.query.outerjoin(other, getattr(entity, one.column) == other.id)
        return self.joined[path]

    def rows(self, connection: Connection, chunk: int) -> Iterator[Columns]:
        """The rows as columns of values, some at a time; on both databases no more than that is in memory."""
        statement = self.query.with_only_columns(*self.expressions)
        with connection.execute(statement, execution_options={"yield_per": chunk}) as result:
            for rows in self._some(result, chunk):
                yield list(zip(*rows, strict=True))

    def _some(self, result: CursorResult[Any], chunk: int) -> Iterator[Sequence[Sequence[Any]]]:
        """Where no value needs a look, rows as the driver gives them: a row of the library costs as much as reading it."""
        if not all(type(one.type) in PLAIN for one in self.expressions):
            yield from result.partitions()
            return
        first = result.fetchone()  # the library may have fetched it already
        if first is not None:
            yield [first]
            while rows := result.cursor.fetchmany(chunk):
                yield rows


@dataclass(frozen=True)
class Part:
    """A selected expression."""

    source: Source
    place: int

    @property
    def shape(self) -> Shape:
        """What its cells are."""
        return self.source.shape

    def cells(self, values: Columns) -> Cells:
        """The cells of some rows."""
        found = values[self.place]
        return found if self.source.make is None else self.source.make(found)


@dataclass(frozen=True)
class Key:
    """The natural key of a linked record as one text: its parts joined by a slash, or its id where they are all empty."""

    record_id: Part
    parts: tuple[Part | Key, ...]
    shape: Shape = Shape.TEXT

    def cells(self, values: Columns) -> Cells:
        """The cells of some rows; None where the link is empty."""
        ids, parts = self.record_id.cells(values), [part.cells(values) for part in self.parts]
        rows: Iterable[Sequence[Any]] = zip(*parts, strict=True) if parts else [()] * len(ids)
        return [
            None if number is None else "/".join("" if text is None else str(text) for text in texts) or str(number)
            for number, texts in zip(ids, rows, strict=True)
        ]


def type_of(plan: Plan, one: Field) -> Any:
    """The database type of a field's column."""
    return inspect(plan.model).column_attrs[one.column].columns[0].type
