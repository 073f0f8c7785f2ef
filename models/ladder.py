"""Which marks of a limit a clock has reached, and when it reaches the next. Pure functions: the pass and the simulation ask them alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from models.signs import Rule
from models.sla import Clock, reaches

FULL = 100
"""Percent: the limit itself."""
WARNED, BREACHED, RAISED, REASSIGNED = "warned", "breached", "raised", "reassigned"
LEVEL, OVERALL, ACCEPTANCE = "level", "overall", "acceptance"


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


def raising(rules: Iterable[Rule], rank: int, marks: Collection[int], *, is_acknowledged: bool) -> Rule | None:
    """The rule of time that raises a case from a rank when these marks are reached; of several the one that leads highest."""
    met = (one for one in rules if one.of == rank < one.rank and one.threshold in marks and not (one.unacknowledged and is_acknowledged))
    return max(met, key=lambda one: (one.rank, one.threshold), default=None)


def spoken(marks: Collection[int], warnings: Collection[int], *, is_raised: bool) -> int | None:
    """Of the marks that are reached the one that is spoken of: the last that people are warned at; where the case is raised only a missed limit."""
    return max((one for one in marks if one >= FULL or (one in warnings and not is_raised)), default=None)
