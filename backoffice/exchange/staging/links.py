"""Links of a file: which text names which record. One query for each column and chunk, and no record is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.declare import Invalid, Text, Verb, _, fold
from backoffice.exchange.keys import by_text
from backoffice.exchange.mapping import Column
from backoffice.exchange.options import Policy
from backoffice.exchange.stage import ROW, Part, stored_column
from backoffice.exchange.staging.judging import Judge
from backoffice.exchange.staging.quick import NEVER
from backoffice.exchange.staging.went import final, where_to
from backoffice.plan import Plan, plan_of


def no_such(plan: Plan) -> Text:
    """The sentence for a text that names nobody."""
    return _("There is no such record: {noun}.", noun=plan.resource.singular)


class LinkJudge(Judge):
    """Turns the cells of a link's column into ids. ``names`` keeps the texts that name nobody, as keys are written."""

    def __init__(
        self, column: Column, policy: Policy, swaps: Mapping[str, str], encode: Callable[[Any], Any], connection: Connection, person: Any,
        other: Part | None = None,
    ) -> None:
        super().__init__(column, policy, swaps, encode, NEVER)
        assert column.field.target is not None  # noqa: S101  # a link has a target
        self.connection, self.person, self.plan, self.other = connection, person, plan_of(column.field.target), other
        self.hidden: set[int] = set()
        key = self.plan.key
        self.key = key[0] if len(key) == 1 and not key[0].is_link else None
        self.is_plain = self.key is not None and isinstance(stored_column(self.plan, self.key).type, sa.String)

    def learn(self, cells: Iterable[str]) -> None:
        """Look up texts that are new: first as they stand, for most are written like keys."""
        new = set(cells)
        if self.is_plain and not self.swaps:
            found = self._ids(new)
            self._hide(set(found.values()))
            self.values.update({cell: self.encode(number) for cell, number in found.items()})
            new.difference_update(found)
        texts = {cell: self.text_of(cell) for cell in new}
        given = {text.strip() for text in texts.values() if text is not None}
        pointing = {text for text in given if text.startswith(ROW)}
        asked = given - pointing
        found = (self._found(asked) if asked else {}) | (self._pointed(pointing) if pointing else {})
        self._hide(set(found.values()))
        for cell, text in texts.items():
            self.values[cell] = None if text is None else self._named(cell, text.strip(), found)

    def _named(self, cell: str, text: str, found: Mapping[str, int]) -> Any:
        if text in found:
            return self.encode(found[text])
        if text.startswith(ROW):
            self.names[cell] = text
            return None
        try:
            self.names[cell] = self.key.kind.write(self.key.kind.parse(text)) if self.key else fold(text)
        except Invalid as problem:
            self.troubles[cell] = problem
        return None

    def _found(self, texts: set[str]) -> dict[str, int]:
        if self.key is None or not self.is_plain:
            return {text: record.id for text, record in by_text(Session(self.connection), self.plan, texts).items()}
        found = self._ids(texts)
        others = {}
        for text in texts - found.keys():
            try:
                others[text] = self.key.kind.parse(text)
            except Invalid:
                continue
        known = self._ids(set(others.values()) - texts)
        return found | {text: known[written] for text, written in others.items() if written in known}

    def _pointed(self, texts: set[str]) -> dict[str, int]:
        """The records that rows of another part mean, as far as they are stored."""
        numbers = [int(text[1:]) for text in texts if text[1:].isdecimal()]
        if self.other is None or not numbers:
            return {}
        rows = self.other.rows
        query = sa.select(rows.c.row, rows.c.record_id).where(among(self.connection, rows.c.row, numbers), rows.c.record_id.is_not(None))
        return {f"{ROW}{row}": record for row, record in self.connection.execute(query)}

    def _ids(self, keys: set[str]) -> dict[str, int]:
        keys = {key for key in keys if key and key.isprintable()}
        if not keys:
            return {}
        assert self.key is not None  # noqa: S101  # asked of such links alone
        column = stored_column(self.plan, self.key)
        query = sa.select(column, self.plan.table.c.id, where_to(self.plan)).where(among(self.connection, column, keys))
        rows = self.connection.execute(query).all()
        return {row[0]: row[1] for row in rows} | final(self.connection, self.plan, {row[0]: row[2] for row in rows if row[2] is not None})

    def _hide(self, ids: set[int]) -> None:
        """Remember which of these records the person may not know of."""
        if not ids or (access.right(self.person, self.plan).rows is None and access.can(self.person, Verb.READ, self.plan)):
            return
        query = access.scoped_query(self.person, self.plan, archived=None).with_only_columns(self.plan.model.id)
        visible = set(self.connection.scalars(query.where(among(self.connection, self.plan.table.c.id, ids))))
        self.hidden |= ids - visible


def among(connection: Connection, column: sa.ColumnElement[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Whether a column of texts or numbers holds one of these values; as one parameter, however many they are."""
    if connection.dialect.name == "sqlite":
        given = sa.func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
        return sa.type_coerce(column, sa.types.NullType()).in_(sa.select(given.c.value))
    kind = sa.Integer() if isinstance(column.type, sa.Integer) else sa.Text()
    return column == sa.any_(sa.bindparam(None, list(values), type_=sa.ARRAY(kind)))
