"""The clocks of a complaint as the page shows them: a bar, a sentence, and what counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backoffice.declare import Meter, Text, Tone, _, clock
from models.clock_segments import Turn
from models.complaint_clocks import level_clock, overall_clock
from models.sla import Clock
from models.sla_words import Explanation, explain

if TYPE_CHECKING:
    from models.complaint_fields import ComplaintFields

MARKS = (50, 75, 90)
"""Percent of a limit that are marked on the bar."""
SOON = 75
NAMES: dict[str, Text] = {one.value: one.label for one in Turn}


def clock_meters(case: ComplaintFields) -> Iterator[Meter]:
    """The clock of its level, and the overall one; of an old complaint that is over there is nothing to show."""
    if case.from_history and case.closed_at is not None:
        return
    label = _("On level {level}:", "{level}：", level=case.level)
    for one, name, field in ((level_clock(case), label, "level_due_at"), (overall_clock(case), _("Solution:", "解决时限："), "overall_due_at")):
        if one is not None:
            yield _meter(name, one, field, has_log=bool(case.segments))


def _meter(label: Text, one: Clock, field: str, *, has_log: bool) -> Meter:
    shown = explain(one, clock.now(), NAMES)
    return Meter(label, shown.percent, shown.says, _tone(shown), shown.lines if has_log else (), shown.runs, MARKS, field)


def _tone(shown: Explanation) -> Tone:
    if shown.is_late:
        return "bad"
    if not shown.reading.is_running:
        return "neutral"
    return "warn" if shown.percent >= SOON else "info"
