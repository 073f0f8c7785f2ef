"""Row by row: what a file asks for, and what becomes of it. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.declare import Model, Text, Verb, _
from backoffice.exchange.cells import Cell, Judge
from backoffice.exchange.deciding import Decision, Rules
from backoffice.exchange.keys import Key, by_key
from backoffice.exchange.linking import Hit, Linker
from backoffice.exchange.mapping import Column, Mapped
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Finding, Verdict
from backoffice.exchange.reading import Row, Sheet
from backoffice.plan import Plan


@dataclass
class Draft:
    """A row with its cells judged; blank cells are None. ``identity`` is its key as written."""

    row: Row
    cells: list[Cell | None]
    identity: tuple[str | None, ...] = ()
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Reach:
    """Ids of known records that the person may compare a row with, and of those that a row may change."""

    read: set[int]
    changed: set[int]


_NOT_YOURS = "not_yours", _("This record is not among those that you may change.")


class Planner:
    """Plans the rows of one file for one person."""

    def __init__(self, session: Session, person: Any, plan: Plan, mapped: Mapped, options: Options) -> None:
        self.session, self.person, self.plan, self.mapped, self.options = session, person, plan, mapped, options
        self.keys = options.keys(plan)
        self.judges = [Judge(column) for column in mapped.columns]
        self.linkers = {one.field.name: Linker(session, person, one.field) for one in mapped.columns if one.field.is_link}
        self.rules = Rules(person, plan, mapped, options, self.linkers)
        self.drafts: list[Draft] = []

    def draft(self, sheet: Sheet) -> None:
        """Judge every cell, and find rows that mean the same record."""
        width = len(sheet.headers)
        self.drafts = [self._draft(row, width, is_cut=sheet.is_cut and row is sheet.rows[-1]) for row in sheet.rows]
        self._mark_duplicates()

    def _draft(self, row: Row, width: int, *, is_cut: bool) -> Draft:
        cells, have = row.cells, len(row.cells)
        judged = [judge.judge(cells[index]) if (index := judge.column.index) < have else None for judge in self.judges]
        draft = Draft(row, judged, self._identity(judged))
        draft.findings.extend(_shape(row, width, is_cut=is_cut))
        if not any(draft.identity) or any(
            part is None and not one.nullable for one, part in zip(self.keys, draft.identity, strict=True)
        ):
            draft.findings.append(self._about_key(draft, "missing_key", _("The key is empty; without it nobody knows which record is meant.")))
        return draft

    def _identity(self, cells: Sequence[Cell | None]) -> tuple[str | None, ...]:
        by_field = {judge.field.name: cell for judge, cell in zip(self.judges, cells, strict=True)}
        return tuple(cell.identity if (cell := by_field.get(one.name)) else None for one in self.keys)

    def _mark_duplicates(self) -> None:
        same: dict[tuple[str | None, ...], list[Draft]] = {}
        for draft in self.drafts:
            same.setdefault(draft.identity, []).append(draft)
        for identity, drafts in same.items():
            if len(drafts) > 1 and any(identity):
                lines = ", ".join(str(one.row.line) for one in drafts[:8]) + (" …" if len(drafts) > 8 else "")
                why = _("The same key stands in several rows of the file (lines {lines}).", lines=lines)
                for draft in drafts:
                    draft.findings.append(self._about_key(draft, "duplicate_in_file", why))

    def _about_key(self, draft: Draft, code: str, why: Text) -> Finding:
        column = self.mapped.of(self.keys[0])
        value = "/".join(part or "" for part in draft.identity) or None
        return self.rules.finding(draft.row, column, value, code, why, self.keys[0])

    def waiting(self, drafts: Iterable[Draft]) -> list[Draft]:
        """Rows that link to a record of their own noun which another row of the file is to make."""
        own = [place for place, judge in enumerate(self.judges) if judge.field.target is self.plan.model]
        if not own:
            return []
        made = {"/".join(part or "" for part in draft.identity) for draft in self.drafts}
        return [
            draft for draft in drafts if not draft.findings
            and any((cell := draft.cells[place]) and cell.identity in made and not self._is_linked(place, cell) for place in own)
        ]

    def _is_linked(self, place: int, cell: Cell) -> bool:
        return isinstance(self.linkers[self.judges[place].field.name].find(cell.text), Hit)

    def link(self, drafts: Sequence[Draft]) -> None:
        """Look up the links of these rows: one query per column."""
        for place, judge in enumerate(self.judges):
            if judge.field.is_link:
                self.linkers[judge.field.name].load({cell.text for draft in drafts if (cell := draft.cells[place])})

    def decide(self, drafts: Sequence[Draft]) -> list[Decision]:
        """The verdicts on these rows, against what is stored now."""
        keyed = [(draft, self._key(draft)) for draft in drafts]
        known = by_key(self.session, select(self.plan.model), self.plan, self.keys, {key for _draft, key in keyed if key is not None})
        ids = {record.id for records in known.values() for record in records}
        reach = Reach(self._reach(ids, Verb.READ), self._reach(ids, Verb.IMPORT))
        return [self._decide(draft, known.get(key, []) if key else [], reach) for draft, key in keyed]

    def _key(self, draft: Draft) -> Key | None:
        """The key as values; None where the row is refused for it."""
        if draft.findings:
            return None
        cells = {judge.field.name: cell for judge, cell in zip(self.judges, draft.cells, strict=True)}
        parts: list[Any] = []
        for one in self.keys:
            cell = cells.get(one.name)
            if cell is None:
                parts.append(None)
            elif one.is_link:
                hit = self.linkers[one.name].find(cell.text)
                if not isinstance(hit, Hit):
                    return None
                parts.append(hit.record.id)
            elif cell.problem is not None:
                return None
            else:
                parts.append(cell.identity)
        return tuple(parts)

    def _reach(self, ids: set[int], purpose: Verb) -> set[int]:
        if self.person is access.SYSTEM or not ids:
            return ids
        query = access.scoped_query(self.person, self.plan, purpose, archived=None).where(self.plan.model.id.in_(ids))
        return set(self.session.scalars(query.with_only_columns(self.plan.model.id)))

    def _decide(self, draft: Draft, found: list[Model], reach: Reach) -> Decision:
        decision = Decision(draft.row, found[0] if found else None, findings=list(draft.findings))
        if not decision.findings:
            self._object(decision, self._refusal(found, reach))
        if not decision.findings:
            self.rules.apply(decision, draft.cells)
            if decision.record is not None and decision.values and decision.record.id not in reach.changed:
                self._object(decision, _NOT_YOURS)
        if decision.findings:
            decision.verdict = Verdict.REFUSED
        decision.notices.extend(self._doubts(draft))
        return decision

    def _object(self, decision: Decision, refusal: tuple[str, Text] | None) -> None:
        if refusal is not None:
            column = self.mapped.of(self.keys[0])
            decision.findings.append(self.rules.finding(decision.row, column, self._value(decision.row, column), *refusal, self.keys[0]))

    def _refusal(self, found: list[Model], reach: Reach) -> tuple[str, Text] | None:
        """Why the row may not touch what it means, if it may not."""
        if len(found) > 1:
            return "ambiguous_match", _("Several records match this row.")
        if found and found[0].id not in reach.read:
            return _NOT_YOURS
        if found and self.options.mode == "create":
            return "already_exists", _("The record exists already; this run only creates.")
        if not found and self.options.mode == "update":
            return "no_such_record", _("There is no such record; this run only changes existing ones.")
        return None

    @staticmethod
    def _value(row: Row, column: Column | None) -> str | None:
        return row.cells[column.index].strip() if column and column.index < len(row.cells) else None

    def _doubts(self, draft: Draft) -> Iterator[Finding]:
        for judge, cell in zip(self.judges, draft.cells, strict=True):
            if cell is not None and cell.doubt is not None:
                code, why = cell.doubt
                yield self.rules.finding(draft.row, judge.column, cell.text, code, why)


def _shape(row: Row, width: int, *, is_cut: bool) -> Iterator[Finding]:
    """What is wrong with a row that does not fit under its header."""
    if any(cell.strip() for cell in row.cells[width:]):
        why = _("The row has {count} cells under {width} headers.", count=len(row.cells), width=width)
        yield Finding(row.line, row.number, None, None, None, "too_many_cells", str(why))
    if is_cut and len(row.cells) < width:
        why = _("The file ends in the middle of this row.")
        yield Finding(row.line, row.number, None, None, None, "cut_off", str(why))
