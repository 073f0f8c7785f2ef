"""When a complaint is due. Plain calendar time for now: the one place where working calendars enter later."""

from __future__ import annotations

from datetime import datetime, timedelta

SOLUTION_HOURS = 24
"""The promise to solve a complaint within 24 hours of its receipt (S2; domain.md Part 4 (n))."""
REOPEN_DAYS = 30
"""How many days after closing a complaint may be reopened under its number (domain.md 3.3)."""


def due_after(start: datetime, hours: int) -> datetime:
    """The moment at which a clock of this many hours, started at ``start``, runs out."""
    return start + timedelta(hours=hours)


def moved_by_pause(due: datetime, stopped: datetime, resumed: datetime) -> datetime:
    """The due moment of a clock that stood still from ``stopped`` to ``resumed``."""
    return due + max(resumed - stopped, timedelta())
