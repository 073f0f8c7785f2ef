"""Meters of a record, measured for their bars; drawn by ``record/meters.html`` alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from backoffice.declare import Meter, Model
from backoffice.plan import Field, Plan

WIDTH = 1000
"""Units across a bar."""
GAP = 6


@dataclass(frozen=True)
class Drawn:
    """A meter with its pieces, each where it begins and how wide it is, its marks, and where the whole ends if more was used."""

    meter: Meter
    pieces: list[tuple[int, int]]
    marks: list[int]
    end: int | None

    @property
    def now(self) -> int:
        """The value of a bar that ends at 100."""
        return max(0, min(100, self.meter.percent))


def drawn(plan: Plan, record: Model, seen: Collection[Field]) -> list[Drawn]:
    """The meters of a record that the person may see."""
    if plan.resource.meters is None:
        return []
    names = {one.name for one in seen}
    return [_drawn(one) for one in plan.resource.meters(record) if one.field is None or one.field in names]


def _drawn(meter: Meter) -> Drawn:
    scale = WIDTH / max(100, meter.percent)
    pieces, start = [], 0.0
    for part in meter.parts or (float(meter.percent),):
        width = part * scale
        if width > 0:
            gap = GAP if start and width > 2 * GAP else 0
            pieces.append((round(start) + gap, max(1, round(width) - gap)))
        start += width
    return Drawn(meter, pieces, [round(one * scale) for one in meter.marks if one < 100], round(100 * scale) if meter.percent > 100 else None)
