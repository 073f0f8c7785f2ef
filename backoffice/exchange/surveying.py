"""A first look at a file: what each column holds, as far as the first rows tell. It is kept beside the file, so that pages need not read it again."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import orjson

from backoffice.declare import fold
from backoffice.exchange import runs
from backoffice.exchange.guard import unguarded
from backoffice.exchange.mapping import headings
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.preparing import Target, knows
from backoffice.exchange.reading import Table, anything, open_file

MOST_ROWS = 100_000
"""As many rows a page looks at."""
SAMPLES = 3
LEAST_COLUMNS = 2
MOST_TEXTS = 20_000
_ALL_TEXTS = 400_000
_LONGEST_TEXT = 200
_LONGEST_SAMPLE = 80
_FILE = "survey.json"


@dataclass
class Content:
    """One column: its first different values, how many cells are filled, and its different texts unless they are too many."""

    heading: str
    header: str
    samples: list[str] = field(default_factory=list)
    filled: int = 0
    texts: dict[str, int] | None = field(default_factory=dict)

    @property
    def is_void(self) -> bool:
        """Whether there is neither a header nor a value."""
        return not self.header and not self.filled


@dataclass
class Survey:
    """What the first rows of a file look like. ``is_whole``: there are no others."""

    format: str
    encoding: str
    delimiter: str
    header_line: int
    sheet: str | None
    sheets: list[str]
    export_token: str | None
    rows: int
    is_whole: bool
    columns: list[Content]


def look(table: Table, cells_file: Path) -> Survey:
    """Read the first rows, and keep their cells; raises :class:`~backoffice.exchange.outcome.Unreadable` where they cannot be read."""
    columns = [Content(name, header) for name, header in zip(headings(table.headers), table.headers, strict=True)]
    most = min(MOST_TEXTS, _ALL_TEXTS // max(1, len(columns)))
    rows, is_whole = 0, True
    with cells_file.open("wb") as file:
        for cells in _first_rows(table):
            if rows >= MOST_ROWS:
                is_whole = False
                break
            rows += len(cells)
            batch = list(islice(_columns(cells), len(columns)))
            for content, texts in zip(columns, batch, strict=False):
                _take_in(content, Counter(texts), most)
            file.write(orjson.dumps([_clipped(texts) for texts in batch]) + b"\n")
    return Survey(
        table.format, table.encoding, table.delimiter, table.header_line, table.sheet, table.sheets, table.export_token, rows, is_whole, columns,
    )


def _columns(rows: list[list[str]]) -> Iterator[tuple[str, ...]]:
    return zip_longest(*rows, fillvalue="")


def _clipped(texts: Sequence[str]) -> list[str]:
    """Cells short enough for a key or a choice; what is longer is neither."""
    return [text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT + 1] for text in texts]


def opened(target: Target, path: Path, options: Options, more: Iterable[str] = ()) -> Table:
    """The file of a run. Where nobody knows its headers, its first line is taken for them: a person says what they mean.

    ``more`` are further headers that are known. Raises :class:`~backoffice.exchange.outcome.Unreadable`.
    """
    by_name, others = knows(target, options), {fold(header): header for header in more}

    def known(header: str) -> str | None:
        return by_name(header) or others.get(fold(header))

    try:
        return open_file(path, known, options.encoding, sheet=options.sheet, name=options.file_name)
    except Unreadable as problem:
        if problem.code != "no_header":
            raise
        table = open_file(path, anything, options.encoding, sheet=options.sheet, name=options.file_name)
        if len([header for header in table.headers if header]) < LEAST_COLUMNS:
            raise
        return table


def _first_rows(table: Table) -> Iterator[list[list[str]]]:
    """The cells of the first rows, some at a time, and one batch more where there are further ones."""
    room = MOST_ROWS
    for chunk in table.chunks():
        if room and len(chunk.cells) > room:
            yield chunk.cells[:room]
        if len(chunk.cells) > room:
            yield chunk.cells[room:]
            return
        yield chunk.cells
        room -= len(chunk.cells)


def _take_in(content: Content, texts: Counter[str], most: int) -> None:
    for raw, count in texts.items():
        text = raw.strip()
        if not text:
            continue
        content.filled += count
        if len(content.samples) < SAMPLES and (shown := _shown(raw)) not in content.samples:
            content.samples.append(shown)
        if content.texts is not None and len(text) <= _LONGEST_TEXT:
            content.texts[text] = content.texts.get(text, 0) + count
    if content.texts is not None and len(content.texts) > most:
        content.texts = None


def _shown(raw: str) -> str:
    text = " ".join(unguarded(raw).split())
    return text if len(text) <= _LONGEST_SAMPLE else text[: _LONGEST_SAMPLE - 1] + "…"


def cells_beside(file: Path) -> Path:
    """Where the cells of a file's first rows are kept."""
    return file.with_name(f"{file.name}.cells")


def keep(run_id: int, survey: Survey, cells_file: Path) -> None:
    """Keep a survey beside the file of a run."""
    cells_file.rename(_cells(run_id))
    _place(run_id).write_bytes(orjson.dumps(dataclasses.asdict(survey)))


def kept(run_id: int) -> Survey | None:
    """The survey that was kept, if any."""
    if not _cells(run_id).exists():
        return None
    try:
        stored: dict[str, Any] = orjson.loads(_place(run_id).read_bytes())
    except FileNotFoundError:
        return None
    columns = [Content(**one) for one in stored.pop("columns")]
    return Survey(**stored, columns=columns)


def batches(run_id: int) -> Iterator[list[list[str]]]:
    """The cells of the first rows, column by column, some thousand rows at a time; columns that are blank so far may be absent."""
    with _cells(run_id).open("rb") as file:
        for line in file:
            yield orjson.loads(line)


def _place(run_id: int) -> Path:
    return runs.folder(run_id) / _FILE


def _cells(run_id: int) -> Path:
    return cells_beside(runs.folder(run_id) / runs.FILE)
