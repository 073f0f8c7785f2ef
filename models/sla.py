"""Pure clock arithmetic: what a clock has used, what is left, when it is due and why (domain.md 2.1 and 3.6). No Flask, no database.

The log is the truth: when the clock began, when it stood still, when its limit changed. Everything else is computed from it.
A clock without a calendar counts every minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from operator import attrgetter

from models.opening import ZERO, Calendar, SpecialDay


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which the clock stands still; without an end it still does. One that ends before it begins is none."""

    start: datetime
    end: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewLimit:
    """From this moment on another limit holds; what was used stays used."""

    at: datetime
    limit: timedelta


@dataclass(frozen=True)
class Clock:
    """A promise: so much time from a moment on, counted by a calendar or around the clock."""

    start: datetime
    limit: timedelta
    calendar: Calendar | None = None
    pauses: Sequence[Pause] = ()
    limits: Sequence[NewLimit] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch under one limit in which a clock ran or stood still; ``used`` is what counted of it."""

    start: datetime
    end: datetime
    limit: timedelta
    used: timedelta
    reasons: tuple[str, ...] = ()
    is_running: bool = True


@dataclass(frozen=True)
class Reading:
    """What a clock shows at a moment.

    ``due_at`` is when the limit is used up, in the past for a late clock; None while a clock stands still that is not late.
    ``breached_at`` is the instant at which the limit in force was first exceeded; it stays whatever comes later. ``special``
    are the dates that did not count like their weekday, ``unpublished`` the years whose holidays nobody knows yet.
    """

    at: datetime
    segments: tuple[Segment, ...]
    limit: timedelta
    used: timedelta
    is_running: bool
    due_at: datetime | None
    breached_at: datetime | None
    special: tuple[tuple[date, SpecialDay], ...] = ()
    unpublished: tuple[int, ...] = ()

    @property
    def remaining(self) -> timedelta:
        """What is left of the limit; negative where more was used."""
        return self.limit - self.used


def read(clock: Clock, at: datetime) -> Reading:
    """What the clock shows at this moment; what comes later has not happened yet."""
    segments = tuple(_segments(clock, at))
    is_running = not _holding(clock, at)
    limit, due_at = _limit(clock, at), reaches(clock, at, 100)
    until, calendar = max(due_at or at, at), clock.calendar
    return Reading(
        at, segments, limit, sum((one.used for one in segments), ZERO), is_running, due_at, _breached(clock, segments),
        tuple(calendar.special(clock.start, until)) if calendar else (), tuple(calendar.unpublished(clock.start, until)) if calendar else (),
    )


def reaches(clock: Clock, at: datetime, percent: int) -> datetime | None:
    """When this part of the present limit is used up, as things stand at a moment: it was, or will be if the clock runs on; else None."""
    left = _limit(clock, at) * percent / 100
    for start, end in _runs(clock, at):
        if end is None or (used := counted(clock.calendar, start, end)) >= left:
            return after(clock.calendar, start, left)
        left -= used
    return None


def after(calendar: Calendar | None, start: datetime, span: timedelta) -> datetime:
    """The moment at which ``span`` has counted from ``start`` on; UTC. Nothing to count is over at once."""
    return calendar.add(start, span) if calendar else start.astimezone(UTC) + max(span, ZERO)


def counted(calendar: Calendar | None, start: datetime, end: datetime) -> timedelta:
    """What counts between two moments; nothing where the end comes first."""
    return calendar.between(start, end) if calendar else max(end - start, ZERO)


def _runs(clock: Clock, at: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    """From when to when the clock ran, as things stand at a moment; without an end while it runs."""
    since = clock.start
    for one in sorted(clock.pauses, key=attrgetter("start")):
        if one.start > at:
            break
        if one.end is None or one.end > one.start:
            if one.start > since:
                yield since, one.start
            if one.end is None or one.end > at:
                return
            since = max(since, one.end)
    yield since, None


def _segments(clock: Clock, at: datetime) -> Iterator[Segment]:
    """The stretches from the beginning to ``at``."""
    turns = {one.start for one in clock.pauses} | {one.end for one in clock.pauses if one.end} | {one.at for one in clock.limits}
    inside = [turn for turn in turns if clock.start < turn < at]
    for start, end in pairwise(sorted({clock.start, *inside, max(at, clock.start)})):
        reasons = _holding(clock, start)
        used = ZERO if reasons else counted(clock.calendar, start, end)
        yield Segment(start, end, _limit(clock, start), used, reasons, is_running=not reasons)


def _holding(clock: Clock, at: datetime) -> tuple[str, ...]:
    """Why the clock stands still right after this moment."""
    return tuple(one.reason for one in clock.pauses if one.start <= at and (one.end is None or at < one.end))


def _limit(clock: Clock, at: datetime) -> timedelta:
    """The limit in force right after this moment."""
    if not clock.limits:
        return clock.limit
    return next((one.limit for one in sorted(clock.limits, key=lambda one: one.at, reverse=True) if one.at <= at), clock.limit)


def _breached(clock: Clock, segments: Iterable[Segment]) -> datetime | None:
    used = ZERO
    for one in segments:
        if used > one.limit:
            return one.start  # the limit was cut below what had been used
        used += one.used
        if used > one.limit:
            return after(clock.calendar, one.start, one.limit - (used - one.used))
    return None
