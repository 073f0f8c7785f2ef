"""What a replay is about: a ladder as it counts, the story of a complaint as people lived it, and what rules did or would do with it. Plain data."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from backoffice.declare import Choice
from models.ladder import FULL
from models.opening import Calendar
from models.signs import Mark, Rule, Sign


@dataclass(frozen=True)
class Rung:
    """A level as it counts: its limit, where it warns, how long people have to accept, what it owes."""

    code: str
    rank: int
    limit: timedelta
    warnings: tuple[int, ...]
    accept: timedelta
    calendar: Calendar | None = None
    reply: timedelta | None = None
    plan: timedelta | None = None
    no_pause: bool = False


@dataclass(frozen=True)
class Ladder:
    """Levels by their rank, the rules in use, and the promise of a solution with its marks."""

    rungs: Mapping[int, Rung]
    rules: tuple[Rule, ...]
    promise: timedelta
    promise_marks: tuple[int, ...]

    @cached_property
    def by_sign(self) -> dict[Sign, tuple[Rule, ...]]:
        """The rules by what they look at."""
        return {sign: tuple(one for one in self.rules if one.sign is sign) for sign in Sign}

    @cached_property
    def marks(self) -> dict[int, tuple[int, ...]]:
        """For each rank the percentages at which something happens."""
        timed = self.by_sign[Sign.TIME]
        return {rank: tuple(sorted({*rung.warnings, FULL, *(one.threshold for one in timed if one.of == rank)})) for rank, rung in self.rungs.items()}


@dataclass(frozen=True)
class Known:
    """What is said of a complaint; ``earlier`` is how long before it the same was complained of."""

    words: str = ""
    marks: frozenset[Mark] = frozenset()
    grade: Choice | None = None
    readers: int | None = None
    departments: int | None = None
    asks_higher: bool | None = None
    earlier: timedelta | None = None

    def bears(self, mark: Mark) -> bool:
        """Whether it bears the mark."""
        return mark in self.marks

    def complained_within(self, days: int) -> bool:
        """Whether the same was complained of lately."""
        return self.earlier is not None and self.earlier <= timedelta(days=days)


class Did(enum.Enum):
    """What people did."""

    SAID = enum.auto()
    ACKNOWLEDGED = enum.auto()
    REPLIED = enum.auto()
    PLANNED = enum.auto()
    RAISED = enum.auto()
    LOWERED = enum.auto()
    ACCEPTED = enum.auto()
    PAUSED = enum.auto()
    RESUMED = enum.auto()
    RESOLVED = enum.auto()
    ENDED = enum.auto()
    REFERRED = enum.auto()
    REOPENED = enum.auto()


@dataclass(frozen=True)
class Step:
    """One thing that people did: to which rank they moved it; what else is said of it, in which fields, and which marks they took away."""

    at: datetime
    did: Did
    rank: int = 0
    known: Known | None = None
    fields: frozenset[str] = frozenset()
    taken: frozenset[Mark] = frozenset()


@dataclass(frozen=True)
class Story:
    """A complaint from its receipt on; ``recorded_at`` is when somebody wrote it down. The marks are those that people set."""

    id: int
    received_at: datetime
    recorded_at: datetime
    rank: int
    known: Known
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """What the rules did: on which level (the new one where they raised it), by which clock, at which mark, by which rule."""

    at: datetime
    what: str
    level: str
    clock: str
    mark: int | None = None
    rule: str = ""
