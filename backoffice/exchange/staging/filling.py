"""From the chunks of a file to staged rows: judge the columns, note what is wrong with cells, fill the stage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from backoffice.declare import _
from backoffice.exchange.options import Options
from backoffice.exchange.sources.base import Chunk
from backoffice.exchange.stage import CREATE, REFUSE, ROW, Part, Stage
from backoffice.exchange.staging import comparing
from backoffice.exchange.staging.inserting import Copy, Insert
from backoffice.exchange.staging.judging import Judge, Judged, copied, encoder
from backoffice.exchange.staging.links import LinkJudge, no_such
from backoffice.exchange.staging.noting import Notebook
from backoffice.exchange.staging.quick import quick
from backoffice.exchange.writing.names import Index
from backoffice.plan import plan_of

NO_KEY = _("The key is empty; without it nobody knows which record is meant.")


class Ruled(NamedTuple):
    """Whether the model's rules concern a new record of today, one of history, and a changed one (by what is staged of it)."""

    if_new: bool
    if_history: bool
    if_changed: sa.ColumnElement[bool]


class Filler:
    """Fills the stage with the rows of one noun, chunk by chunk."""

    def __init__(self, stage: Stage, part: Part, person: Any, options: Options, notes: Notebook, width: int, ruled: Ruled) -> None:
        self.stage, self.part, self.options, self.notes, self.width, self.ruled = stage, part, options, notes, width, ruled
        self.judges = [self._judge(place, person) for place in range(len(part.mapped.columns))]
        self.keys = [place for one in options.keys(part.plan) if (place := part.place(one)) is not None]
        self.key_fields = options.keys(part.plan)
        self.locked = [place for place, judge in enumerate(self.judges) if judge.field.locked and judge.field not in part.plan.key]
        self.masks: dict[tuple[int, int], tuple[str, Any]] = {}
        self.names: set[int] = set()

    def _judge(self, place: int, person: Any) -> Judge:
        column = self.part.mapped.columns[place]
        encode = encoder(self.part.target(place), self.stage.connection.dialect)
        policy, swaps = self.options.policy(column.field), self.options.values.get(column.word, {})
        if column.field.is_link:
            name = plan_of(column.field.target).name if column.field.target else ""
            other = next((one for one in self.stage.parts() if one.plan.name == name), None)
            return LinkJudge(column, policy, swaps, encode, self.stage.connection, person, other)
        return Judge(column, policy, swaps, encode, quick(column.field.kind, self.stage.connection.dialect.name))

    def take(self, chunk: Chunk, insert: Insert | Copy) -> None:
        """Stage the rows of one chunk, and find the records that they mean."""
        count = len(chunk.lines)
        numbers = chunk.numbers
        cells = self._cells(chunk, numbers)
        judged = [judge.take(column) for judge, column in zip(self.judges, cells, strict=True)]
        for place, (one, column) in enumerate(zip(judged, cells, strict=True)):
            self._note(place, one, column, numbers, chunk.lines)
        self._note_keys(judged, cells, numbers, chunk.lines)
        row = self.part.rows.c.row
        here = row.between(numbers[0], numbers[-1]) if isinstance(numbers, range) else row.in_(list(numbers))
        match = comparing.match(self.stage, self.part, self.options, here, self.ruled.if_changed)
        insert.write({"row": numbers, "line": chunk.lines} | self._marks(judged, cells, count) | self._values(judged, cells), after=match)

    def _marks(self, judged: list[Judged], cells: list[Sequence[str]], count: int) -> dict[str, Sequence[Any]]:
        """What a row has beside its values, where that differs from what rows begin with."""
        history = self._history(judged, count)
        today, past = self.ruled.if_new, self.ruled.if_history
        ruled = [past if is_history else today for is_history in history] if today != past else [today] * count
        marks: dict[str, Sequence[Any]] = {"is_history": history, "is_ruled": ruled, "empties": self._empties(judged, cells, count)}
        return {name: given for name, given in marks.items() if any(given)}

    def _cells(self, chunk: Chunk, numbers: Sequence[int]) -> list[Sequence[str]]:
        """The cells of the mapped columns, column by column, corrected."""
        rows = chunk.cells
        if {*map(len, rows)} != {self.width}:
            rows = self._evened(chunk, numbers)
        corrected = self.options.cells.keys() & set(numbers) if self.options.cells else ()
        across: list[Sequence[str]] = list(zip(*rows, strict=True))
        cells = [across[one.index] for one in self.part.mapped.columns]
        for number in corrected:
            at = numbers.index(number)
            for place, one in enumerate(self.part.mapped.columns):
                if one.word in self.options.cells[number]:
                    cells[place] = [*cells[place][:at], self.options.cells[number][one.word], *cells[place][at + 1:]]
        return cells

    def _evened(self, chunk: Chunk, numbers: Sequence[int]) -> list[list[str]]:
        """The rows, all as wide as the header; what does not fit is noted."""
        width, even = self.width, []
        for number, line, row in zip(numbers, chunk.lines, chunk.cells, strict=True):
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                why = _("The row has {count} cells under {width} headers.", count=len(row), width=width)
                self.notes.add(number, line, None, None, "too_many_cells", why)
            if len(row) < width and chunk.is_cut and number == numbers[-1]:
                self.notes.add(number, line, None, None, "cut_off", _("The file ends in the middle of this row."))
            even.append([*row[:width], *[""] * (width - len(row))])
        return even

    def _note(self, place: int, judged: Judged, cells: Sequence[str], numbers: Sequence[int], lines: Sequence[int]) -> None:
        """Note what is wrong or doubtful in a column."""
        if not judged.is_noted:
            return
        judge = self.judges[place]
        for at, cell in enumerate(cells):
            if (trouble := judged.troubles.get(cell)) is not None:
                self.notes.add(numbers[at], lines[at], judge.column, judge.text_of(cell), trouble.code, trouble.why)
            elif (doubt := judged.doubts.get(cell)) is not None:
                self.notes.add(numbers[at], lines[at], judge.column, judge.text_of(cell), *doubt, is_notice=True)
            elif cell in judged.masks:
                self.masks[numbers[at], place] = (judge.text_of(cell) or "", judged.masks[cell])
            elif cell in judged.names:
                self.names.add(place)

    def _note_keys(self, judged: list[Judged], cells: list[Sequence[str]], numbers: Sequence[int], lines: Sequence[int]) -> None:
        """Note rows without a key."""
        blank = [self._blanks(judged[place], cells[place]) for place in self.keys]
        if not any(blank) and len(self.keys) == len(self.key_fields):
            return
        needed = [at for at, place in enumerate(self.keys) if not self.judges[place].field.nullable]
        for at in sorted(set().union(*blank)):
            if all(at in one for one in blank) or any(at in blank[one] for one in needed):
                column = self.part.mapped.columns[self.keys[0]]
                value = "/".join((self.judges[place].text_of(cells[place][at]) or "") for place in self.keys).strip("/") or None
                self.notes.add(numbers[at], lines[at], column, value, "missing_key", NO_KEY)

    @staticmethod
    def _blanks(judged: Judged, cells: Sequence[str]) -> set[int]:
        if None not in judged.values:
            return set()
        said = (judged.troubles, judged.masks, judged.names)
        return {at for at, value in enumerate(judged.values) if value is None and not any(cells[at] in one for one in said)}

    def _history(self, judged: list[Judged], count: int) -> list[bool]:
        """Whether a row, if it is new, is a record of an old system: it fills what only actions fill."""
        if not self.locked:
            return [False] * count
        filled = zip(*(judged[place].values for place in self.locked), strict=True)
        return [any(value is not None for value in row) for row in filled]

    def _empties(self, judged: list[Judged], cells: list[Sequence[str]], count: int) -> list[int]:
        """For each row the bits of the columns that it empties."""
        bits = [0] * count
        for place, one in enumerate(judged):
            if one.empties:
                for at, cell in enumerate(cells[place]):
                    bits[at] |= (cell in one.empties) << place
        return bits

    def _values(self, judged: list[Judged], cells: list[Sequence[str]]) -> dict[str, Sequence[Any]]:
        values: dict[str, Sequence[Any]] = {}
        for place, (one, column) in enumerate(zip(judged, cells, strict=True)):
            values[f"c{place}"] = one.values
            if one.names:
                values[f"t{place}"] = [self._name(one.names.get(cell)) for cell in column]
        return values

    def _name(self, name: str | None) -> str | None:
        return name if name is None or self.stage.is_sqlite else copied(name)


def unnamed(notes: Notebook, part: Part, place: int, where: sa.ColumnElement[bool], known: Mapping[str, Part], made: Collection[str]) -> int:
    """Refuse rows whose link names nobody: no stored record, no row that is to become one, and none that is to be ``made`` along; answers how many."""
    column = part.mapped.columns[place]
    if column.field.target is None or column.word in made:
        return 0
    target = plan_of(column.field.target)
    missing = where & part.text(place).is_not(None) & (part.rows.c.verdict != REFUSE)
    if (other := known.get(target.name)) is not None:
        missing &= part.text(place).not_in(_to_be(other))
        if len(target.key) > 1 or target.key[0].is_link:
            missing &= part.text(place).not_in(_composed(notes.stage, part, place, other))
    return notes.refuse(missing, column, "unknown_link", no_such(target))


def _composed(stage: Stage, part: Part, place: int, other: Part) -> list[str]:
    """Those texts of a link that are keys of several parts, of records that the file is to make."""
    texts = stage.connection.scalars(sa.select(part.text(place)).where(part.text(place).is_not(None)).distinct()).all()
    index = Index(stage, other, other.rows.c.verdict == CREATE) if texts else None
    return [text for text in texts if index is not None and index.find(text) is not None]


def _to_be(part: Part) -> sa.ScalarSelect[Any]:
    """How links name the records that a part is to make: by their key, or by their row."""
    made = sa.select(sa.literal(ROW) + sa.cast(part.rows.c.row, sa.Text)).where(part.rows.c.verdict == CREATE)
    if len(part.plan.key) == 1 and (at := part.place(part.plan.key[0])) is not None:
        key = sa.cast(part.value(at), sa.Text)
        made = made.union_all(sa.select(key).where(part.rows.c.verdict == CREATE, key.is_not(None)))  # type: ignore[assignment]  # a select all the same
    return made.scalar_subquery()
