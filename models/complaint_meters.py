"""The clocks of a complaint as the page shows them: a bar, a sentence, and what counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backoffice.declare import Meter, Text, Tone, _, clock
from models import complaint_promises as promises
from models.clock_segments import Turn
from models.complaint_clocks import OVERALL_MARKS, level_clock, overall_clock
from models.ladder import FULL
from models.sla import Clock
from models.sla_words import Explanation, explain

if TYPE_CHECKING:
    from models.complaint_fields import ComplaintFields

SOON = 75
PROMISED: dict[str, Text] = {promises.REPLY: _("First public reply:", "首次公开回应："), promises.PLAN: _("Plan:", "处理方案：")}
NAMES: dict[str, Text] = {one.value: one.label for one in Turn}


def clock_meters(case: ComplaintFields) -> Iterator[Meter]:
    """The clock of its level, the overall one, and what is owed beside; of an old complaint that is over there is nothing to show."""
    if case.from_history and case.closed_at is not None:
        return
    if (one := level_clock(case)) is not None and case.level is not None:
        yield _meter(_("On level {level}:", "{level}：", level=case.level), one, "level_due_at", case, case.level.warnings)
    if (one := overall_clock(case)) is not None:
        yield _meter(_("Solution:", "解决时限："), one, "overall_due_at", case, tuple(mark for mark in OVERALL_MARKS if mark != FULL))
    for name, moment in promises.pending(case).items():
        start = case.level_entered_at
        if start is not None and start < moment:
            yield _meter(PROMISED[name], Clock(start, moment - start), f"{name}_due_at", case, ())


def _meter(label: Text, one: Clock, field: str, case: ComplaintFields, marks: tuple[int, ...]) -> Meter:
    shown = explain(one, clock.now(), NAMES)
    lines = shown.lines if case.segments else ()
    return Meter(label, shown.percent, shown.says, _tone(shown), lines, shown.runs, marks, field)


def _tone(shown: Explanation) -> Tone:
    if shown.is_late:
        return "bad"
    if not shown.reading.is_running:
        return "neutral"
    return "warn" if shown.percent >= SOON else "info"
