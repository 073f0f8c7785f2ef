"""The short way for cells in the usual form: what exports write is taken as it stands, everything else is judged in full.

Each function here answers what the driver takes (on PostgreSQL a text of COPY), or None: judge it properly.
What it answers is what the kind itself would; ``tests/backoffice/exchange/test_quick.py`` holds them side by side.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from backoffice.declare import clock
from backoffice.declare.contact import Telephone
from backoffice.declare.kinds import EARLIEST, LATEST, Amount, Calendar, Code, Instant, Kind, Line, Verbatim, Whole

Quick = Callable[[str], Any]
_MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:[0-5]\d(?::[0-5]\d)?", re.ASCII)
_HOURS = 20_000


def quick(kind: Kind, dialect: str) -> Quick:
    """The short way for a kind."""
    for known, make in _WAYS.items():
        if type(kind) is known:
            return make(kind, dialect)
    return _none


def _none(_text: str) -> Any:
    return None


def _code(kind: Any, _dialect: str) -> Quick:
    form, width = re.compile(rf"(?=[0-9A-Z][0-9A-Z-]*\Z)(?:{kind.pattern})"), kind.width
    fits = form.fullmatch
    return lambda text: text if len(text) <= width and fits(text) else None


def _line(kind: Any, _dialect: str) -> Quick:
    width = kind.width

    def take(text: str) -> str | None:
        plain = text and text.isprintable() and text[0] not in " '=" and text[-1] != " " and len(text) <= width and "\\" not in text
        return text if plain else None

    return take


def _whole(kind: Any, dialect: str) -> Quick:
    least, most, as_text = kind.least, kind.most, dialect != "sqlite"

    def take(text: str) -> Any:
        if not (text.isdigit() and text.isascii() and len(text) < 19):
            return None
        number = int(text)
        return None if not least <= number <= most else str(number) if as_text else number

    return take


def _amount(kind: Any, dialect: str) -> Quick:
    fits, most, as_text = re.compile(r"(\d{1,12})(?:\.(\d\d?))?", re.ASCII).fullmatch, int(kind.most * 100), dialect != "sqlite"

    def take(text: str) -> Any:
        found = fits(text)
        if found is None:
            return None
        whole, part = found.groups()
        cents = int(whole) * 100 + (0 if part is None else int(part) * (10 if len(part) == 1 else 1))
        return None if cents > most else f"{cents // 100}.{cents % 100:02d}" if as_text else cents

    return take


def _calendar(_kind: Kind, _dialect: str) -> Quick:
    def take(text: str) -> str | None:
        if len(text) != 10 or text[4] != "-" or text[7] != "-" or not text.isascii():
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        return text if EARLIEST <= day.year <= LATEST else None

    return take


def _instant(_kind: Kind, dialect: str) -> Quick:
    fits, hours, zone = _MINUTE.fullmatch, dict[str, str | None](), clock.zone()
    ending, whole = (".000000", ":00.000000") if dialect == "sqlite" else ("+00", ":00+00")

    def take(text: str) -> str | None:
        if not fits(text):
            return None
        local = text[:13]
        hour = hours[local] if local in hours else _remembered(hours, local, zone)
        if hour is None:
            return None
        return hour + text[13:] + (whole if len(text) == 16 else ending)

    return take


def _remembered(hours: dict[str, str | None], local: str, zone: Any) -> str | None:
    if len(hours) > _HOURS:
        hours.clear()
    return hours.setdefault(local, _hour(local, zone))


def _hour(local: str, zone: Any) -> str | None:
    """An hour on the wall as an hour of UTC; None where the clock jumps or is not whole hours away."""
    try:
        first, last = (datetime.fromisoformat(f"{local}:{minute}").replace(tzinfo=zone).astimezone(UTC) for minute in ("00", "59"))
    except ValueError:
        return None
    is_whole = first.minute == 0 and (last - first).seconds == 59 * 60 and EARLIEST <= int(local[:4]) <= LATEST
    return first.strftime("%Y-%m-%d %H") if is_whole else None


def _telephone(_kind: Kind, _dialect: str) -> Quick:
    fits = re.compile(r"1[3-9]\d{9}", re.ASCII).fullmatch
    return lambda text: text if fits(text) else None


_WAYS: dict[type[Kind], Callable[[Any, str], Quick]] = {
    Code: _code, Line: _line, Verbatim: _line, Whole: _whole, Amount: _amount, Calendar: _calendar, Instant: _instant, Telephone: _telephone,
}
