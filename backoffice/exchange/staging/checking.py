"""What a staged row may not do: touch what is out of reach, leave blank what is needed, break what the table insists on.

Each rule is one statement over all rows; nothing is written to the database.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backoffice import access
from backoffice.access import Access
from backoffice.declare import Text, Verb, _
from backoffice.exchange.mapping import Column
from backoffice.exchange.options import Options
from backoffice.exchange.stage import CREATE, UPDATE, Part, Stage
from backoffice.exchange.staging.links import LinkJudge, among, no_such
from backoffice.exchange.staging.noting import Notebook
from backoffice.exchange.writing.rules import is_tried
from backoffice.integrity import claim, not_unique
from backoffice.plan import Field

LOCKED = _("Only actions change this field; a file cannot.")
HISTORY = _("Only an import of history sets this field, and your role does not import history.")
NO_RIGHT = _("Your role may not write this field.")
REQUIRED = _("This must be filled in.")
ARCHIVED = _("The record is archived. Restore it first.")
NOT_YOURS = _("This record is not among those that you may change.")


class Checker:
    """Says what is wrong with staged rows, once their records are known."""

    def __init__(self, stage: Stage, part: Part, person: Any, options: Options, notes: Notebook, where: sa.ColumnElement[bool]) -> None:
        self.stage, self.part, self.person, self.options, self.notes = stage, part, person, options, notes
        self.rows, self.plan = part.rows, part.plan
        self.is_new = where & (self.rows.c.verdict == CREATE)
        self.is_changed = where & (self.rows.c.verdict == UPDATE)
        self.is_known = where & self.rows.c.record_id.is_not(None)
        self.key = part.mapped.of(options.keys(part.plan)[0])
        self.where, self.open = where, list[_Refusal]()

    def refuse_wrong_records(self) -> None:
        """Rows that mean no single record, one out of reach, or one that the run does not want."""
        mode = self.options.mode
        if mode == "create":
            self._refuse(self.is_known, self.key, "already_exists", _("The record exists already; this run only creates."))
        if mode == "update":
            self._refuse(self.is_new, self.key, "no_such_record", _("There is no such record; this run only changes existing ones."))
        if self.person is not access.SYSTEM:
            seen, changed = (self._reached(purpose) for purpose in (Verb.READ, Verb.IMPORT))
            self._refuse(self.is_known & (~seen | (self.is_changed & ~changed)), self.key, "not_yours", NOT_YOURS)
        archived = sa.select(self.plan.table.c.id).where(self.plan.table.c.archived_at.is_not(None))
        self._refuse(self.is_changed & self.rows.c.record_id.in_(archived), None, "archived", ARCHIVED)
        self.settle()

    def _reached(self, purpose: Verb) -> sa.ColumnElement[bool]:
        model = self.plan.model
        return self.rows.c.record_id.in_(access.scoped_query(self.person, self.plan, purpose, archived=None).with_only_columns(model.id))

    def refuse_cells(self, judges: list[Any]) -> None:
        """Cells that the person may not write, and needed ones that are blank."""
        may_history = self.person is access.SYSTEM or access.can(self.person, Verb.HISTORY, self.plan)
        for place, column in enumerate(self.part.mapped.columns):
            self._refuse_column(place, column, may_history=may_history)
            if isinstance(judges[place], LinkJudge) and judges[place].hidden:
                self._refuse_hidden(place, column, judges[place])
        self.settle()
        for one in self.plan.fields.values():
            if one.required and not (one.locked or one.is_system or one.secret):
                self._refuse_missing(one)
        self.settle()

    def _refuse_column(self, place: int, column: Column, *, may_history: bool) -> None:
        one, level = column.field, self._level(column.field)
        filled, changed = self._filled(place), self.changes(place)
        if one.locked and one not in self.plan.key and not may_history:
            self._refuse(self.is_new & filled, column, "locked_field", HISTORY)
        elif level < Access.WRITE and not one.locked:
            self._refuse(self.is_new & filled, column, "no_right", NO_RIGHT)
        if level is Access.HIDDEN:
            self._refuse(self.is_known & filled, column, "no_right", NO_RIGHT)
        elif one.locked:
            self._refuse(self.is_changed & changed & filled, column, "locked_field", LOCKED)
        elif level < Access.WRITE:
            self._refuse(self.is_changed & changed & filled, column, "no_right", NO_RIGHT)
        if self.options.policy(one) in {"clear", "null"} and (not one.nullable or one.required):
            known = sa.select(self.plan.table.c.id).where(self.plan.table.c.from_history)
            lacks = sa.true() if not one.nullable else self.rows.c.record_id.not_in(known)
            self._refuse(self.is_changed & changed & ~filled & lacks, column, "required", REQUIRED)

    def _refuse_hidden(self, place: int, column: Column, judge: LinkJudge) -> None:
        """A record that the person may not know of is none, unless the row names what is stored already."""
        unseen = among(self.stage.connection, self.part.value(place), judge.hidden)
        self._refuse((self.is_new | (self.is_changed & self.changes(place))) & unseen, column, "unknown_link", no_such(judge.plan))

    def _refuse_missing(self, one: Field) -> None:
        place, blank = self.part.place(one), self.is_new
        if place is not None:
            blank &= ~self._filled(place)
        if one.nullable:
            blank &= ~self.rows.c.is_history
        findings = self.stage.findings
        said = sa.select(findings.c.row).where(findings.c.part == self.plan.name, findings.c.field == one.word)
        self._refuse(blank & self.rows.c.row.not_in(said), self.part.mapped.columns[place] if place is not None else None, "required", REQUIRED, one)

    def _filled(self, place: int) -> sa.ColumnElement[bool]:
        filled = self.part.value(place).is_not(None)
        return filled | self.part.text(place).is_not(None) if self.part.mapped.columns[place].field.is_link else filled

    def changes(self, place: int) -> sa.ColumnElement[bool]:
        """Whether a row changes a column."""
        return self.rows.c.changed.op("&")(1 << place) != 0

    def _level(self, one: Field) -> Access:
        return access.field_access(self.person, self.plan, one, Verb.IMPORT)

    def refuse_broken_claims(self) -> None:
        """Rows that would break a CHECK of the table; those that rules may refuse are tried out instead."""
        claims = [one for one in self.plan.table.constraints if isinstance(one, sa.CheckConstraint)]
        broken = [~sa.literal_column(f"({one.sqltext})", sa.Boolean) for one in claims]
        if not claims or not self.stage.connection.scalar(sa.select(sa.exists(sa.select(self._after.c.staged_row).where(sa.or_(*broken))))):
            return
        for one, is_broken in zip(claims, broken, strict=True):
            rows = sa.select(self._after.c.staged_row).where(is_broken)
            self._refuse(self.rows.c.row.in_(rows), None, "broken_rule", claim(one))
        self.settle()

    @functools.cached_property
    def _after(self) -> sa.Subquery:
        """Each row as its record would be, under the names of the table's own columns."""
        table = self.plan.table
        columns = [self._merged(column).label(column.name) for column in table.c]
        joined = self.rows.outerjoin(table, table.c.id == self.rows.c.record_id)
        written = (self.is_new | self.is_changed) & ~is_tried(self.part, self.person) & self.rows.c.row.not_in(self.notes.refused())
        return sa.select(self.rows.c.row.label("staged_row"), *columns).select_from(joined).where(written).subquery(table.name)

    def _merged(self, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        place = next((at for at in range(len(self.part.mapped.columns)) if self.part.target(at) is column), None)
        new = self._new(column) if place is None else sa.func.coalesce(self.part.value(place), self._new(column))
        known: sa.ColumnElement[Any] = column
        if place is not None:
            known = sa.case((self.changes(place), self.part.value(place)), else_=column)
        return sa.case((self.rows.c.record_id.is_(None), new), else_=known)

    def _new(self, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """What a new record holds in a column that the file does not fill."""
        if column.name == "from_history":
            return self.rows.c.is_history
        default = column.default
        value = default.arg if isinstance(default, sa.ColumnDefault) and default.is_scalar else None
        return sa.cast(sa.null(), column.type) if value is None else sa.literal(value, column.type)

    def refuse_taken(self) -> None:
        """Rows that would repeat a value that is unique, of another record or of an earlier row."""
        keys = {one.column for one in self.options.keys(self.plan)}
        for columns, where in uniques(self.plan.table):
            places = {self.part.place(one) for one in self.plan.fields.values() if one.column in {column.key for column in columns}}
            places.discard(None)
            if places and {column.key for column in columns} != keys:
                self._refuse_taken(columns, where, sorted(place for place in places if place is not None))
        self.settle()

    def _refuse_taken(self, columns: list[sa.Column[Any]], where: Any, places: list[int]) -> None:
        table, rows = self.plan.table, self.rows
        touched = sa.or_(self.is_new, *(self.is_changed & self.changes(place) for place in places))
        other = sa.select(table).where(*([] if where is None else [where])).subquery("other")
        merged = [self._merged(column) for column in columns]
        joined = rows.outerjoin(table, table.c.id == rows.c.record_id).join(
            other, sa.and_(*(other.c[column.name] == one for column, one in zip(columns, merged, strict=True)), other.c.id.is_distinct_from(rows.c.record_id)),
        )
        taken = sa.select(rows.c.row).select_from(joined).where(touched)
        one = next(field for field in self.plan.fields.values() if field.column == columns[0].key)
        why = not_unique([field for column in columns for field in self.plan.fields.values() if field.column == column.key])
        column = self.part.mapped.columns[places[0]]
        self._refuse(rows.c.row.in_(taken), column, "not_unique", why, one)
        if len(places) == len(columns):
            self._refuse(rows.c.row.in_(self._repeated(places)) & touched, column, "not_unique", why, one)

    def _repeated(self, places: list[int]) -> sa.Select[Any]:
        """Rows that hold the same in these columns as an earlier row."""
        values = [self.part.value(place) for place in places]
        written = (self.is_new | self.is_changed) & sa.and_(*(value.is_not(None) for value in values)) & self.rows.c.row.not_in(self.notes.refused())
        ranked = sa.select(self.rows.c.row, sa.func.row_number().over(partition_by=values, order_by=self.rows.c.row).label("rank")).where(written).subquery()
        return sa.select(ranked.c.row).where(ranked.c.rank > 1)

    def _refuse(self, where: sa.ColumnElement[bool], column: Column | None, code: str, why: Text, one: Field | None = None) -> None:
        self.open.append(_Refusal(where, column, code, why, one))

    def settle(self) -> None:
        """Look for all open refusals in one pass over the rows, and write down those that hit some."""
        if self.open:
            hits = [sa.func.max(sa.case((one.where, 1), else_=0)) for one in self.open]
            found = self.stage.connection.execute(sa.select(*hits).select_from(self.rows).where(self.where)).one()
            for refusal, is_hit in zip(self.open, found, strict=True):
                if is_hit:
                    self.notes.refuse(refusal.where, refusal.column, refusal.code, refusal.why, refusal.field)
            self.open = []


@dataclass(frozen=True)
class _Refusal:
    where: sa.ColumnElement[bool]
    column: Column | None
    code: str
    why: Text
    field: Field | None


def uniques(table: sa.Table) -> Iterator[tuple[list[sa.Column[Any]], Any]]:
    """What is unique in a table: columns, and the condition under which they are."""
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            yield list(constraint.columns), None
    for index in table.indexes:
        if index.unique:
            options = index.dialect_options
            yield [table.c[column.name] for column in index.columns], options["sqlite"].get("where")
