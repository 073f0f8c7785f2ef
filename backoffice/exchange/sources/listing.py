"""JSON: a list of objects, or one object after another. An object's keys are headers, its place in the list is its line."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import BufferedReader, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any

import ijson

from backoffice.declare import _
from backoffice.exchange.encoding import Script
from backoffice.exchange.guard import FIRSTS, guarded
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.sources.base import LARGEST_CELL, Batches, Knows, Table, heading, no_header
from backoffice.exchange.sources.text import Meter, TooMuch, opened, sample

SURVEYED = 64 << 20
_HEAVY, _HEAVIEST = 4 << 20, 16 << 20
_FEW = 16


class Listing(Table):
    """A list of objects. A key that is first met behind the surveyed beginning of a very large file is refused, not passed over."""

    format = "json"

    def __init__(self, path: Path, script: Script, knows: Knows) -> None:
        super().__init__(path)
        self.script, self.encoding = script, script.encoding
        headers: dict[str, None] = {}
        count = 0
        for count, one in enumerate(self._objects(), 1):  # noqa: B007  # the last number is their count
            if not one.keys() <= headers.keys():
                headers.update(dict.fromkeys(one))
            if self.progress > SURVEYED:
                break
        if not count:
            raise Unreadable("empty_file", _("The list is empty."))
        self.settle(0, list(headers))
        if not heading([list(headers)], knows)[0]:
            raise no_header(sample(path, script))
        self.headers = list(headers)  # as they stand: JSON has no guard
        self.rows_hint = int(count * max(1.0, self.size / max(1, self.progress)))
        self.progress = 0

    def batches(self, size: int) -> Batches:
        """Each object with its place in the list."""
        places = {header: place for place, header in enumerate(self.headers)}
        line = 1
        with self._opened() as (file, meter):
            objects = _items(file, meter, is_list=self._is_list())
            while True:
                start, cells = meter.taken, list[list[str]]()
                while len(cells) < size and meter.taken - start < _HEAVY:
                    some = list(islice(objects, min(_FEW, size - len(cells))))
                    cells.extend([_cells(one, places, number) for number, one in enumerate(some, line + len(cells))])
                    if not some:
                        break
                if not cells:
                    return
                self.progress = meter.taken
                yield range(line, line + len(cells)), cells
                line += len(cells)

    def _objects(self) -> Iterator[dict[str, Any]]:
        with self._opened() as (file, meter):
            for one in _items(file, meter, is_list=self._is_list()):
                self.progress = meter.taken
                yield one

    def _is_list(self) -> bool:
        return sample(self.path, self.script).lstrip().startswith("[")

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Meter]]:
        with Meter(self.path) as meter, opened(meter, self.script) as file:
            yield (file.buffer if self.encoding == "utf-8" else _Recoded(file)), meter


class _Recoded:
    """A text of any encoding as the UTF-8 that the parser wants."""

    def __init__(self, file: TextIOWrapper) -> None:
        self.file = file

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size).encode()


def _items(file: BufferedReader | _Recoded, meter: Meter, *, is_list: bool) -> Generator[dict[str, Any], None, None]:
    """The objects; raises :class:`Unreadable` for what is none, before it can grow."""
    events = ijson.basic_parse(file, multiple_values=not is_list)
    number = 1
    meter.allow(_HEAVIEST)
    try:
        if is_list:
            next(events)
        for event, _value in events:
            if event == "start_map":
                yield _object(events, number)
                number += 1
                meter.allow(_HEAVIEST)
            elif event != "end_array":
                why = _("Entry {line} of the list is no object with names and values.", line=number)
                raise Unreadable("not_a_table", why)
    except TooMuch:
        why = _("The row that starts on line {line} does not end; this is no table, or a quotation mark is not closed.", line=number)
        raise Unreadable("row_too_long", why) from None
    except (ijson.JSONError, ValueError):
        why = _("The JSON is damaged or cut off behind entry {line}.", line=number - 1)
        raise Unreadable("damaged_file", why) from None


def _object(events: Iterator[tuple[str, Any]], number: int) -> dict[str, Any]:
    """The names and values up to the end of the object."""
    one: dict[str, Any] = {}
    name = ""
    for event, value in events:
        if event == "map_key":
            name = value
            if name in one:
                raise Unreadable("duplicate_header", _("Entry {line} names “{key}” twice.", line=number, key=name[:60]))
        elif event == "end_map":
            return one
        elif event in {"start_map", "start_array"}:
            why = _("“{key}” of entry {line} holds a list or an object; a table has one value in each place.", key=name[:60], line=number)
            raise Unreadable("nested_value", why)
        else:
            one[name] = value
    return one


def _cells(one: dict[str, Any], places: dict[str, int], line: int) -> list[str]:
    row = [""] * len(places)
    for name, value in one.items():
        if name not in places:
            why = _("Entry {line} has a name, “{key}”, that no earlier entry has. Name it in the first entry too.", line=line, key=name[:60])
            raise Unreadable("late_header", why)
        row[places[name]] = (value if value[:1] not in FIRSTS else guarded(value)) if type(value) is str else _shown(value)
        if len(row[places[name]]) > LARGEST_CELL:
            why = _("“{key}” of entry {line} is longer than {most} characters.", key=name[:60], line=line, most=LARGEST_CELL)
            raise Unreadable("cell_too_long", why)
    return row


def _shown(value: Any) -> str:
    """A value as it is written in our files."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}" if -20 < value.adjusted() < 20 else str(value)
    return str(value)
