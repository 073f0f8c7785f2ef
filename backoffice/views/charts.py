"""Pictures of a report: columns for how many, a line for a share. Only numbers here; ``report/chart.html`` draws them.

Across, everything is in percent of the width, so that one drawing fits a desk and a phone without small letters; downward in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT, TOP, FOOT = 150, 18, 34
GAP = 0.28
"""Part of a step that lies between two columns."""


@dataclass(frozen=True)
class Bar:
    """One column with what stands on it and below it, and where a click on it leads."""

    x: float
    width: float
    y: float
    height: float
    middle: float
    text: str
    tick: str
    mark: str
    says: str
    address: str | None
    is_labeled: bool


@dataclass(frozen=True)
class Point:
    """One point of the line; ``to`` is the next one, where there is one."""

    x: float
    y: float
    text: str
    says: str
    address: str | None
    to: tuple[float, float] | None = None


@dataclass(frozen=True)
class Step:
    """What a picture shows of one week or month."""

    tick: str
    mark: str
    label: str
    number: int
    address: str
    percent: int | None = None
    of: int = 0
    rate_address: str | None = None


@dataclass(frozen=True)
class Chart:
    """Columns over a foot, and a line above the same foot."""

    bars: list[Bar]
    points: list[Point]
    height: int = HEIGHT + TOP + FOOT
    foot: int = HEIGHT + TOP


def chart(steps: Sequence[Step]) -> Chart:
    """The picture of some weeks or months, in order."""
    most = ceiling(max((one.number for one in steps), default=0))
    width, every = 100 / max(1, len(steps)), max(1, math.ceil(len(steps) / 14))
    bars = []
    for at, one in enumerate(steps):
        height = round(HEIGHT * one.number / most, 1) if one.number else 0
        bars.append(Bar(
            round(width * (at + GAP / 2), 3), round(width * (1 - GAP), 3), round(TOP + HEIGHT - height, 1), height, middle(at, width),
            f"{one.number:,}" if one.number else "", one.tick, one.mark, f"{one.label}: {one.number:,}", one.address, at % every == 0,
        ))
    return Chart(bars, _line(steps, width))


def _line(steps: Sequence[Step], width: float) -> list[Point]:
    """The points of the weeks with a case; neighbors are joined, a gap stays a gap."""
    found = []
    for at, one in enumerate(steps):
        if one.percent is None:
            continue
        after = steps[at + 1].percent if at + 1 < len(steps) else None
        to = (middle(at + 1, width), _down(after)) if after is not None else None
        found.append(Point(middle(at, width), _down(one.percent), f"{one.percent}%", f"{one.label}: {one.percent}% ({one.of:,})", one.rate_address, to))
    return found


def _down(percent: int) -> float:
    return round(TOP + HEIGHT - HEIGHT * percent / 100, 1)


def middle(at: int, width: float) -> float:
    """The middle of a step."""
    return round(width * (at + 0.5), 3)


def ceiling(number: int) -> int:
    """A round number that is at least this one: two digits at most, with zeros."""
    digits: int = 10 ** max(0, len(str(number)) - 2)
    return max(4, -(-number // (2 * digits)) * 2 * digits)
