"""How long a due moment takes: ``python -m benchmarks.clocks``. At most 50 microseconds are wanted."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from models.opening import Calendar, DayKind, SpecialDay
from models.sla import Clock, Pause, reaches, read
from models.sla_words import explain

TIMES = 20_000
OFFICE = ((540, 720), (780, 1080))


def workdays() -> Calendar:
    """Two spans a day, and forty special days a year for three years."""
    dice = random.Random(5)
    days = {
        date(year, 1, 1) + timedelta(days=away): SpecialDay(*dice.choice(((DayKind.HOLIDAY, ()), (DayKind.MAKEUP, OFFICE))))
        for year in (2024, 2025, 2026) for away in dice.sample(range(365), 40)
    }
    return Calendar((OFFICE,) * 5 + ((),) * 2, days, {2024, 2025, 2026})


def moments() -> list[datetime]:
    """Many of three years."""
    dice, first = random.Random(7), datetime(2024, 1, 1, tzinfo=UTC)
    return [first + timedelta(minutes=dice.randrange(3 * 365 * 1440)) for _one in range(TIMES)]


def microseconds(deed: Callable[[Any], Any], over: list[Any]) -> float:
    """The mean of many, of processor time."""
    begun = time.process_time()
    for one in over:
        deed(one)
    return (time.process_time() - begun) / len(over) * 1_000_000


def main() -> None:
    """Measure and print."""
    calendar, limit, later, begun = workdays(), timedelta(hours=24), timedelta(hours=70), moments()

    def paused(moment: datetime) -> Clock:
        pauses = [Pause(moment + timedelta(hours=hours), moment + timedelta(hours=hours + 3), "waiting_parts") for hours in (5, 30, 60)]
        return Clock(moment, limit, calendar, pauses)

    plain, stopped = [Clock(one, limit, calendar) for one in begun], [paused(one) for one in begun]
    measured: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
        "due moment by a calendar": (lambda moment: calendar.add(moment, limit), begun),
        "time between two moments by a calendar": (lambda moment: calendar.between(moment, moment + later), begun),
        "due moment of a clock by a calendar": (lambda clock: reaches(clock, clock.start + later, 100), plain),
        "due moment of a clock with three pauses": (lambda clock: reaches(clock, clock.start + later, 100), stopped),
        "reading of such a clock": (lambda clock: read(clock, clock.start + later), stopped),
        "explanation of such a clock": (lambda clock: explain(clock, clock.start + later), stopped),
    }
    for name, (deed, over) in measured.items():
        print(f"{name}: {microseconds(deed, over):.1f} µs")


if __name__ == "__main__":
    main()
