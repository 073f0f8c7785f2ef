"""The short way for cells in the usual form: what exports write is taken as it stands, everything else is judged in full.

What a way answers is what the driver takes (on PostgreSQL a text of COPY), and what the kind itself would say;
``tests/backoffice/exchange/test_quick.py`` holds them side by side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from backoffice.declare import clock
from backoffice.declare.contact import Telephone
from backoffice.declare.kinds import EARLIEST, LATEST, Amount, Calendar, Code, Instant, Kind, Line, Verbatim, Whole

One = Callable[[str], Any]
Many = Callable[[Sequence[str]], Sequence[Any] | None]
_MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:[0-5]\d(?::[0-5]\d)?", re.ASCII)
_HOURS = 20_000


@dataclass(frozen=True)
class Quick:
    """``one`` takes a cell and answers None where it must be judged in full; ``many`` takes a whole column, and answers None where some cell must."""

    one: One
    many: Many

    def without(self, signs: Sequence[str]) -> Quick:
        """The same, but cells with one of these signs are judged in full."""
        def one(text: str) -> Any:
            return None if any(sign in text for sign in signs) else self.one(text)

        def many(cells: Sequence[str]) -> Sequence[Any] | None:
            together = "".join(cells)
            return None if any(sign in together for sign in signs) else self.many(cells)

        return Quick(one, many)


def _none(_given: Any) -> None:
    """Nothing is taken."""


NEVER = Quick(_none, _none)
"""Every cell is judged in full."""


def quick(kind: Kind, dialect: str) -> Quick:
    """The short way for a kind."""
    for known, make in _WAYS.items():
        if type(kind) is known:
            return make(kind, dialect)
    return NEVER


def _each(one: One) -> Quick:
    def many(cells: Sequence[str]) -> Sequence[Any] | None:
        values = list(map(one, cells))
        return None if None in values else values

    return Quick(one, many)


def _as_it_stands(fits: Callable[[str], Any], width: int) -> Quick:
    """Cells that fit are their own values."""
    def many(cells: Sequence[str]) -> Sequence[Any] | None:
        return cells if max(map(len, cells)) <= width and all(map(fits, cells)) else None

    return Quick(lambda text: text if len(text) <= width and fits(text) else None, many)


def _code(kind: Any, _dialect: str) -> Quick:
    return _as_it_stands(re.compile(rf"(?=[0-9A-Z][0-9A-Z-]*\Z)(?:{kind.pattern})").fullmatch, kind.width)


def _line(kind: Any, _dialect: str) -> Quick:
    width, fits = kind.width, re.compile(r"[^ '=\\](?:[^\\]*[^ \\])?").fullmatch

    def many(cells: Sequence[str]) -> Sequence[Any] | None:
        fit = "".join(cells).isprintable() and max(map(len, cells)) <= width and all(map(fits, cells))
        return cells if fit else None

    return Quick(lambda text: text if text.isprintable() and len(text) <= width and fits(text) else None, many)


def _whole(kind: Any, dialect: str) -> Quick:
    least, most, as_text = kind.least, kind.most, dialect != "sqlite"

    def one(text: str) -> Any:
        found = many([text])
        return None if found is None else found[0]

    def many(cells: Sequence[str]) -> Sequence[Any] | None:
        together = "".join(cells)
        if not (together.isdigit() and together.isascii() and all(cells) and max(map(len, cells)) < 19):
            return None
        numbers = list(map(int, cells))
        if min(numbers) < least or max(numbers) > most:
            return None
        return list(map(str, numbers)) if as_text else numbers

    return Quick(one, many)


def _amount(kind: Any, dialect: str) -> Quick:
    fits, most, as_text = re.compile(r"\d{1,12}(?:\.\d\d?)?", re.ASCII).fullmatch, int(kind.most * 100), dialect != "sqlite"

    def one(text: str) -> Any:
        found = many([text])
        return None if found is None else found[0]

    def many(cells: Sequence[str]) -> Sequence[Any] | None:
        if not all(map(fits, cells)):
            return None
        cents = [int(text + "00") if (part := text.find(".")) < 0 else int(text[:part] + (text[part + 1:] + "0")[:2]) for text in cells]
        if max(cents) > most:
            return None
        return [f"{one // 100}.{one % 100:02d}" for one in cents] if as_text else cents

    return Quick(one, many)


def _calendar(_kind: Kind, _dialect: str) -> Quick:
    def one(text: str) -> str | None:
        if len(text) != 10 or text[4] != "-" or text[7] != "-" or not text.isascii():
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        return text if EARLIEST <= day.year <= LATEST else None

    return _each(one)


def _instant(_kind: Kind, dialect: str) -> Quick:
    fits, hours, zone = _MINUTE.fullmatch, dict[str, str | None](), clock.zone()
    ending, whole = (".000000", ":00.000000") if dialect == "sqlite" else ("+00", ":00+00")

    def one(text: str) -> Any:
        found = many([text])
        return None if found is None else found[0]

    def many(cells: Sequence[str]) -> Sequence[Any] | None:
        if not all(map(fits, cells)):
            return None
        local = {text[:13] for text in cells}
        _learn_hours(hours, local, zone)
        if None in map(hours.get, local):
            return None
        return [hours[text[:13]] + text[13:] + (whole if len(text) == 16 else ending) for text in cells]  # type: ignore[operator]  # no None is left

    return Quick(one, many)


def _learn_hours(hours: dict[str, str | None], local: set[str], zone: Any) -> None:
    if len(hours) > _HOURS:
        hours.clear()
    for one in local.difference(hours):
        hours[one] = _hour(one, zone)


def _hour(local: str, zone: Any) -> str | None:
    """An hour on the wall as an hour of UTC; None where the clock jumps or is not whole hours away."""
    try:
        first, last = (datetime.fromisoformat(f"{local}:{minute}").replace(tzinfo=zone).astimezone(UTC) for minute in ("00", "59"))
    except ValueError:
        return None
    is_whole = first.minute == 0 and (last - first).seconds == 59 * 60 and EARLIEST <= int(local[:4]) <= LATEST
    return first.strftime("%Y-%m-%d %H") if is_whole else None


def _telephone(kind: Any, _dialect: str) -> Quick:
    return _as_it_stands(re.compile(r"1[3-9]\d{9}", re.ASCII).fullmatch, kind.width)


_WAYS: dict[type[Kind], Callable[[Any, str], Quick]] = {
    Code: _code, Line: _line, Verbatim: _line, Whole: _whole, Amount: _amount, Calendar: _calendar, Instant: _instant, Telephone: _telephone,
}
