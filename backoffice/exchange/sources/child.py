"""Reads a workbook in a process of its own, where neither a bomb nor a crash harms the one that asked.

Run by path with one argument, the file. Answers are lines of JSON: first what the workbook holds,
then one answer for each line of standard input, ``head NAME`` (the first records of a sheet and its
height) or ``read COUNT`` (the rest of it, so many records a line, ended by null). What cannot be
read is answered with its code. Knows the standard library, calamine and orjson alone.
"""

from __future__ import annotations

import re
import resource
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice
from typing import Any

import orjson
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MEMORY = 3 << 30
SECONDS = 300
SAMPLED = 60
LARGEST_CELL = 131_072
MOST_MEMBERS = 10_000
LARGEST_MEMBER = 2 << 30
SMALL, STEEPEST = 32 << 20, 300
PROPERTY = "aftercare-export"
_PART = 1 << 20
_ERROR_CELL = re.compile(rb'<c [^>]*?\bt="e"[^>]*>.*?</c>', re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_VALUE = re.compile(rb"<v>([^<]{1,20})</v>")
_MOST_ERRORS = 100_000


class Refusal(Exception):
    """The workbook is not read; the code says why."""


def main(path: str) -> None:
    """Answer one parent."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for answer in answers(path):
            sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
            sys.stdout.buffer.flush()
    except (KeyboardInterrupt, BrokenPipeError):
        return
    except BaseException as problem:  # noqa: BLE001  # a panic in calamine is no Exception; the parent is told in any case
        sys.stdout.buffer.write(orjson.dumps({"refused": code_of(problem)}) + b"\n")


def code_of(problem: BaseException) -> str:
    """What the parent is told."""
    if isinstance(problem, Refusal):
        return str(problem)
    if isinstance(problem, PasswordError):
        return "encrypted_file"
    return "too_large" if isinstance(problem, MemoryError) else "damaged_file"


def answers(path: str) -> Iterator[Any]:
    """What the workbook holds, and then what is asked for."""
    with open(path, "rb") as file:  # noqa: PTH123  # one argument, one file
        is_zip = file.read(2) == b"PK"
    token = checked_archive(path) if is_zip else None
    if not is_zip:
        check_compound(path)
    book = CalamineWorkbook.from_path(path)
    shown = [one.name for one in book.sheets_metadata if (one.typ, one.visible) == (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)]
    yield {"sheets": shown, "token": token}
    rows: Iterator[tuple[int, list[str]]] = iter(())
    ready: list[tuple[int, list[str]]] = []
    for line in sys.stdin:
        verb, _space, what = line.rstrip("\n").partition(" ")
        if verb == "head":
            sheet = book.get_sheet_by_name(orjson.loads(what))
            rows = written(sheet, error_cells(path, sheet.name, sheet.start) if is_zip else {})
            ready = list(islice(rows, SAMPLED))
            yield {"records": ready, "height": (sheet.end or (0, 0))[0] + 1}
        else:
            yield from in_batches(ready, rows, int(what))


def in_batches(ready: list[tuple[int, list[str]]], rows: Iterator[tuple[int, list[str]]], size: int) -> Iterator[Any]:
    """Records as pairs of lists; null behind the last."""
    records = chain(ready, rows)
    while batch := list(islice(records, size)):
        yield list(zip(*batch, strict=True))
    yield None


def written(sheet: Any, errors: dict[tuple[int, int], str]) -> Iterator[tuple[int, list[str]]]:
    """Each row that holds something, with its number in the sheet, as a person reads it."""
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [cell if type(cell) is str else shown(cell) for cell in row]
        if errors:
            for column in range(len(cells)):
                cells[column] = cells[column] or errors.get((number, column), "")
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            if max(map(len, cells)) > LARGEST_CELL:
                raise Refusal("cell_too_long")
            yield number, cells


def shown(cell: Any) -> str:
    """A value as it is written in our files: no ``.0`` behind a whole number, years first, yes and no."""
    if isinstance(cell, float):
        return number(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return moment(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return moment(datetime.combine(date(2000, 1, 1), cell))[11:]
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(cell)


def number(value: float) -> str:
    """A number in its fifteen digits; one that is longer has lost digits, and says so as a spreadsheet does."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 1e15:
        digits, exponent = f"{value:.5E}".split("E")
        return f"{digits.rstrip('0').rstrip('.')}E{exponent}"
    return f"{Decimal(format(value, '.15g')):f}"


def moment(value: datetime) -> str:
    """A moment to the nearest second; the seconds only where there are any."""
    near = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    return f"{near:%Y-%m-%d %H:%M:%S}" if near.second else f"{near:%Y-%m-%d %H:%M}"


def checked_archive(path: str) -> str | None:
    """Look at the list of parts before any is unpacked; the token of our own export, where the workbook has one."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            for part in parts:
                check_part(part)
            names = {part.filename.lower() for part in parts}
            if len(parts) > MOST_MEMBERS or sum(part.file_size for part in parts) > LARGEST_MEMBER:
                raise Refusal("too_large")
            if any(name.endswith("vbaproject.bin") for name in names):
                raise Refusal("macro_file")
            if "xl/workbook.xml" not in names:
                raise Refusal("zip_file")
            return token_of(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, UnicodeDecodeError) as problem:
        raise Refusal("damaged_file") from problem


def check_part(part: zipfile.ZipInfo) -> None:
    """No part may point out of the archive, be locked, or be a bomb."""
    name = part.orig_filename.replace("\\", "/")
    if name.startswith("/") or ":" in name or ".." in name.split("/") or "\x00" in name:
        raise Refusal("unsafe_archive")
    if part.flag_bits & 1:
        raise Refusal("encrypted_file")
    if part.file_size > SMALL and part.file_size > STEEPEST * max(1, part.compress_size):
        raise Refusal("too_large")


def token_of(archive: zipfile.ZipFile) -> str | None:
    """The custom property that our exports bear."""
    try:
        with archive.open("docProps/custom.xml") as file:
            root = ET.fromstring(file.read(65_536))  # noqa: S314  # expat of today stops at entities that grow
    except (KeyError, ET.ParseError):
        return None
    found = [one for one in root if one.get("name") == PROPERTY]
    return "".join(found[0].itertext()).strip() or None if found else None


def check_compound(path: str) -> None:
    """The names of streams in an old workbook tell whether it is locked, or holds macros."""
    marks = {"EncryptedPackage": "encrypted_file", "_VBA_PROJECT_CUR": "macro_file", "WordDocument": "damaged_file"}
    with open(path, "rb") as file:  # noqa: PTH123  # one argument, one file
        rest = b""
        while block := file.read(_PART):
            for mark, code in marks.items():
                if mark.encode("utf-16-le") in rest + block:
                    raise Refusal(code)
            rest = block[-64:]


def error_cells(path: str, sheet: str, start: tuple[int, int] | None) -> dict[tuple[int, int], str]:
    """Where the sheet shows ``#N/A`` and its like: calamine leaves such cells blank, and blank they are not."""
    errors: dict[tuple[int, int], str] = {}
    with zipfile.ZipFile(path) as archive:
        member = member_of(archive, sheet)
        if member is None:
            return errors
        with archive.open(member) as file:
            rest = b""
            while block := file.read(_PART):
                rest += block
                if b't="e"' in rest:
                    errors.update(found_errors(rest, (start or (0, 0))[1]))
                    if len(errors) > _MOST_ERRORS:
                        raise Refusal("too_large")
                rest = rest[-1024:]
    return errors


def found_errors(text: bytes, first: int) -> Iterator[tuple[tuple[int, int], str]]:
    """The error cells in a piece of a sheet, by row number and column."""
    for cell in _ERROR_CELL.findall(text):
        place, value = _PLACE.search(cell), _VALUE.search(cell)
        if place and value:
            column = 0
            for letter in place[1]:
                column = column * 26 + letter - 64
            yield (int(place[2]), column - 1 - first), value[1].decode()


def member_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The part of the archive that holds a sheet."""
    try:
        book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  # as above; its size was checked
        links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  # as above
    except (KeyError, ET.ParseError):
        return None
    ids = [value for one in book.iter() if one.get("name") == sheet and one.tag.endswith("}sheet")
           for name, value in one.attrib.items() if name.endswith("}id")]
    targets = [one.get("Target", "") for one in links if one.get("Id") in ids]
    if not targets:
        return None
    name = targets[0].lstrip("/")
    name = name if name.startswith("xl/") else f"xl/{name}"
    return name if name in archive.namelist() else None


if __name__ == "__main__":
    main(sys.argv[1])
