"""A flat file as one table for each noun: parents once, every cell with its line and column.

A part of a layout looks like a :class:`~backoffice.exchange.reading.Table`: ``headers`` and ``chunks()``. Its rows have the number
and line on which the file first names the record; what a later line adds fills what is blank, and what it contradicts is remarked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backoffice import access
from backoffice.declare import Verb, _, fold
from backoffice.declare.text import series
from backoffice.exchange.flat_lines import Line, Piece, canon_of, lines_of, sentence_of, shown
from backoffice.exchange.layouts import LayoutPlan, PartPlan
from backoffice.exchange.mapping import IGNORED, Column, Mapped, headings, is_reason
from backoffice.exchange.options import Options, Policy
from backoffice.exchange.outcome import Finding, Unreadable
from backoffice.exchange.seen import Remark, Said, Seen
from backoffice.exchange.stage import ROW
from backoffice.plan import Field, Plan

_BETWEEN = "\x02"


@dataclass(frozen=True)
class Source:
    """Where a field's cells come from: a column of the file, the record of another part on the same line, or a text for all."""

    header: str
    field: Field
    place: int = -1
    parent: PartTable | None = None
    given: str = ""
    is_own: bool = True
    """Whether no other part reads this column: only such cells say that the line has a record of this part."""


class Flat:
    """A file whose lines each tell of several records."""

    def __init__(self, table: Any, options: Options) -> None:
        self.table, self.options, self.seen = table, options, Seen()

    def close(self) -> None:
        """Let go of what was remembered of the file."""
        self.seen.close()


class Split(Flat):
    """A table of a flat layout, taken apart for one person. ``notices`` are about columns that nobody knows."""

    def __init__(self, person: Any, layout: LayoutPlan, table: Any, options: Options) -> None:
        if options.mode != "upsert" or options.match:
            raise Unreadable("usage", _("A layout makes and changes records of several nouns; --mode and --match are for one noun."))
        super().__init__(table, options)
        self.layout = layout
        self.notices: list[Finding] = []
        self.parts: list[PartTable] = []
        self._insist_on_fields()
        fed = self._fed()
        for one in layout.parts:
            self._add(person, one, fed[one.plan.name])

    def _insist_on_fields(self) -> None:
        """What is given for all lines is given to a field of the layout."""
        known = {name for part in self.layout.parts for one in part.fields for name in (f"{part.plan.name}.{one.word}", one.word, one.name)}
        for name in self.options.given:
            if name not in known:
                raise Unreadable("unknown_field", _("There is no field “{name}” here.", name=name[:60]))

    def _fed(self) -> dict[str, list[Source]]:
        """The columns of the file that feed each noun."""
        fed: dict[str, list[Source]] = {one.plan.name: [] for one in self.layout.parts}
        names = headings(self.table.headers)
        said = self._said(names)
        for place, (name, header) in enumerate(zip(names, self.table.headers, strict=True)):
            told = said.get(fold(name), said.get(fold(header)))
            targets = self.layout.of(told if told is not None else header)
            if told and not targets:
                raise Unreadable("unknown_field", _("There is no field “{name}” here.", name=told[:60]))
            for part, one in targets if told != IGNORED else ():
                fed[part.plan.name].append(Source(name, one, place, is_own=len(targets) == 1))
            if not targets and header and told != IGNORED and not is_reason(header):
                why = _("Nobody knows this column; it is left out.")
                self.notices.append(Finding(self.table.header_line, 0, header, None, None, "unknown_column", str(why)))
        return fed

    def _said(self, names: Sequence[str]) -> dict[str, str]:
        """What the person says that headers mean."""
        there = {fold(name) for name in (*names, *self.table.headers)}
        for header in self.options.columns:
            if fold(header) not in there:
                raise Unreadable("unknown_header", _("The file has no column “{header}”.", header=header[:60]))
        return {fold(header): name for header, name in self.options.columns.items()}

    def _add(self, person: Any, part: PartPlan, sources: list[Source]) -> None:
        if not any(source.is_own for source in sources):
            return  # the file says nothing of this noun
        access.require(person, Verb.IMPORT, part.plan)
        sources.extend(self._given(person, part, {source.field.name for source in sources}))
        known = {one.part.plan.name: one for one in self.parts}
        for name, noun in part.links.items():
            if noun in known:
                sources.append(Source(known[noun].called, part.plan.fields[name], parent=known[noun], is_own=False))
        self.parts.append(PartTable(self, len(self.parts), part, sources))

    def _given(self, person: Any, part: PartPlan, there: Collection[str]) -> Iterator[Source]:
        """Texts for what the file has no column of: by the person, else by the layout. Who loads no history sets no locked field."""
        may_history = person is access.SYSTEM or access.can(person, Verb.HISTORY, part.plan)
        for one in part.fields:
            if one.locked and not may_history:
                continue
            told = (self.options.given.get(name) for name in (f"{part.plan.name}.{one.word}", one.word, one.name))
            text = next((text for text in told if text), part.part.given.get(one.name))
            if text and one.name not in there:
                yield Source(str(one.label), one, given=text, is_own=False)


class PartTable:
    """The records of one noun in a flat file."""

    def __init__(self, flat: Flat, position: int, part: PartPlan, sources: list[Source]) -> None:
        self.flat, self.position, self.part, self.sources = flat, position, part, sources
        self.plan: Plan = part.plan
        self.is_collected = False
        _insist_on_one_each(sources)
        self.has_key = self._has(self.plan.key)
        names = tuple(one.name for one in self.plan.key) if self.has_key else part.part.match
        self.keys = tuple(self.plan.fields[name] for name in names)
        if not names or not self._has(self.keys):
            missing = series(one.label for one in self.keys or self.plan.key if not self._has((one,)))
            why = _("{noun}: no column says which record a line means: {columns}.", noun=self.plan.resource.plural, columns=missing)
            raise Unreadable("missing_key_column", why)
        self.canons = [canon_of(source.field) for source in sources]
        self.key_places = [self._place(one) for one in self.keys]

    def _has(self, fields: Sequence[Field]) -> bool:
        there = {source.field.name for source in self.sources}
        return bool(fields) and all(one.name in there for one in fields)

    def _place(self, one: Field) -> int:
        return next(place for place, source in enumerate(self.sources) if source.field is one)

    @property
    def called(self) -> str:
        """How links to this part call their column: the headers of what names its records."""
        return "/".join(self.sources[place].header for place in self.key_places)

    @property
    def headers(self) -> list[str]:
        """The headers of the columns, in the order of the cells."""
        return [source.header for source in self.sources]

    @property
    def mapped(self) -> Mapped:
        """The columns and their fields."""
        return Mapped(tuple(Column(place, one.header, one.field, one.field.word) for place, one in enumerate(self.sources)), ())

    @property
    def options(self) -> Options:
        """The choices of the run that concern this noun; its fields may be called ``noun.field``."""
        given = self.flat.options
        names = {*self.part.part.fills, *(source.field.name for source in self.sources if source.given)}
        fills: dict[str, Policy] = {self.plan.fields[name].word: "fill" for name in sorted(names)}
        return replace(
            given, columns={}, match=() if self.has_key else self.part.part.match, parents=(),
            policies={**fills, **self._own(given.policies)}, values=self._values(given.values),
            cells={row: self._own(texts) for row, texts in given.cells.items()},
            take=self._own_rows(given.take), leave=self._own_rows(given.leave),
        )

    def _own_rows(self, told: Iterable[int | str]) -> tuple[int, ...]:
        cut = [str(one).rpartition(":") for one in told]
        return tuple(int(row) for noun, _colon, row in cut if noun == self.plan.name)

    def _own(self, told: Mapping[str, Any]) -> dict[str, Any]:
        words = {source.field.word for source in self.sources}
        cut = [(*name.rpartition(".")[::2], value) for name, value in told.items()]
        return {word: value for noun, word, value in cut if word in words and noun in {"", self.plan.name}}

    def _values(self, told: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
        """What stands for texts: said of the field in every noun that has it, and said of this noun's alone."""
        plain = self._own({word: texts for word, texts in told.items() if "." not in word})
        own = self._own({word: texts for word, texts in told.items() if "." in word})
        return {word: {**plain.get(word, {}), **own.get(word, {})} for word in {**plain, **own}}

    def chunks(self, size: int = 5000) -> Iterator[Piece]:
        """The records, each with the row and line that first name it."""
        if not self.is_collected:
            self._collect()
        piece = Piece([], [], [])
        for said in self.flat.seen.records(self.position):
            piece.numbers.append(said.row)
            piece.lines.append(said.line)
            piece.cells.append(said.cells)
            if len(piece.numbers) == size:
                yield piece
                piece = Piece([], [], [])
        if piece.numbers:
            yield piece

    def _collect(self) -> None:
        """Read the file once and remember what it says of each record."""
        self.flat.seen.forget(self.position)
        for chunk in self.flat.table.chunks():
            self._take(list(lines_of(chunk, len(self.flat.table.headers))))
        self.flat.seen.close_part(self.position)
        self.is_collected = True

    def _take(self, lines: list[Line]) -> None:
        rows = self.read(lines)
        seen = self.flat.seen.find(self.position, {identity for identity, _cells in rows if identity})
        new: dict[str, Said] = {}
        remarks: list[Remark] = []
        for line, (identity, cells) in zip(lines, rows, strict=True):
            if not identity:
                continue
            said = new.get(identity) or seen.get(identity)
            if said is None:
                said = Said(line.row, line.line, cells)
            else:
                remarks.extend(self._merge(said, line, cells))
            new[identity] = said
            if line.flaw:
                remarks.append(Remark(said.row, line.line, None, None, line.flaw, said.line, is_notice=False))
        self.flat.seen.keep(self.position, new)
        self.flat.seen.remark(self.position, remarks)

    def _merge(self, said: Said, line: Line, cells: list[str]) -> Iterator[Remark]:
        """Fill what is blank so far; remark what is different."""
        for place, (known, cell) in enumerate(zip(said.cells, cells, strict=True)):
            if known == cell or not cell.strip():
                continue
            if not known.strip():
                said.cells[place] = cell
                said.later[str(place)] = line.line
            elif self.canons[place](known) != self.canons[place](cell):
                is_notice = self.sources[place].field.name in self.part.part.fills
                other = said.later.get(str(place), said.line)
                yield Remark(said.row, line.line, place, shown(cell), "differs_in_file", other, is_notice=is_notice)

    def read(self, lines: Sequence[Line]) -> list[tuple[str, list[str]]]:
        """The identity and the cells of this part on each line; no identity where the line says nothing of it."""
        columns = [self._column(source, lines) for source in self.sources]
        own = [place for place, source in enumerate(self.sources) if source.is_own]
        answers: list[tuple[str, list[str]]] = []
        for line, cells in zip(lines, map(list, zip(*columns, strict=True)), strict=True):
            if not any(cells[place] and not cells[place].isspace() for place in own):
                answers.append(("", cells))
                continue
            names = [self.canons[place](cells[place]) for place in self.key_places]
            answers.append((_BETWEEN.join(names) if any(names) else f"{ROW}{line.row}", cells))
        return answers

    def _column(self, source: Source, lines: Sequence[Line]) -> list[str]:
        if source.parent is not None:
            return source.parent.references(lines)
        if source.place < 0:
            return [source.given] * len(lines)
        return [line.cells[source.place] if source.place < len(line.cells) else "" for line in lines]

    def references(self, lines: Sequence[Line]) -> list[str]:
        """What a link to this part's record on each line says: its key as the line has it, else its row."""
        rows = self.read(lines)
        if self.has_key:
            return ["/".join(cells[place].strip() for place in self.key_places) if identity else "" for identity, cells in rows]
        seen = self.flat.seen.find(self.position, {identity for identity, _cells in rows if identity})
        return [f"{ROW}{seen[identity].row}" if identity else "" for identity, _cells in rows]

    def line_of(self, row: int, name: str) -> int | None:
        """The line that a cell of a record was taken from, where it is a later one than the record's first."""
        return self.flat.seen.later(self.position, row).get(str(self._place(self.plan.fields[name])))

    def findings(self) -> Iterator[tuple[Finding, bool]]:
        """What the lines contradict, and lines that do not fit under the header; with whether it is only a notice."""
        for one in self.flat.seen.remarks(self.position):
            source = self.sources[one.place] if one.place is not None else None
            word = source.field.word if source else None
            finding = Finding(one.line, one.row, source.header if source else None, word, one.value, one.code, str(sentence_of(one)))
            yield finding, one.is_notice


def _insist_on_one_each(sources: Sequence[Source]) -> None:
    seen: dict[str, str] = {}
    for one in sources:
        if one.field.name in seen:
            why = _("“{first}” and “{second}” both mean the field {field}. Leave one out.", first=seen[one.field.name], second=one.header,
                    field=one.field.label)
            raise Unreadable("duplicate_header", why)
        seen[one.field.name] = one.header
