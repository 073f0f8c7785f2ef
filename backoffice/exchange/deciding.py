"""The rules for one row: what a cell changes, and what it may not."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice import access
from backoffice.access import Access
from backoffice.declare import Model, Text, Verb, _
from backoffice.exchange.cells import Cell
from backoffice.exchange.linking import Hit, Linker
from backoffice.exchange.mapping import Column, Mapped
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Finding, Verdict
from backoffice.exchange.reading import Row
from backoffice.plan import Field, Plan

_LOCKED = _("Only actions change this field; a file cannot.")
_HISTORY = _("Only an import of history sets this field, and your role does not import history.")
_NO_RIGHT = _("Your role may not write this field.")
_REQUIRED = _("This must be filled in.")
_MASKED = _("This is a masked value; the real one is needed.")
_ARCHIVED = _("The record is archived. Restore it first.")


@dataclass
class Decision:
    """What is to become of a row: the record it means, the values to set, and what is said about it."""

    row: Row
    record: Model | None
    verdict: Verdict = Verdict.UNCHANGED
    values: dict[str, Any] = field(default_factory=dict)
    is_history: bool = False
    findings: list[Finding] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)


class Rules:
    """Applies the rules of the plan and the rights of the person to rows."""

    def __init__(self, person: Any, plan: Plan, mapped: Mapped, options: Options, linkers: Mapping[str, Linker]) -> None:
        self.person, self.plan, self.mapped, self.options, self.linkers = person, plan, mapped, options, linkers
        self.may_history = person is access.SYSTEM or access.can(person, Verb.HISTORY, plan)

    def apply(self, decision: Decision, cells: Sequence[Cell | None]) -> None:
        """Fill the decision: values to set, or findings."""
        filled = zip(self.mapped.columns, cells, strict=True)
        if decision.record is None:
            decision.verdict = Verdict.CREATED
            for column, cell in filled:
                if cell is not None:
                    decision.findings.extend(self._set_new(decision, column, cell))
            decision.findings.extend(self._missing(decision))
            return
        for column, cell in filled:
            decision.findings.extend(self._change(decision, decision.record, column, cell))
        if decision.values:
            decision.verdict = Verdict.UPDATED
            if decision.record.archived_at is not None:
                decision.findings.append(self.finding(decision.row, None, None, "archived", _ARCHIVED))

    def _set_new(self, decision: Decision, column: Column, cell: Cell) -> Iterator[Finding]:
        one = column.field
        yield from self._wrong(decision.row, column, cell, None)
        level = self._level(one)
        if one.locked and one not in self.plan.key:
            decision.is_history = True
            if not self.may_history:
                yield self.finding(decision.row, column, cell.text, "locked_field", _HISTORY)
        elif level < Access.WRITE and not one.locked:
            yield self.finding(decision.row, column, cell.text, "no_right", _NO_RIGHT)
        decision.values[one.name] = self._value(column, cell)

    def _change(self, decision: Decision, record: Model, column: Column, cell: Cell | None) -> Iterator[Finding]:
        one, current = column.field, getattr(record, column.field.column)
        if cell is None:
            yield from self._blank(decision, record, column, current)
            return
        if self._level(one) is Access.HIDDEN:
            yield self.finding(decision.row, column, cell.text, "no_right", _NO_RIGHT)
            return
        if one.personal and current is not None and cell.text == one.kind.mask(current):
            return
        value = self._value(column, cell)
        if cell.problem is None and self._is_same(one, current, value):
            return
        yield from self._wrong(decision.row, column, cell, current)
        yield from self._forbidden(decision, column, cell.text)
        decision.values[one.name] = value

    def _blank(self, decision: Decision, record: Model, column: Column, current: Any) -> Iterator[Finding]:
        one = column.field
        if not self.options.clear_blank or current is None or one.locked or self._level(one) < Access.WRITE:
            return
        if not one.nullable or (one.required and not record.from_history):
            yield self.finding(decision.row, column, None, "required", _REQUIRED)
        decision.values[one.name] = None

    def _forbidden(self, decision: Decision, column: Column, text: str) -> Iterator[Finding]:
        if column.field.locked:
            yield self.finding(decision.row, column, text, "locked_field", _LOCKED)
        elif self._level(column.field) < Access.WRITE:
            yield self.finding(decision.row, column, text, "no_right", _NO_RIGHT)

    def _wrong(self, row: Row, column: Column, cell: Cell, current: Any) -> Iterator[Finding]:
        """Why the text is no value; a record that the person may not know of is none either."""
        problem = cell.problem
        if column.field.is_link:
            hit = self.linkers[column.field.name].find(cell.text)
            problem = None if isinstance(hit, Hit) else hit
            if isinstance(hit, Hit) and not hit.is_visible and hit.record.id != current:
                problem = self.linkers[column.field.name].objection(cell.text)
        if problem is not None:
            yield self.finding(row, column, cell.text, problem.code, problem.why)
        elif column.field.personal and column.field.kind.mask(cell.value) == cell.text:
            yield self.finding(row, column, cell.text, "masked_value", _MASKED)

    def _value(self, column: Column, cell: Cell) -> Any:
        if not column.field.is_link:
            return cell.value
        hit = self.linkers[column.field.name].find(cell.text)
        return hit.record if isinstance(hit, Hit) else None

    @staticmethod
    def _is_same(one: Field, current: Any, value: Any) -> bool:
        """Whether both are written alike; a stored moment may be finer than a file can say."""
        if one.is_link:
            return value is not None and value.id == current
        if current is None or value is None or current == value:
            return bool(current == value)
        return one.kind.write(current) == one.kind.write(value)

    def _missing(self, decision: Decision) -> Iterator[Finding]:
        for one in self._required:
            if decision.values.get(one.name) is None and not (decision.is_history and one.nullable):
                yield from self._not_filled(decision, one)

    def _not_filled(self, decision: Decision, one: Field) -> Iterator[Finding]:
        if not any(finding.field == one.word for finding in decision.findings):
            yield self.finding(decision.row, self.mapped.of(one), None, "required", _REQUIRED, one)

    @functools.cached_property
    def _required(self) -> list[Field]:
        """Fields that a new record must bring; locked ones are filled by the rules."""
        return [one for one in self.plan.fields.values() if one.required and not (one.locked or one.is_system or one.secret)]

    def _level(self, one: Field) -> Access:
        return self._levels[one.name]

    @functools.cached_property
    def _levels(self) -> dict[str, Access]:
        return {one.name: access.field_access(self.person, self.plan, one, Verb.IMPORT) for one in self.plan.fields.values()}

    def finding(self, row: Row, column: Column | None, value: str | None, code: str, why: Text, one: Field | None = None) -> Finding:
        """Say something about a cell, or about a field that has no column."""
        word = column.word if column else one.word if one else None
        header = column.header if column else str(one.label) if one else None
        return Finding(row.line, row.number, header, word, value, code, str(why))
