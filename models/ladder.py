"""Which marks of a limit a clock has reached, and when it reaches the next. Pure functions: the pass and the simulation ask them alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from models.sla import Clock, reaches

FULL = 100
"""Percent: the limit itself."""


def next_mark(clock: Clock | None, marks: Iterable[int], warned: int | None, at: datetime) -> datetime | None:
    """When the first mark above what was warned of is reached, in the past where that is overdue; None while the clock stands still before it."""
    if clock is None:
        return None
    mark = min((one for one in marks if one > (warned or 0)), default=None)
    return reaches(clock, at, mark) if mark is not None else None


def reached(clock: Clock | None, marks: Iterable[int], warned: int, at: datetime) -> tuple[int, ...]:
    """The marks above what was warned of that the clock has reached by a moment, lowest first; the limit itself only once it is exceeded."""
    if clock is None:
        return ()
    moments = ((one, reaches(clock, at, one)) for one in sorted(marks) if one > warned)
    return tuple(one for one, moment in moments if moment is not None and (moment < at if one >= FULL else moment <= at))
