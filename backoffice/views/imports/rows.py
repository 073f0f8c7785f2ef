"""Staged rows as a person reads them: the record's name, and each change as old and new, as much of it as the person gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy import select

from backoffice.access import Access, field_access, scoped_query
from backoffice.db import db
from backoffice.declare import Model
from backoffice.declare.journal import AuditEntry
from backoffice.exchange.stage import CREATE, DECIDE, REFUSE, UPDATE, Part
from backoffice.exchange.staged import Said, StagedCell, StagedRow
from backoffice.plan import Field
from backoffice.views import cells, links
from backoffice.views.common import target_of
from backoffice.views.conflicts import load
from backoffice.views.imports.looking import HIDDEN, Look

COVERED = Markup('<span class="masked">{}</span>').format(HIDDEN)


@dataclass(frozen=True)
class Change:
    """One cell that changes: ``before`` is None on a new record, ``is_stale`` where the record is another one than when it was compared."""

    field: Field
    before: Markup | None
    after: Markup
    is_stale: bool = False


@dataclass(frozen=True)
class Input:
    """One cell of a refused row as it stands in the file; ``is_wrong`` where something is said about it."""

    place: int
    field: Field
    header: str
    text: str
    is_wrong: bool


@dataclass(frozen=True)
class Line:
    """One row on the page."""

    row: StagedRow
    name: Markup
    address: str | None
    changes: list[Change]
    errors: list[Said]
    notices: list[Said]
    inputs: list[Input]
    is_stale: bool


class Painter:
    """Paints the rows of one part for one look: records, links and old values are fetched once for all rows of a page."""

    def __init__(self, look: Look, part: Part) -> None:
        self.look, self.part, self.plan = look, part, part.plan
        self.person = look.person
        self.levels = {one.name: field_access(self.person, self.plan, one) for one in self.plan.fields.values()}

    def lines(self, rows: Sequence[StagedRow]) -> list[Line]:
        """The rows of a page."""
        self.records = self._records({row.record_id for row in rows if row.record_id is not None})
        self.linked = {one.field.name: self._linked(one.field.name, rows) for one in self.part.mapped.columns if one.field.is_link}
        self.written = self._written(rows)
        return [self._line(row) for row in rows]

    def _line(self, row: StagedRow) -> Line:
        record = self.records.get(row.record_id or 0)
        is_stale = record is not None and not row.is_applied and row.verdict in (UPDATE, DECIDE) and record.version != row.record_version
        changes = list(self._changes(row, record, is_stale=is_stale)) if row.verdict != REFUSE else []
        address = cells.address(self.plan, record.id) if record is not None else None
        errors, notices = self.look.said(self.plan, row.errors), self.look.said(self.plan, row.notices)
        return Line(row, self._name(row, record), address, changes, errors, notices, self._inputs(row), is_stale)

    def _name(self, row: StagedRow, record: Model | None) -> Markup:
        if record is not None:
            return cells.named(record)
        keys = [self._after(cell) for cell in row.cells if cell.field in self.plan.key and (cell.value is not None or cell.text)]
        if not keys and row.raw is not None:
            named = [(column.field, row.raw_of(column)) for column in self.part.mapped.columns if column.field in self.plan.key]
            keys = [COVERED if self.look.covers(self.plan, one) else Markup("{}").format(text) for one, text in named if text.strip()]
        return Markup(" / ").join(keys)

    def _changes(self, row: StagedRow, record: Model | None, *, is_stale: bool) -> Iterator[Change]:
        for cell in row.cells:
            if row.record_id is None:
                if (cell.value is not None or cell.text) and cell.field not in self.plan.key:  # the key is its name
                    yield Change(cell.field, None, self._after(cell))
            elif cell.is_changed:
                yield Change(cell.field, self._before(row, record, cell), self._after(cell), is_stale)

    def _before(self, row: StagedRow, record: Model | None, cell: StagedCell) -> Markup:
        """The value of now, or, once the row is written, the one that the trail kept."""
        one = cell.field
        if record is None or self.levels[one.name] is Access.HIDDEN:
            return COVERED
        if row.is_applied:
            pair = self.written.get(record.id, {}).get(one.name)
            return self._shown(one, load(one, pair[0]) if pair else None)
        return self._shown(one, getattr(record, one.name))

    def _shown(self, one: Field, value: Any) -> Markup:
        if value is None or value == "":
            return cells.NONE
        if one.is_link:
            return cells.linked(one, value, is_open=value.id in self.linked.get(one.name, {}))
        if self.levels[one.name] is Access.MASKED:
            return Markup('<span class="masked">{}</span>').format(one.kind.mask(value))
        return cells.shown(one, value)

    def _after(self, cell: StagedCell) -> Markup:
        """What the file says; of somebody else's file a mask of what is personal."""
        one, value = cell.field, cell.value
        if value is None:
            return (COVERED if self.look.covers(self.plan, one) else Markup("{}").format(cell.text)) if cell.text else cells.NONE
        if one.is_link:
            return self._named_link(one, value, cell.text)
        if not self.look.is_own and self.levels[one.name] is Access.HIDDEN:
            return COVERED
        if self.look.covers(self.plan, one):
            return Markup('<span class="masked">{}</span>').format(one.kind.mask(value))
        return cells.shown(one, value)

    def _named_link(self, one: Field, number: int, text: str | None) -> Markup:
        found = self.linked[one.name].get(number)
        if found is not None:
            return cells.linked(one, found)
        return COVERED if not self.look.is_own else Markup("{}").format(text or target_of(one).resource.singular)

    def _inputs(self, row: StagedRow) -> list[Input]:
        if row.raw is None:
            return []
        wrong = {said.word for said in row.said}
        return [
            Input(place, column.field, column.header, HIDDEN if self._is_covered(column.field, row.raw_of(column)) else row.raw_of(column), column.word in wrong)
            for place, column in enumerate(self.part.mapped.columns)
        ]

    def _is_covered(self, one: Field, text: str) -> bool:
        return bool(text) and self.look.covers(self.plan, one)

    def _records(self, ids: set[int]) -> Mapping[int, Model]:
        """The records that the person reaches; what lies beyond is known by its key in the file alone."""
        if not ids:
            return {}
        fields = [column.field for column in self.part.mapped.columns if column.field.is_link]
        query = scoped_query(self.person, self.plan, archived=None).where(self.plan.model.id.in_(ids))
        query = query.options(*links.loading(self.plan, fields), *links.naming(self.plan))
        return {record.id: record for record in db.session.scalars(query)}

    def _linked(self, name: str, rows: Iterable[StagedRow]) -> dict[int, Model]:
        """Of the records that a link column names before or after, those that the person may open."""
        one = self.plan.fields[name]
        ids = {cell.value for row in rows for cell in row.cells if cell.field is one and cell.value is not None}
        ids |= {number for record in self.records.values() if (number := getattr(record, one.column)) is not None}
        if not ids:
            return {}
        target = target_of(one)
        query = scoped_query(self.person, target, archived=None).where(target.model.id.in_(ids)).options(*links.naming(target))
        return {record.id: record for record in db.session.scalars(query)}

    def _written(self, rows: Iterable[StagedRow]) -> dict[int, dict[str, Any]]:
        """What the trail says that this run changed in the records of the page."""
        ids = [row.record_id for row in rows if row.is_applied and row.verdict != CREATE and row.record_id is not None]
        if not ids:
            return {}
        mine = (AuditEntry.resource == self.plan.name, AuditEntry.record_id.in_(ids), AuditEntry.run_id == self.look.run.id)
        found: dict[int, dict[str, Any]] = {}
        for entry in db.session.scalars(select(AuditEntry).where(*mine).order_by(AuditEntry.id.desc())):
            found.setdefault(entry.record_id or 0, {}).update(entry.changes)
        return found

