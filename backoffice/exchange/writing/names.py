"""Which record a text names that named none when the file was planned: one that the same file makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, RowMapping
from sqlalchemy.orm import Session

from backoffice.declare import Model, fold
from backoffice.exchange.keys import by_text
from backoffice.exchange.stage import ROW, Part, Stage
from backoffice.plan import Plan, plan_of


class Names:
    """Remembers the records that were made by their keys and their rows, and asks the database for others."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str], Model] = {}

    def remember(self, plan: Plan, records: Mapping[int, Model]) -> None:
        """Know these records, given by their rows."""
        for number, record in records.items():
            self.made[plan.name, f"{ROW}{number}"] = self.made[plan.name, fold(plan.key_of(record))] = record

    def find(self, session: Session, plan: Plan, text: str) -> Model | None:
        """The record that a text names now."""
        known = self.made.get((plan.name, text if text.startswith(ROW) else fold(text)))
        return known or by_text(session, plan, {text}).get(text)


class Index:
    """The numbers of certain staged rows by the keys of their records."""

    def __init__(self, stage: Stage, part: Part, where: ColumnElement[bool]) -> None:
        self.stage, self.part = stage, part
        self.places = [(one, part.place(one)) for one in part.plan.key]
        self._keys: dict[tuple[str, int], str] = {}
        columns = [part.rows.c.row, *(column for _one, place in self.places if place is not None for column in self._columns(place))]
        query = sa.select(*columns).where(where)
        self.rows = {fold("/".join(self._written(row))): row["row"] for row in stage.connection.execute(query).mappings()}

    def find(self, text: str) -> int | None:
        """The row of the file that makes what a text names, if any does."""
        if text.startswith(ROW):
            return int(text[1:])
        return self.rows.get(fold(text))

    def _columns(self, place: int) -> list[sa.Column[Any]]:
        is_link = self.part.mapped.columns[place].field.is_link
        return [self.part.value(place), *([self.part.text(place)] if is_link else [])]

    def _written(self, row: RowMapping) -> Iterator[str]:
        for one, place in self.places:
            value = None if place is None else row[f"c{place}"]
            if one.target is not None:
                yield (self._key_of(one.target, value) if value is not None else row[f"t{place}"] if place is not None else "") or ""
            else:
                yield "" if value is None else one.kind.write(value)

    def _key_of(self, target: type[Model], number: int) -> str:
        known = (target.__name__, number)
        if known not in self._keys:
            record = Session(self.stage.connection).get(target, number)
            self._keys[known] = plan_of(target).key_of(record) if record is not None else ""
        return self._keys[known]
