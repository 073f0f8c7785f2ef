"""When time counts: opening hours of the week, holidays, make-up workdays, own closures (domain.md 2.1). Pure arithmetic.

A moment is aware of its zone; spans are :class:`~datetime.timedelta`. A date counts by its override, else as a make-up workday, else as
a holiday, else by its weekday.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import accumulate
from zoneinfo import ZoneInfo

from backoffice.declare import Choice, Text, _

Hours = tuple[tuple[int, int], ...]
"""When a day is open: minutes after midnight, in order and apart, as ``((540, 720), (780, 1080))``."""
CHINA = ZoneInfo("Asia/Shanghai")
FAR_YEARS = 30
"""A calendar that is closed for so long will not open any more."""
ZERO = timedelta()
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = 60_000_000


class NeverOpen(ValueError):
    """The calendar has no open minute left to count."""


class DayKind(Choice):
    """Why a date is not like its weekday; where several hold, the first of them counts."""

    OVERRIDE = "override", _("Other hours, or closed", "特殊安排"), "warn"
    MAKEUP = "makeup", _("Make-up workday", "调休上班"), "info", ("补班",)
    HOLIDAY = "holiday", _("Holiday", "节假日"), "good", ("放假", "休息")

    @property
    def precedence(self) -> int:
        """The smaller one counts."""
        return list(DayKind).index(self)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date with hours of its own; none means closed."""

    kind: DayKind
    hours: Hours = ()
    name: str = ""


@dataclass(frozen=True)
class Calendar:
    """When time counts.

    ``week``: the hours of Monday to Sunday. ``days``: the dates that differ. ``years``: those whose holidays are
    published; None where holidays do not matter. Hours are wall-clock time of ``zone``, which keeps no summer time.
    ``name`` is what explanations call it.
    """

    week: Sequence[Hours]
    days: Mapping[date, SpecialDay] = field(default_factory=dict)
    years: Collection[int] | None = None
    zone: tzinfo = CHINA
    name: Text | str = ""
    _years: dict[int, list[int]] = field(default_factory=dict, repr=False, compare=False)

    def hours(self, day: date) -> Hours:
        """When the date is open."""
        special = self.days.get(day)
        return self.week[day.weekday()] if special is None else special.hours

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The instant at which the last minute of ``span`` has been open, counted from ``start``; UTC.

        Nothing to count is over at once. Raises :class:`NeverOpen`.
        """
        if span <= ZERO:
            return start.astimezone(UTC)
        day, clock = self._local(start)
        year = day.year
        wanted = span // _MICROSECOND + self._opened(day, clock)
        while wanted > (opened := self._year(year))[-1]:
            wanted -= opened[-1]
            year += 1
            if year > day.year + FAR_YEARS:
                raise NeverOpen
        place = bisect_left(opened, wanted) - 1
        last = date(year, 1, 1) + timedelta(days=place)
        return self._moment(last, _after(self.hours(last), wanted - opened[place]))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How long it is open from ``start`` to ``end``; nothing where the end comes first."""
        first, last = self._local(start), self._local(end)
        whole = sum(self._year(year)[-1] for year in range(first[0].year, last[0].year))
        return max((whole + self._opened(*last) - self._opened(*first)) * _MICROSECOND, ZERO)

    def special(self, start: datetime, end: datetime) -> Iterator[tuple[date, SpecialDay]]:
        """The dates between two moments, both included, that are not like their weekday."""
        first, last = self._local(start)[0], self._local(end)[0]
        if last - first > timedelta(days=len(self.days)):
            yield from sorted((day, one) for day, one in self.days.items() if first <= day <= last)
            return
        for away in range((last - first).days + 1):
            day = first + timedelta(days=away)
            if day in self.days:
                yield day, self.days[day]

    def unpublished(self, start: datetime, end: datetime) -> list[int]:
        """The years from ``start`` to ``end`` whose holidays nobody has published yet."""
        years = range(self._local(start)[0].year, self._local(end)[0].year + 1)
        return [] if self.years is None else [year for year in years if year not in self.years]

    def _local(self, moment: datetime) -> tuple[date, int]:
        """The date in this zone and the microseconds since its midnight."""
        local = moment.astimezone(self.zone)
        return local.date(), ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000 + local.microsecond

    def _moment(self, day: date, clock: int) -> datetime:
        return (datetime.combine(day, time(), self.zone) + clock * _MICROSECOND).astimezone(UTC)

    def _opened(self, day: date, clock: int) -> int:
        """Open microseconds from New Year to this moment of the year."""
        found = self._year(day.year)[day.toordinal() - date(day.year, 1, 1).toordinal()]
        for start, end in self.hours(day):
            if clock > start * _MINUTE:
                found += min(clock, end * _MINUTE) - start * _MINUTE
        return found

    def _year(self, year: int) -> list[int]:
        """Open microseconds from New Year to the end of each day, with 0 before the first."""
        if year not in self._years:
            first = date(year, 1, 1)
            days = (first + timedelta(days=away) for away in range((date(year + 1, 1, 1) - first).days))
            self._years[year] = [0, *accumulate(sum(end - start for start, end in self.hours(day)) * _MINUTE for day in days)]
        return self._years[year]


def _after(hours: Hours, wanted: int) -> int:
    """The microsecond of the day at which so many have been open."""
    for start, end in hours:
        length = (end - start) * _MINUTE
        if wanted <= length:
            return start * _MINUTE + wanted
        wanted -= length
    raise NeverOpen
