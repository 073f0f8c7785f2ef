"""From a file to a stored plan: every row staged, matched, compared and checked. Nothing is written to the database.

Cells are judged column by column, and each distinct text once; everything after that is one statement
over many rows. Rows that the model's rules concern are tried out at the end, and taken back.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa

from backoffice import access
from backoffice.declare import Verb, _
from backoffice.exchange import doubting
from backoffice.exchange.calm import calm
from backoffice.exchange.mapping import Mapped
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Verdict
from backoffice.exchange.sources.base import Chunk
from backoffice.exchange.stage import CREATE, REFUSE, UNCHANGED, UPDATE, Part, Stage
from backoffice.exchange.staging import comparing, raws, returning
from backoffice.exchange.staging.checking import Checker
from backoffice.exchange.staging.duplicates import refuse_duplicates
from backoffice.exchange.staging.filling import Filler, Ruled, unnamed
from backoffice.exchange.staging.inserting import inserting
from backoffice.exchange.staging.leaving import leave
from backoffice.exchange.staging.noting import Notebook
from backoffice.exchange.tables import ExportRun
from backoffice.exchange.writing.rehearsing import rehearse
from backoffice.exchange.writing.rules import concern_of, idle, is_scoped, may_refuse_new
from backoffice.exchange.writing.slices import refuse
from backoffice.plan import Plan

RANGE = 20_000
VERDICTS = {CREATE: Verdict.CREATED, UPDATE: Verdict.UPDATED, UNCHANGED: Verdict.UNCHANGED, REFUSE: Verdict.REFUSED}


class Source(Protocol):
    """What is staged: an opened file, or one noun's part of it."""

    headers: list[str]

    def chunks(self) -> Iterable[Chunk]:
        """Its rows, some at a time, from the beginning."""
        ...


Say = Callable[[int, int | None], None]
"""Takes how many rows are done, and of how many; 0 where nobody knows."""


def silent(_done: int, _total: int | None = None) -> None:
    """Report to nobody."""


@dataclass
class Planning:
    """Plans the rows of one noun on a stage, for one person."""

    stage: Stage
    person: Any
    plan: Plan
    mapped: Mapped
    options: Options
    say: Say = silent
    export: ExportRun | None = None
    tries: bool = True
    part: Part = field(init=False)

    def run(self, source: Source) -> Part:
        """Stage a whole file."""
        access.require(self.person, Verb.IMPORT, self.plan)
        self.part = self.stage.make(self.plan, self.mapped)
        self._begin(len(source.headers))
        with calm():
            self._fill(source)
        self._judge_rows(sa.true())
        raws.keep(self.stage, self.part, source)
        self.stage.connection.commit()
        return self.part

    def again(self, numbers: Collection[int], source: Source) -> None:
        """Check some rows once more, as they were corrected; rows that were refused for another row's sake come along."""
        self.part = self.stage.part(self.plan.name)
        self._begin(len(source.headers))
        wanted = {*numbers, *raws.said(self.stage, self.part, "duplicate_in_file"), *raws.said(self.stage, self.part, "not_unique")}
        raws.keep(self.stage, self.part, source)  # of rows that were set aside while the others were written
        chunk = raws.chunk(self.stage, self.part, wanted)
        if not chunk.lines:
            return
        raws.forget(self.stage, self.part, chunk.numbers)
        with inserting(self.stage, self.part.rows) as insert:
            self.filler.take(chunk, insert)
        self.notes.write()
        self._judge_rows(self.part.rows.c.row.in_(list(chunk.numbers)))
        raws.put(self.stage, self.part, chunk)
        raws.keep(self.stage, self.part, source)
        self.stage.connection.commit()

    def _begin(self, width: int) -> None:
        self.notes = Notebook(self.stage, self.part)
        ruled = Ruled(*self._is_ruled_if_new, self._ruled_if_changed())
        self.filler = Filler(self.stage, self.part, self.person, self.options, self.notes, width, ruled)

    @property
    def _is_ruled_if_new(self) -> tuple[bool, bool]:
        """Whether rules concern a new record of today, and one of history; people with rows of their own are judged record by record."""
        concern = concern_of(self.plan.model, {column.field.name for column in self.mapped.columns})
        return concern.new or self._is_scoped, concern.history or self._is_scoped

    @property
    def _is_scoped(self) -> bool:
        return is_scoped(self.person, self.plan)

    def _fill(self, source: Source) -> None:
        are_tried = self.tries and any(self._is_ruled_if_new) and (self._is_scoped or may_refuse_new(self.plan.model))
        total = 0 if are_tried else getattr(source, "rows_hint", None) or 0  # else the time left would be that of the shorter part of the work
        with inserting(self.stage, self.part.rows, aside=True) as insert:
            for chunk in source.chunks():
                self.filler.take(chunk, insert)
                self.say(chunk.numbers[-1], total)
        for finding, is_notice in getattr(source, "findings", tuple)():
            self.notes.take(finding, is_notice=is_notice)
        self.notes.write()
        self.stage.connection.commit()

    def _judge_rows(self, where: sa.ColumnElement[bool]) -> None:
        keys = [place for one in self.options.keys(self.plan) if (place := self.part.place(one)) is not None]
        refuse_duplicates(self.stage, self.part, self.notes, keys)
        self._mark(sa.true())
        self._leave_idle(where)
        if self.export is not None:
            returning.keep_later_changes(self.stage, self.part, self.export)
        self._refuse_masks(where)
        check = Checker(self.stage, self.part, self.person, self.options, self.notes, where)
        if self.options.match:
            self.notes.refuse(comparing.ambiguous(self.part, self.options, where), check.key, "ambiguous_match", _("Several records match this row."))
        self._mark(where)
        self._refuse_unnamed(where)
        check.refuse_wrong_records()
        check.refuse_cells(self.filler.judges)
        self._mark(where)
        check.refuse_broken_claims()
        check.refuse_taken()
        self._mark(where)
        self._rehearse(where)
        self._refuse_unnamed(where)  # once more: who was to be made may have been refused since
        doubting.note(self.stage, self.person, self.part, where, matched_by=self.options.match, decided=self.options.take)
        leave(self.stage, self.part, self.options.leave)

    def _leave_idle(self, where: sa.ColumnElement[bool]) -> None:
        """New rows that a rule would leave as they are go without it."""
        rows = self.part.rows
        for some in () if self._is_scoped else idle(self.part):
            self.stage.connection.execute(rows.update().values(is_ruled=False).where(where, rows.c.record_id.is_(None), rows.c.is_ruled, some))

    def _rehearse(self, where: sa.ColumnElement[bool]) -> None:
        """Try out the rows that the model's rules may refuse, and those that link to a row of their own noun."""
        rows = self.part.rows
        for place in self.filler.names:
            if self.mapped.columns[place].field.target is self.plan.model:
                self.stage.connection.execute(rows.update().values(is_ruled=True).where(where, self.part.text(place).is_not(None)))
        if self.tries:
            try_out(self.stage, self.part, self.person, where, self.say)
        self.stage.connection.commit()

    def _ruled_if_changed(self) -> sa.ColumnElement[bool]:
        if self._is_scoped:
            return sa.true()
        concern = concern_of(self.plan.model)
        bits = sum(1 << place for place, column in enumerate(self.mapped.columns) if concern.is_about(column.field))
        return comparing.changes(self.stage, self.part, self.options).op("&")(bits) != 0 if bits else sa.false()

    def _refuse_masks(self, where: sa.ColumnElement[bool]) -> None:
        """A masked text keeps what is stored if it is the mask of that; else the value is wanted."""
        for (number, place), (text, problem) in self.filler.masks.items():
            row = self.stage.connection.execute(sa.select(self.part.rows.c.line, self.part.rows.c.record_id).where(self.part.rows.c.row == number)).one()
            target, column = self.part.target(place), self.mapped.columns[place]
            stored = self.stage.connection.scalar(sa.select(target).where(self.plan.table.c.id == row.record_id)) if row.record_id else None
            if stored is None or column.field.kind.mask(stored) != text:
                self.notes.add(number, row.line, column, text, problem.code, problem.why)
        self.notes.write()

    def _refuse_unnamed(self, where: sa.ColumnElement[bool]) -> None:
        """Links to nobody; and as long as that refuses rows, links to those."""
        known = {part.plan.name: part for part in self.stage.parts()}
        while sum(unnamed(self.notes, self.part, place, where, known, self.options.parents) for place in self.filler.names):
            self._mark(where)

    def _mark(self, where: sa.ColumnElement[bool]) -> None:
        """Rows that something was said against are refused."""
        rows = self.part.rows
        self.stage.connection.execute(rows.update().values(verdict=REFUSE).where(where, rows.c.verdict != REFUSE, rows.c.row.in_(self.notes.refused())))
        self.stage.connection.commit()


def try_out(stage: Stage, part: Part, person: Any, where: sa.ColumnElement[bool] | None = None, say: Say = silent) -> None:
    """Write the rows that rules look at and take them back; refuse those that the rules refuse."""
    refusals = rehearse(stage, part, person, where=where, say=say)
    while some := list(itertools.islice(refusals, RANGE)):
        refuse(stage, part, some)
    stage.connection.commit()


def counts(stage: Stage, part: Part | None = None) -> Counter[str]:
    """How many rows (of one noun, or of all) have each verdict."""
    found: Counter[str] = Counter()
    for one in stage.parts() if part is None else [part]:
        for verdict, count in stage.connection.execute(sa.select(one.rows.c.verdict, sa.func.count()).group_by(one.rows.c.verdict)):
            found[verdict] += count
    return found


__all__ = ["Planning", "Say", "Source", "counts", "silent", "try_out"]
