"""The change set of a run as people read it: rows by verdict, a page at a time, with what is said about them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from backoffice.db import db
from backoffice.declare import Invalid
from backoffice.declare.kinds import Code, Selection, Truth, Verbatim
from backoffice.exchange import stage as staging
from backoffice.exchange.stage import CREATE, DECIDE, REFUSE, UNCHANGED, UPDATE, Part, Stage
from backoffice.exchange.staged import PER_GROUP, BadValue, Said, Slice, StagedCell, StagedRow, Trouble, ranges
from backoffice.plan import Field

VIEWS = {"decide": DECIDE, "refused": REFUSE, "changed": UPDATE, "new": CREATE, "unchanged": UNCHANGED, "notices": None}
"""What the rows are looked at by: their verdict, or that there is a notice about them. The first that holds rows is shown first."""
MOST_GROUPS = 100


def is_staged(run_id: int) -> bool:
    """Whether the rows of the run are still there; asking makes nothing."""
    if db.engine.dialect.name == "sqlite":
        return (Path(current_app.instance_path) / "imports" / str(run_id) / "stage.db").exists()
    with db.engine.connect() as connection:
        return sa.inspect(connection).has_table(f"r{run_id}_parts", schema=staging.SCHEMA)


class ChangeSet:
    """Reads what is staged; writes nothing. ``corrected`` are the cells that a person wrote anew, by row and word."""

    def __init__(self, stage: Stage, corrected: Mapping[int, Mapping[str, str]] | None = None) -> None:
        self.stage, self.connection, self.corrected = stage, stage.connection, corrected or {}
        self.parts = stage.parts()

    def part(self, name: str | None) -> Part:
        """The part of that name, else the first that was planned."""
        return next((one for one in self.parts if one.plan.name == name), self.parts[0])

    def counts(self, part: Part) -> dict[str, int]:
        """How many rows have each verdict, by the names of the views; all rows are looked at."""
        pairs = self.connection.execute(sa.select(part.rows.c.verdict, sa.func.count()).group_by(part.rows.c.verdict))
        by_verdict = {row[0]: int(row[1]) for row in pairs}
        return {name: by_verdict.get(verdict, 0) for name, verdict in VIEWS.items() if verdict is not None}

    def waiting(self) -> int:
        """How many rows are to be written and are not written yet."""
        return sum(
            self.connection.scalar(
                sa.select(sa.func.count()).select_from(part.rows).where(part.rows.c.verdict.in_((CREATE, UPDATE)), part.rows.c.applied.is_(False))
            ) or 0 for part in self.parts
        )

    def page(
        self, part: Part, view: str, *, words: str = "", fields: Iterable[Field] = (), after: int = 0, before: int | None = None, size: int = 50,
    ) -> Slice:
        """The rows of a view after (or before) a row number; ``words`` are looked for in the cells of ``fields``."""
        rows = part.rows
        query = sa.select(rows).where(*self._within(part, view))
        if words:
            query = query.where(self._holding(part, words, set(fields)))
        if before is not None:
            found = list(self.connection.execute(query.where(rows.c.row < before).order_by(rows.c.row.desc()).limit(size + 1)))
            is_more, shown = len(found) > size, found[:size][::-1]
            return Slice(self._read(part, shown), shown[0].row if shown and is_more else None, shown[-1].row if shown else None)
        found = list(self.connection.execute(query.where(rows.c.row > after).order_by(rows.c.row).limit(size + 1)))
        shown = found[:size]
        return Slice(self._read(part, shown), shown[0].row if shown and after else None, shown[-1].row if len(found) > size else None)

    def one(self, part: Part, number: int) -> StagedRow | None:
        """One row by its number."""
        found = self.connection.execute(sa.select(part.rows).where(part.rows.c.row == number)).all()
        return next(iter(self._read(part, found)), None)

    def troubles(self, part: Part, view: str = "refused", most: int = MOST_GROUPS) -> list[Trouble]:
        """What is said about the rows of a view, by column and code, the most frequent first, with the lines of the file that they stand on."""
        found = self.stage.findings
        about = (found.c.part == part.plan.name, found.c.row > 0, *self._about(part, view))
        count = sa.func.count(sa.distinct(found.c.row))
        groups = self.connection.execute(
            sa.select(found.c.column, found.c.field, found.c.code, sa.func.min(found.c.message), count)
            .where(*about).group_by(found.c.column, found.c.field, found.c.code).order_by(count.desc(), sa.func.min(found.c.id)).limit(most)
        ).all()
        return [Trouble(column, word, code, message, rows, self._lines(about, column, code)) for column, word, code, message, rows in groups]

    def _about(self, part: Part, view: str) -> Iterator[sa.ColumnElement[bool]]:
        found = self.stage.findings
        if view == "notices":
            yield found.c.is_notice.is_(True)
            return
        if view == "refused":
            yield found.c.is_notice.is_(False)
        yield found.c.row.in_(sa.select(part.rows.c.row).where(part.rows.c.verdict == VIEWS[view]))

    def bad_values(self, part: Part, most: int = 30) -> list[BadValue]:
        """Texts that are no value in more than one row, the most frequent first; keys are left out, for each of them means another record."""
        found = self.stage.findings
        keys = {one.word for one in part.plan.key}
        known = {column.word for column in part.mapped.columns} - keys
        count = sa.func.count(sa.distinct(found.c.row))
        rows = self.connection.execute(
            sa.select(sa.func.min(found.c.column), found.c.field, found.c.value, found.c.code, sa.func.min(found.c.message), count)
            .where(found.c.part == part.plan.name, found.c.is_notice.is_(False), found.c.value.is_not(None), found.c.field.in_(known))
            .where(found.c.code.not_in(("locked_field", "no_right")))
            .group_by(found.c.field, found.c.value, found.c.code).having(count > 1).order_by(count.desc(), sa.func.min(found.c.id)).limit(most)
        ).all()
        return [BadValue(*row) for row in rows]

    def numbers(self, part: Part, view: str, *, code: str | None = None) -> list[int]:
        """The numbers of all rows of a view, or of those about which this is said."""
        query = sa.select(part.rows.c.row).where(*self._within(part, view)).order_by(part.rows.c.row)
        if code is not None:
            found = self.stage.findings
            query = query.where(part.rows.c.row.in_(sa.select(found.c.row).where(found.c.part == part.plan.name, found.c.code == code)))
        return list(self.connection.scalars(query))

    def with_text(self, part: Part, word: str, text: str) -> list[int]:
        """The numbers of the rows in which a field has this text that was found bad."""
        found = self.stage.findings
        about = (found.c.part == part.plan.name, found.c.field == word, found.c.value == text, found.c.is_notice.is_(False))
        return list(self.connection.scalars(sa.select(found.c.row).where(*about).distinct().order_by(found.c.row)))

    def refused(self, part: Part, size: int = 1000) -> Iterator[StagedRow]:
        """Every refused row, in order; memory does not grow with them."""
        after = 0
        while rows := self.page(part, "refused", after=after, size=size).rows:
            yield from rows
            after = rows[-1].number

    def _within(self, part: Part, view: str) -> Iterator[sa.ColumnElement[bool]]:
        verdict = VIEWS[view]
        if verdict is not None:
            yield part.rows.c.verdict == verdict
            return
        found = self.stage.findings
        yield part.rows.c.row.in_(sa.select(found.c.row).where(found.c.part == part.plan.name, found.c.is_notice.is_(True)))

    def _holding(self, part: Part, words: str, fields: set[Field]) -> sa.ColumnElement[bool]:
        """The rows in whose cells the words stand: as a value, inside a text, or inside what the file says."""
        conditions = [
            one for place, column in enumerate(part.mapped.columns) if column.field in fields for one in _cell_holds(part, place, column.field, words)
        ]
        if fields.issuperset(column.field for column in part.mapped.columns):
            raws = self.stage.raws
            inside = json.dumps(words, ensure_ascii=False)[1:-1]
            conditions.append(part.rows.c.row.in_(sa.select(raws.c.row).where(raws.c.part == part.plan.name, _contains(raws.c.cells, inside))))
        if words.isascii() and words.isdigit() and len(words) < 10:
            conditions.append(part.rows.c.line == int(words))
        return sa.or_(sa.false(), *conditions)

    def _read(self, part: Part, found: Sequence[Any]) -> list[StagedRow]:
        numbers = [row.row for row in found]
        raws = self._raws(part, numbers)
        rows = {row.row: _staged(part, row, raws.get(row.row)) for row in found}
        for number, said in self._said(part, numbers):
            rows[number].said.append(said)
        return list(rows.values())

    def _raws(self, part: Part, numbers: list[int]) -> dict[int, list[str]]:
        raws = self.stage.raws
        query = sa.select(raws.c.row, raws.c.cells).where(raws.c.part == part.plan.name, raws.c.row.in_(numbers))
        return {number: self._corrected(part, number, json.loads(cells)) for number, cells in self.connection.execute(query)}

    def _corrected(self, part: Part, number: int, cells: list[str]) -> list[str]:
        told = self.corrected.get(number, {})
        for column in part.mapped.columns if told else ():
            if (text := told.get(f"{part.plan.name}.{column.word}", told.get(column.word))) is not None:
                cells += [""] * (column.index + 1 - len(cells))
                cells[column.index] = text
        return cells

    def _said(self, part: Part, numbers: list[int]) -> Iterator[tuple[int, Said]]:
        found = self.stage.findings
        query = sa.select(found).where(found.c.part == part.plan.name, found.c.row.in_(numbers)).order_by(found.c.row, found.c.id)
        for one in self.connection.execute(query):
            yield one.row, Said(one.column, one.field, one.value, one.code, one.message, bool(one.is_notice))

    def _lines(self, about: tuple[Any, ...], column: str | None, code: str) -> str:
        found = self.stage.findings
        same = found.c.column == column if column is not None else found.c.column.is_(None)
        query = sa.select(found.c.line).where(*about, same, found.c.code == code).distinct().order_by(found.c.line).limit(PER_GROUP + 1)
        return ranges(list(self.connection.scalars(query)))


def _staged(part: Part, row: Any, raw: list[str] | None) -> StagedRow:
    values = row._mapping  # noqa: SLF001  # the documented way to a row's values by name
    cells = [
        StagedCell(column, values[f"c{place}"], values[f"t{place}"] if column.field.is_link else None, bool(row.changed >> place & 1))
        for place, column in enumerate(part.mapped.columns)
    ]
    return StagedRow(part, row.row, row.line, row.verdict, row.record_id, row.record_version, bool(row.applied), cells, raw)


def _cell_holds(part: Part, place: int, one: Field, words: str) -> Iterator[sa.ColumnElement[bool]]:
    kind, column = one.kind, part.value(place)
    if one.is_link:
        yield _contains(part.text(place), words)
        return
    if isinstance(kind, Selection):
        said = [member for member in kind.members if words.casefold() in (member.value.casefold(), str(member.label).casefold())]
        if said:
            yield column.in_(said)
        return
    if isinstance(kind, Truth):
        return
    if isinstance(column.type, sa.String):
        yield _contains(column, kind.parse(words) if isinstance(kind, Code) and _is_value(one, words) else words)
    elif _is_value(one, words):
        yield column == kind.parse(words)


def _is_value(one: Field, words: str) -> bool:
    try:
        one.kind.parse(words)
    except Invalid:
        return False
    return not isinstance(one.kind, Verbatim)


def _contains(column: sa.ColumnElement[Any], words: str) -> sa.ColumnElement[bool]:
    return sa.cast(column, sa.Text).icontains(words, autoescape=True)
