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
from backoffice.exchange.writing.wording import Sql, Wording, chained, printed, wording
from backoffice.plan import Field, Plan, plan_of

Value = Callable[[Field], str]
"""From a field to the SQL of its value."""


class NotBulk(Exception):
    """This noun cannot be written set by set; the text says why."""


class Tongue:
    """How values become JSON text in one kind of database. Each method takes the SQL of a value that is not NULL."""

    def text(self, value: str) -> Wording:
        """A text, quoted."""
        raise NotImplementedError

    def money(self, value: str) -> Wording:
        """An amount with two decimals, as a text."""
        raise NotImplementedError

    def moment(self, value: str) -> Wording:
        """A moment as Python writes it, in UTC; parts of a second only where there are any."""
        raise NotImplementedError

    def day(self, value: str) -> Wording:
        """A day, year first."""
        raise NotImplementedError

    def whole(self, value: str) -> Wording:
        """A whole number."""
        return wording(Sql(self.plain(value)))

    def truth(self, value: str) -> Wording:
        """True or false."""
        return wording(Sql(f"(CASE WHEN {value} THEN 'true' ELSE 'false' END)"))

    def plain(self, value: str) -> str:
        """The SQL of a number or a text as text, not quoted."""
        return f"CAST({value} AS TEXT)"

    def put(self, words: Wording) -> str:
        """The SQL of a whole text."""
        return chained(words)

    def json(self, value: str) -> str:
        """JSON text as what the column of the changes takes."""
        return value


class SqliteTongue(Tongue):
    """SQLite keeps amounts as cents, days and moments as text."""

    def text(self, value: str) -> Wording:
        return wording(Sql(f"json_quote({value})"))

    def money(self, value: str) -> Wording:
        sign = Sql(f"(CASE WHEN {value} < 0 THEN '-' ELSE '' END)")
        return wording('"', sign, Sql(f"abs({value})/100", "%d"), ".", Sql(f"abs({value})%100", "%02d"), '"')

    def moment(self, value: str) -> Wording:
        return wording('"', Sql(f"replace(replace({value},' ','T'),'.000000','')"), '+00:00"')

    def day(self, value: str) -> Wording:
        return wording('"', Sql(value), '"')

    def whole(self, value: str) -> Wording:
        return wording(Sql(value, "%d"))

    def put(self, words: Wording) -> str:
        return printed(words)


class PostgresTongue(Tongue):
    """PostgreSQL has types of its own for all of these."""

    def text(self, value: str) -> Wording:
        return wording(Sql(f"CAST(to_json(CAST({value} AS TEXT)) AS TEXT)"))

    def money(self, value: str) -> Wording:
        return wording('"', Sql(f"CAST({value} AS TEXT)"), '"')

    def moment(self, value: str) -> Wording:
        at = f"({value} AT TIME ZONE 'UTC')"
        return wording('"', Sql(f"replace(to_char({at},'YYYY-MM-DD\"T\"HH24\\:MI\\:SS.US'),'.000000','')"), '+00:00"')

    def day(self, value: str) -> Wording:
        return wording('"', Sql(f"to_char({value},'YYYY-MM-DD')"), '"')

    def json(self, value: str) -> str:
        return f"CAST({value} AS JSON)"


def tongue_of(dialect: str) -> Tongue:
    """How this kind of database speaks."""
    return SqliteTongue() if dialect == "sqlite" else PostgresTongue()


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
        """The SQL of the value of a field as JSON text; the text ``null`` where there is none."""
        return f"(CASE WHEN {value} IS NULL THEN 'null' ELSE {self.tongue.put(self.filled(field, value))} END)"

    def filled(self, field: Field, value: str) -> Wording:
        """The same of a value that is not NULL."""
        if field.secret:
            return wording('"•"')
        if field.target is None:
            word: Callable[[str], Wording] = getattr(self.tongue, word_for(field.kind, stored_column(self.plan, field).type))
            return word(value)
        name = self.tongue.text(self.linked_name(field, value))
        return wording('{"id":', *self.tongue.whole(value), ',"name":', *name, "}")

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
            instead = wording() if constant is None else wording(f",{json.dumps(one.name)}:[null,{json.dumps(constant)}]")
            if one.name in values:
                value = values[one.name]
                filled = wording(f",{json.dumps(one.name)}:[null,", *self.filled(one, value), "]")
                told.append(filled if one.name in always else self._either(f"{value} IS NULL", instead, filled))
            elif constant is not None:
                told.append(instead)
        return self._whole(told)

    def updated(self, values: Mapping[str, tuple[str | None, str, str]]) -> str:
        """What has changed: by field, when it has (None: always), its value before and its value after."""
        told = []
        for name, (condition, before, after) in values.items():
            one = self.plan.fields[name]
            both = wording(f",{json.dumps(name)}:[", Sql(self.dumped(one, before)), ",", Sql(self.dumped(one, after)), "]")
            told.append(both if condition is None else self._either(condition, both, wording()))
        return self._whole(told)

    def _either(self, condition: str, words: Wording, others: Wording) -> Wording:
        return wording(Sql(f"(CASE WHEN {condition} THEN {self.tongue.put(words)} ELSE {self.tongue.put(others)} END)"))

    def _whole(self, told: list[Wording]) -> str:
        """An object of what is told; each piece begins with a comma, where there is anything to tell."""
        inner = wording(*(part for words in told for part in words))
        if inner and isinstance(inner[0], str):  # there is always a first one
            return self.tongue.json(self.tongue.put(wording("{", inner[0][1:], *inner[1:], "}")))
        return self.tongue.json(f"'{{'||substr({self.tongue.put(inner)},2)||'}}'")
