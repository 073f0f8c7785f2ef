"""A made-up quarter of complaints, and what time does with each, counted minute by minute in plain numbers. Knows nothing of the program's own arithmetic."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

HOUR, DAY = 60, 24 * 60
QUARTER = 90 * DAY
LIMITS = {1: 24 * HOUR, 2: 48 * HOUR, 3: 72 * HOUR}
PROMISE = 24 * HOUR


def seen(limit: int) -> set[int]:
    """After how many minutes of a limit something is to be seen."""
    return {limit * mark // 100 for mark in (50, 75, 90, 100)} | {limit + 1}


SEEN = {level: seen(limit) for level, limit in LIMITS.items()}
SEEN_OF_PROMISE = seen(PROMISE)
ACCEPT = 30
ASKED, DEPUTY = {2: "head", 3: "chief"}, {"head": "deputy"}
Line = tuple[int, str, str, str, int | None]


@dataclass
class Story:
    """What people do about a complaint: (minute, what, how many minutes), in order."""

    received: int
    steps: list[tuple[int, str, int]]


def stories(count: int, seed: int, within: int = QUARTER) -> list[Story]:
    """So many, the same each time, by their receipt; most are settled within their first day."""
    dice = random.Random(seed)
    return sorted((_story(dice, within) for _one in range(count)), key=lambda one: one.received)


def _story(dice: random.Random, within: int) -> Story:
    at = received = dice.randrange(within)
    steps: dict[int, tuple[str, int]] = {}

    def then(longest: int, what: str, minutes: int = 0) -> None:
        nonlocal at
        at += dice.randint(1, longest)
        steps[at] = (what, minutes)

    if dice.random() < 0.92:
        then(2 * HOUR if dice.random() < 0.8 else 30 * HOUR, "acknowledge")
    for _time in range(dice.choice((0, 0, 0, 0, 0, 1, 2))):
        then(12 * HOUR, "pause", dice.randint(1, 72 * HOUR))
        if dice.random() < 0.5:
            then(72 * HOUR, "resume")
    if dice.random() < 0.15:
        then(10 * HOUR, "raise")
    for _time in range(dice.choice((0, 1, 1, 2))):
        steps[received + dice.randint(1, 80 * HOUR)] = ("accept", 0)
    if dice.random() < 0.92:
        then(9 * HOUR if dice.random() < 0.88 else 150 * HOUR, "resolve")
        again = dice.random()
        if again < 0.08:
            then(2 * DAY, "deny")
        elif again < 0.8:
            then(3 * DAY, "close")
            if again < 0.2:
                then(20 * DAY, "reopen")
        if again < 0.2 and dice.random() < 0.7:
            then(60 * HOUR, "resolve")
            then(DAY, "close")
    return Story(received, sorted((minute, *what) for minute, what in steps.items()))


@dataclass
class Plain:
    """One complaint, lived through minute by minute. In each minute the pass comes first, then people."""

    story: Story
    now: int = 0
    state: str = "received"
    is_known: bool = False
    level: int = 1
    used: int = 0
    overall: int = 0
    warned: int = 0
    overall_warned: int = 0
    due: int | None = None
    overall_due: int | None = None
    late: int | None = None
    overall_late: int | None = None
    until: int = 0
    accept: int | None = None
    asked: str | None = None
    is_by_rule: bool = False
    owner: str = "agent"
    lines: list[Line] = field(default_factory=list)

    def live(self) -> Plain:
        """To the end: until nobody does anything any more, and time has done all that it can."""
        self.now, steps = self.story.received, list(self.story.steps)
        while steps or not self._is_quiet():
            if self.state in ("resolved", "closed"):
                self.now = steps[0][0]
            else:
                self._minute()
            while steps and steps[0][0] == self.now:
                _at, what, minutes = steps.pop(0)
                getattr(self, f"_{what}")(minutes)
        return self

    def _is_quiet(self) -> bool:
        if self.state in ("resolved", "closed"):
            return True
        return self.state != "paused" and self.level == 3 and self.warned == self.overall_warned == 100 and self.accept is None

    def _minute(self) -> None:
        """One minute goes by, and then the pass looks."""
        self.now += 1
        if self.state == "paused":
            if self.now >= self.until:
                self.state = "investigating"
            return
        self.used += 1
        self.overall += 1
        if self.used in SEEN[self.level] or self.overall in SEEN_OF_PROMISE or self.accept is not None:
            self._look()

    def _look(self) -> None:
        if self.used == LIMITS[self.level]:
            self.due = self.now
        if self.overall == PROMISE:
            self.overall_due = self.now
        if mark := _mark(self.overall, PROMISE, self.overall_warned):
            self.overall_warned = mark
            self.overall_late = self.overall_due if mark == 100 else None
            self._say("breached" if mark == 100 else "warned", "overall", mark)
        if self.accept is not None and self.now >= self.accept:
            self.accept, self.asked = None, DEPUTY.get(self.asked or "")
            if self.asked:
                self._ask(self.asked)
                self._say("reassigned", "acceptance", None)
        if mark := _mark(self.used, LIMITS[self.level], self.warned):
            self.warned = mark
            self._act(mark)

    def _act(self, mark: int) -> None:
        is_up = (self.level < 3 and mark == 100) or (self.level == 1 and mark == 90 and not self.is_known)
        if mark == 100:
            self.late = self.due
        if mark == 100 or not is_up:
            self._say("breached" if mark == 100 else "warned", "level", mark)
        if is_up:
            before, self.is_by_rule = self.owner, True
            self._enter()
            self._say("raised", "level", mark)
            if self.owner != before:
                self._say("reassigned", "level", mark)

    def _say(self, what: str, clock: str, mark: int | None) -> None:
        self.lines.append((self.now, what, f"L{self.level}", clock, mark))

    def _enter(self) -> None:
        self.level += 1
        self.used, self.warned, self.due = 0, 0, None
        self._ask(ASKED[self.level])

    def _ask(self, person: str) -> None:
        self.asked, self.accept = person, self.now + ACCEPT
        if self.is_by_rule:
            self.owner = person

    def _acknowledge(self, _minutes: int) -> None:
        if self.state == "received":
            self.state, self.is_known = "acknowledged", True

    def _pause(self, minutes: int) -> None:
        if self.state in ("received", "acknowledged", "investigating"):
            self.state, self.is_known, self.until = "paused", True, self.now + minutes

    def _resume(self, _minutes: int) -> None:
        if self.state == "paused":
            self.state = "investigating"

    def _raise(self, _minutes: int) -> None:
        if self.state not in ("resolved", "closed") and self.level < 3:
            self.is_by_rule = False
            self._enter()

    def _accept(self, _minutes: int) -> None:
        if self.state not in ("resolved", "closed") and self.asked:
            self.owner, self.asked, self.accept = self.asked, None, None

    def _resolve(self, _minutes: int) -> None:
        if self.state in ("received", "acknowledged", "investigating"):
            self.state, self.is_known, self.asked, self.accept = "resolved", True, None, None

    def _deny(self, _minutes: int) -> None:
        if self.state == "resolved":
            self.state = "investigating"

    def _close(self, _minutes: int) -> None:
        if self.state == "resolved":
            self.state = "closed"

    def _reopen(self, _minutes: int) -> None:
        if self.state == "closed":
            self.state = "investigating"

    @property
    def end(self) -> tuple[object, ...]:
        """What it came to."""
        return self.state, f"L{self.level}", self.owner, self.used, self.overall, self.warned, self.overall_warned, self.late, self.overall_late, self.accept


def _mark(used: int, limit: int, warned: int) -> int:
    """The highest mark that was passed and not yet spoken of, or 0; the limit itself is passed once more than it was used."""
    passed = [mark for mark in (50, 75, 90) if used * 100 >= mark * limit] + [100] * (used > limit)
    return next((mark for mark in reversed(passed) if mark > warned), 0)
