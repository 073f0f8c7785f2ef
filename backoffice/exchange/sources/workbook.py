"""Workbooks of Excel, new (.xlsx) and old (.xls), read by a child process (``child.py``).

The sheet is the one that is named, or the first visible one whose header is known. The line of a
record is its row in the sheet.
"""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import orjson

from backoffice.declare import Text, _
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.sources.base import LARGEST_CELL, Batches, Knows, Table, heading, no_header

_SCRIPT = Path(__file__).with_name("child.py")
_WHY: dict[str, Text] = {
    "zip_file": _("This is a zip archive and no Excel workbook. Unpack it and choose the table inside, or save the sheet as .xlsx or CSV UTF-8."),
    "unsafe_archive": _("Parts of this workbook have names that point out of it; Excel does not write that. Save the sheet as a new workbook."),
    "encrypted_file": _("The workbook is locked by a password. Remove the password and save it again."),
    "macro_file": _("The workbook holds macros. Save it as .xlsx, without macros."),
    "damaged_file": _("The workbook is damaged or cut off. Open it in Excel and save it again."),
    "too_large": _("The workbook unpacks to more than can be read; perhaps a stray cell stands far below or to the right. Save the sheet as CSV UTF-8."),
    "cell_too_long": _("A cell of the sheet is longer than {most} characters.", most=LARGEST_CELL),
}


class Workbook(Table):
    """One sheet of a workbook."""

    def __init__(self, path: Path, kind: str, knows: Knows, sheet: str | None) -> None:
        super().__init__(path)
        self.format = kind
        self._helper: Helper | None = Helper(path)
        try:
            self._choose(self._helper, knows, sheet)
        except BaseException:
            self._helper.end()
            raise
        self._release = weakref.finalize(self, self._helper.end)

    def _choose(self, helper: Helper, knows: Knows, sheet: str | None) -> None:
        told = helper.answer()
        self.sheets, self.export_token = told["sheets"], told["token"]
        if sheet is not None and sheet not in self.sheets:
            why = _("The workbook has no sheet “{sheet}”; it has {sheets}.", sheet=sheet[:60], sheets=", ".join(self.sheets)[:300])
            raise Unreadable("no_such_sheet", why)
        beginning = ""
        for name in self.sheets if sheet is None else [sheet]:
            head = helper.ask(f"head {json.dumps(name)}")
            known, place = heading((cells for _line, cells in head["records"]), knows)
            if known:
                self.sheet, self.rows_hint = name, 0
                self.settle(*head["records"][place])
                self._height = head["height"]
                self.rows_hint = max(0, self._height - self.header_line)
                return
            beginning = beginning or " ".join(cell for _line, cells in head["records"] for cell in cells)
        if not beginning:
            raise Unreadable("empty_file", _("The workbook has no sheet with anything in it."))
        raise no_header(beginning)

    def batches(self, size: int) -> Batches:
        """Each row that holds something, with its number in the sheet."""
        helper, self._helper = self._helper or self._another(), None
        try:
            batch = helper.ask(f"read {size}")
            while batch is not None:
                lines, cells = batch
                self.progress = self.size * lines[-1] // max(self._height, lines[-1])
                yield lines, cells
                batch = helper.answer()
        finally:
            helper.end()

    def _another(self) -> Helper:
        helper = Helper(self.path)
        helper.answer()
        helper.ask(f"head {json.dumps(self.sheet)}")
        return helper


class Helper:
    """The child that reads one workbook; gone when it is no longer asked."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(_SCRIPT), str(path.absolute())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", env={},
        )

    def ask(self, what: str) -> Any:
        """Send one request and take its first answer."""
        try:
            if self.process.stdin:
                self.process.stdin.write(what.encode() + b"\n")
                self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has gone; what it said last says why
        return self.answer()

    def answer(self) -> Any:
        """The next answer; raises :class:`Unreadable` for a refusal, and where the child has died of the file."""
        line = self.process.stdout.readline() if self.process.stdout else b""
        told = orjson.loads(line) if line.endswith(b"\n") else {"refused": "too_large"}
        if isinstance(told, dict) and "refused" in told:
            raise Unreadable(told["refused"], _WHY[told["refused"]])
        return told

    def end(self) -> None:
        """End the child."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
