"""The period of a report, and its weeks or months.

Weeks are ISO weeks, from Monday to Sunday, called after the month of their Thursday: the one of 2026-01-01 is the first of January.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case
from werkzeug.datastructures import MultiDict

from backoffice.declare import Invalid, Kind, Text, _, clock
from backoffice.declare.kinds import Calendar
from backoffice.declare.text import CHINESE, locale
from backoffice.errors import BadRequest
from backoffice.views.filters import span_of
from backoffice.views.matching import cleaned

FROM, TO = "from", "to"
MOST_WEEKS = 27
"""A longer period is told by months."""
MOST_DAYS = 5 * 366
WEEK, DAY = timedelta(days=7), timedelta(days=1)
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
NUMBERS = "一二三四五"


@dataclass(frozen=True)
class Bucket:
    """A week or month, as far as it lies in the period; ``tick`` and ``mark`` are what a picture says below it."""

    first: date
    last: date
    label: str
    tick: str
    mark: str

    @property
    def days(self) -> str:
        """Its first and last day."""
        return f"{self.first.isoformat()} – {self.last.isoformat()[5:]}"


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    def within(self, column: Any, kind: Kind) -> ColumnElement[bool]:
        """The rows whose day or moment lies in it."""
        return (column >= _start(kind, self.first)) & (column <= _end(kind, self.last))  # type: ignore[no-any-return]  # a column

    @property
    def is_weekly(self) -> bool:
        """Whether it is short enough to be told by weeks."""
        return self.last - self.first <= MOST_WEEKS * WEEK

    def buckets(self) -> list[Bucket]:
        """Its weeks or months, in order, without a gap."""
        return list(self._weeks() if self.is_weekly else self._months())

    def _weeks(self) -> Iterator[Bucket]:
        monday, before = self.first - self.first.weekday() * DAY, ""
        while monday <= self.last:
            thursday = monday + 3 * DAY
            mark, number = month_name(thursday.month), (thursday.day - 1) // 7
            label = f"{mark}第{NUMBERS[number]}周" if locale() == CHINESE else f"{mark}, week {number + 1}"
            tick = NUMBERS[number] if locale() == CHINESE else str(number + 1)
            yield Bucket(max(monday, self.first), min(monday + 6 * DAY, self.last), label, tick, mark if mark != before else "")
            monday, before = monday + WEEK, mark

    def _months(self) -> Iterator[Bucket]:
        first, before = self.first.replace(day=1), ""
        while first <= self.last:
            following = (first + 31 * DAY).replace(day=1)
            name, year = month_name(first.month), str(first.year)
            label = f"{year}年{name}" if locale() == CHINESE else f"{name} {year}"
            tick = str(first.month) if locale() == CHINESE else name
            yield Bucket(max(first, self.first), min(following - DAY, self.last), label, tick, year if year != before else "")
            first, before = following, year


def month_name(month: int) -> str:
    """How a month is called, short."""
    return f"{month}月" if locale() == CHINESE else MONTHS[month - 1]


def bucket_of(buckets: list[Bucket], column: Any, kind: Kind) -> ColumnElement[int]:
    """The number of the bucket in which a day or moment of the period lies.

    Its ends are worked out here, in the zone of the house; so databases only compare, and agree.
    """
    return case(*((column <= _end(kind, one.last), at) for at, one in enumerate(buckets)))


def _start(kind: Kind, day: date) -> Any:
    return span_of(kind, day.isoformat())[0]


def _end(kind: Kind, day: date) -> Any:
    return span_of(kind, day.isoformat())[1]


def read(args: MultiDict[str, str], weeks: int | None) -> Period:
    """The period of an address; without one the last weeks, up to today, or last month. Raises :class:`BadRequest` for what cannot be meant."""
    first, last = (_day(args, name) for name in (FROM, TO))
    if weeks is None and first is None and last is None:
        return last_month()
    last = last or max(clock.today(), first or clock.today())
    first = first or (last - last.weekday() * DAY - (weeks - 1) * WEEK if weeks is not None else last.replace(day=1))
    if first > last:
        raise BadRequest(_("The period ends before it begins."))
    if (last - first).days > MOST_DAYS:
        raise BadRequest(_("A report tells of five years at most."))
    return Period(first, last)


def last_month() -> Period:
    """The calendar month before this one."""
    last = clock.today().replace(day=1) - DAY
    return Period(last.replace(day=1), last)


def usual(weeks: int) -> list[tuple[Text, Period]]:
    """The periods that people ask for most."""
    today = clock.today()
    monday, month = today - today.weekday() * DAY, today.replace(day=1)
    return [
        (_("{weeks} weeks", weeks=weeks), Period(monday - (weeks - 1) * WEEK, today)),
        (_("this week"), Period(monday, today)),
        (_("this month"), Period(month, today)),
        (_("last month"), last_month()),
        (_("this year"), Period(today.replace(month=1, day=1), today)),
    ]


def _day(args: MultiDict[str, str], name: str) -> date | None:
    text = cleaned(args.get(name))
    if not text:
        return None
    try:
        return Calendar().parse(text)
    except Invalid as no:
        raise BadRequest(_("Filter “{label}”: {why}", label=_("From") if name == FROM else _("To"), why=no.why)) from no
