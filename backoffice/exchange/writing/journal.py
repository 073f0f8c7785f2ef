"""The audit trail of rows that are written set by set: the same entries that the session events make, as SQL.

For each field of a noun a piece of SQL says what :meth:`Field.dump` says of a stored value, as JSON
text. A kind that writes its values in a way that is not known here raises :class:`NotBulk`, and
its noun is written one by one.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa

from backoffice.audit.record import UNTRACKED
from backoffice.declare import Kind, Model
from backoffice.declare.columns import Cents, Utc
from backoffice.declare.kinds import Calendar, Instant, Selection, Truth, Whole
from backoffice.exchange.stage import stored_column
from backoffice.plan import Field, Plan, plan_of

Value = Callable[[Field], str]
"""From a field to the SQL of its value."""


class NotBulk(Exception):
    """This noun cannot be written set by set; the text says why."""


class Tongue:
    """How values become JSON text in one kind of database. Each method takes the SQL of a value that is not NULL."""

    def text(self, value: str) -> str:
        """A text, quoted."""
        raise NotImplementedError

    def money(self, value: str) -> str:
        """An amount with two decimals, as a text."""
        raise NotImplementedError

    def moment(self, value: str) -> str:
        """A moment as Python writes it, in UTC; parts of a second only where there are any."""
        raise NotImplementedError

    def day(self, value: str) -> str:
        """A day, year first."""
        raise NotImplementedError

    def plain(self, value: str) -> str:
        """A number or a text as text, not quoted."""
        return f"CAST({value} AS TEXT)"

    def whole(self, value: str) -> str:
        """A whole number."""
        return self.plain(value)

    def truth(self, value: str) -> str:
        """True or false."""
        return f"(CASE WHEN {value} THEN 'true' ELSE 'false' END)"

    def json(self, value: str) -> str:
        """JSON text as what the column of the changes takes."""
        return value


class SqliteTongue(Tongue):
    """SQLite keeps amounts as cents, days and moments as text."""

    def text(self, value: str) -> str:
        return f"json_quote({value})"

    def money(self, value: str) -> str:
        sign = f"(CASE WHEN {value} < 0 THEN '-' ELSE '' END)"
        return f"'\"'||{sign}||(abs({value})/100)||'.'||substr('0'||(abs({value})%100),-2)||'\"'"

    def moment(self, value: str) -> str:
        return f"'\"'||replace(replace({value},' ','T'),'.000000','')||'+00\\:00\"'"

    def whole(self, value: str) -> str:
        return value

    def day(self, value: str) -> str:
        return f"'\"'||{value}||'\"'"


class PostgresTongue(Tongue):
    """PostgreSQL has types of its own for all of these."""

    def text(self, value: str) -> str:
        return f"CAST(to_json(CAST({value} AS TEXT)) AS TEXT)"

    def money(self, value: str) -> str:
        return f"'\"'||CAST({value} AS TEXT)||'\"'"

    def moment(self, value: str) -> str:
        at = f"({value} AT TIME ZONE 'UTC')"
        parts = f"(CASE WHEN to_char({at},'US') = '000000' THEN '' ELSE to_char({at},'.US') END)"
        return f"'\"'||to_char({at},'YYYY-MM-DD\"T\"HH24\\:MI\\:SS')||{parts}||'+00\\:00\"'"

    def day(self, value: str) -> str:
        return f"'\"'||to_char({value},'YYYY-MM-DD')||'\"'"

    def json(self, value: str) -> str:
        return f"CAST({value} AS JSON)"


def tongue_of(dialect: str) -> Tongue:
    """How this kind of database speaks."""
    return SqliteTongue() if dialect == "sqlite" else PostgresTongue()


def literal(text: str) -> str:
    """A text in SQL; a colon in it names no parameter."""
    return "'" + text.replace("'", "''").replace(":", "\\:") + "'"


@functools.cache
def tracked(plan_model: type[Model]) -> tuple[Field, ...]:
    """The fields whose changes the trail tells."""
    return tuple(one for one in plan_of(plan_model).fields.values() if one.name not in UNTRACKED)


_KNOWN: tuple[tuple[Any, Any, type[Any], str], ...] = (
    (Truth.dump, None, sa.Boolean, "truth"), (Whole.dump, None, sa.Integer, "whole"), (Instant.dump, None, Utc, "moment"),
    (Kind.dump, Calendar.write, sa.Date, "day"), (Kind.dump, Selection.write, sa.Enum, "text"), (Kind.dump, Kind.write, Cents, "money"),
    (Kind.dump, Kind.write, sa.String, "text"),
)
"""By how a kind dumps and writes its values, and the type of the column: the word of the tongue."""


def word_for(kind: Kind, stored: Any) -> str:
    """The word of the tongue that says what ``kind.dump`` says; raises :class:`NotBulk`."""
    dump, write = type(kind).dump, type(kind).write
    for known, written, stored_as, word in _KNOWN:
        is_listed = isinstance(stored, sa.Enum) and stored_as is sa.String
        if dump is known and written in (None, write) and isinstance(stored, stored_as) and not is_listed:
            return word
    raise NotBulk(f"{type(kind).__name__} writes its values in its own way")


class Teller:
    """Puts the trail of one noun together: pieces of SQL, and the joins that the names of linked records need."""

    def __init__(self, plan: Plan, tongue: Tongue) -> None:
        self.plan, self.tongue = plan, tongue
        self.joins: list[str] = []

    def dumped(self, field: Field, value: str) -> str:
        """The value of a field as JSON text; the text ``null`` where there is none."""
        return f"(CASE WHEN {value} IS NULL THEN 'null' ELSE {self.filled(field, value)} END)"

    def filled(self, field: Field, value: str) -> str:
        """The same of a value that is not NULL."""
        if field.secret:
            return "'\"•\"'"
        if field.target is None:
            word: Callable[[str], str] = getattr(self.tongue, word_for(field.kind, stored_column(self.plan, field).type))
            return word(value)
        name = self.tongue.text(self.linked_name(field, value))
        return f"'{{\"id\":'||{self.tongue.plain(value)}||',\"name\":'||{name}||'}}'"

    def linked_name(self, field: Field, value: str) -> str:
        """The name of the record at the end of a link, by a join."""
        assert field.target is not None  # noqa: S101  # asked of links only
        plan, alias = plan_of(field.target), f"j{len(self.joins)}"
        self.joins.append(f"LEFT JOIN {plan.table.name} {alias} ON {alias}.id = {value}")
        return self.name(plan, lambda one: f"{alias}.{stored_column(plan, one).name}")

    def name(self, plan: Plan, value: Value) -> str:
        """What ``str(record)`` answers: the fields of the title, those that are filled, with blanks between."""
        if plan.model.__str__ is not Model.__str__:
            raise NotBulk(f"{plan.model.__name__} is named in its own way")
        names = plan.resource.title or plan.resource.key
        parts = [self._part_of_name(plan, name, value) for name in names]
        if len(parts) == 1:
            return f"coalesce({parts[0]},'')"
        return "substr(" + "||".join(f"coalesce(' '||{part},'')" for part in parts) + ",2)"

    def _part_of_name(self, plan: Plan, name: str, value: Value) -> str:
        field = plan.fields.get(name)
        if field is None:
            raise NotBulk(f"{plan.model.__name__} is named by {name}, which is no field")
        if field.is_link:
            return self.linked_name(field, value(field))
        stored = stored_column(plan, field).type
        if isinstance(stored, sa.Enum | Cents | Utc) or not isinstance(stored, sa.String | sa.Integer | sa.Date):
            raise NotBulk(f"{plan.model.__name__} is named by {name}, which is no plain text")
        return self.tongue.plain(value(field))

    def created(self, values: Mapping[str, str], constants: Mapping[str, Any], always: Collection[str]) -> str:
        """What a new record holds: ``values`` by SQL, ``constants`` as ``Field.dump`` made them where there is no value.

        ``always``: fields that every row fills; that need not be asked of each.
        """
        told = []
        for one in tracked(self.plan.model):
            constant = constants.get(one.name)
            instead = "''" if constant is None else literal("," + json.dumps(one.name) + ":[null," + json.dumps(constant) + "]")
            if one.name in values:
                value = values[one.name]
                filled = f"{_entry(one.name, 'null,')}||{self.filled(one, value)}||']'"
                told.append(filled if one.name in always else f"(CASE WHEN {value} IS NULL THEN {instead} ELSE {filled} END)")
            elif constant is not None:
                told.append(instead)
        return self._whole(told)

    def updated(self, values: Mapping[str, tuple[str, str, str]]) -> str:
        """What has changed: by field, when it has, its value before and its value after."""
        told = []
        for name, (condition, before, after) in values.items():
            one = self.plan.fields[name]
            both = f"{self.dumped(one, before)}||','||{self.dumped(one, after)}"
            told.append(f"(CASE WHEN {condition} THEN {_entry(name)}||{both}||']' ELSE '' END)")
        return self._whole(told)

    def _whole(self, told: list[str]) -> str:
        inner = "||".join(told).replace("']'||',", "'],")  # neighbors that are always there: one text
        return self.tongue.json(f"'{{'||substr({inner},2)||'}}'")


def _entry(name: str, before: str = "") -> str:
    """The start of what is told of a field."""
    return literal("," + json.dumps(name) + ":[" + before)
