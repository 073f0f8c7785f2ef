"""At what times of the day customers may be called: the day-parts of a callback plan."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from backoffice.declare import Invalid, Line, _, clock, column_of, fold

_PART = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")
DAYS_AHEAD = 8
"""Every call window opens within a day; the search looks a little further and then gives up."""


@dataclass(frozen=True)
class DayPart:
    """An interval of the day in which calls are made; the end is no longer in it."""

    opens: time
    closes: time

    def holds(self, moment: datetime) -> bool:
        """Whether the wall clock of ``moment`` lies in it."""
        return self.opens <= moment.astimezone(clock.zone()).time() < self.closes


def day_parts(text: str) -> list[DayPart]:
    """The parts that ``09:00-12:00, 14:00-19:30`` names; raises ValueError for anything else."""
    parts = []
    for piece in re.split("[,;]", fold(text).replace("–", "-")):
        found = _PART.fullmatch(piece)
        if found is None:
            raise ValueError(piece)
        hours = [int(group) for group in found.groups()]
        parts.append(DayPart(time(hours[0], hours[1]), time(hours[2], hours[3])))
    if any(one.opens >= one.closes for one in parts) or any(a.closes > b.opens for a, b in itertools.pairwise(parts)):
        raise ValueError(text)
    return parts


def first_opening(parts: list[DayPart], earliest: datetime, *, avoid: DayPart | None = None) -> datetime:
    """The first moment from ``earliest`` on that lies in a part other than ``avoid`` (unless there is no other)."""
    usable = [part for part in parts if part != avoid] or parts
    local = earliest.astimezone(clock.zone())
    for ahead in range(DAYS_AHEAD):
        day = (local + timedelta(days=ahead)).date()
        for part in usable:
            start = max(local, datetime.combine(day, part.opens, local.tzinfo))
            if start < datetime.combine(day, part.closes, local.tzinfo):
                return start.astimezone(earliest.tzinfo)
    raise LookupError("a call window that never opens")


class WindowKind(Line):
    """Day-parts in the order of the day, such as 09:00-12:00, 14:00-19:30."""

    code = "windows"

    def parse(self, text: str) -> Any:
        try:
            parts = day_parts(text)
        except ValueError:
            why = _("Write the times of day in order: 09:00-12:00, 14:00-19:30.", "请按先后顺序填写时段：09:00-12:00, 14:00-19:30。")
            raise Invalid("invalid_window", why) from None
        return ", ".join(f"{one.opens:%H:%M}-{one.closes:%H:%M}" for one in parts)


CallWindow = Annotated[str, column_of(WindowKind(width=100))]
