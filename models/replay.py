"""What a ladder would have done with a complaint: its story, lived again under any levels and triggers. Pure functions, no database.

What people did stays as it was, and when it was: they recorded it, paused and resumed, raised and lowered it, accepted, solved, closed and
reopened it. What the rules do is worked out anew, by the same functions as the pass (ladder, signs, sla), with a pass at each full minute.
What people did that the rules would not let them do is left out: a pause at a level where none is allowed, say.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from models.complaint_promises import PLAN, REPLY
from models.ladder import ACCEPTANCE, BREACHED, FULL, LEVEL, OVERALL, RAISED, REASSIGNED, WARNED, next_mark, raising, reached, spoken
from models.signs import LOOKS_AT, Mark, Rule, Sign, demands, meets
from models.sla import Clock, Pause, reaches
from models.stories import Event, Known, Ladder, Rung, Step, Story

MINUTE = timedelta(minutes=1)
NEVER = datetime.max.replace(tzinfo=UTC)
SIGN = "sign"
"""The clock of an event that no clock brought about."""


def replay(story: Story, ladder: Ladder, until: datetime) -> list[Event]:
    """All that a ladder would have done with a complaint up to a moment, in order."""
    life = _Life(story, ladder)
    for step in story.steps:
        if step.at > until:
            break
        life.pass_time(step.at)
        life.do(step)
    life.pass_time(until)
    return life.events


@dataclass
class _Life:
    """A complaint on its way. In each minute the pass comes first, then people."""

    story: Story
    ladder: Ladder
    now: datetime = field(init=False)
    rung: Rung = field(init=False)
    entered: datetime = field(init=False)
    known: Known = field(init=False)
    clock: Clock = field(init=False)
    overall: Clock = field(init=False)
    ticks: dict[str, datetime] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    stopped: datetime | None = None
    is_open: bool = True
    is_acknowledged: bool = False
    is_paused: bool = False
    accept_due: datetime | None = None
    warned: int = 0
    overall_warned: int = 0
    late: set[str] = field(default_factory=set)
    owed: dict[str, datetime] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.now, self.known, self.rung = self.story.recorded_at, self.story.known, self.ladder.rungs[self.story.rank]
        self.entered = self.story.received_at
        self._count()
        self._hear({name for names in LOOKS_AT.values() for name in names})

    def pass_time(self, until: datetime) -> None:
        """All that time alone does until then."""
        while (tick := self._next()) is not None and tick <= until:
            self.now = tick
            self._look()

    def do(self, step: Step) -> None:
        """Let people do what they did."""
        self.now = step.at
        getattr(self, f"_{step.did.name.lower()}")(step)

    def _count(self) -> None:
        """The clocks, and when each has something to do, anew: they stopped, ran on, or the level is another one."""
        still = [Pause(self.stopped)] if self.stopped else []
        pauses = [*(one for one in self.pauses if one.end and one.end > self.entered), *still]
        self.clock = Clock(self.entered, self.rung.limit, self.rung.calendar, pauses)
        self.overall = Clock(self.story.received_at, self.ladder.promise, None, [*self.pauses, *still])
        self.ticks.clear()

    def _say(self, what: str, clock: str, mark: int | None = None, rule: str = "") -> None:
        self.events.append(Event(self.now, what, self.rung.code, clock, mark, rule))

    # what time does, as the pass does it

    def _next(self) -> datetime | None:
        """The minute of the next pass that finds something to do."""
        if self.stopped is not None:
            return None
        if LEVEL not in self.ticks:
            self.ticks[LEVEL] = self._tick(self.clock, self.ladder.marks[self.rung.rank], self.warned)
        if OVERALL not in self.ticks:
            self.ticks[OVERALL] = self._tick(self.overall, self.ladder.promise_marks, self.overall_warned)
        others = (_minute_after(due) for due in self._pending().values())
        found = min((self.ticks[LEVEL], self.ticks[OVERALL], _minute_from(self.accept_due) if self.accept_due else NEVER, *others))
        return max(found, _minute_after(self.now)) if found is not NEVER else None

    def _tick(self, clock: Clock, marks: tuple[int, ...], warned: int) -> datetime:
        """The minute in which the next mark is seen: the limit itself only once it is exceeded."""
        moment = next_mark(clock, marks, warned, self.now)
        if moment is None:
            return NEVER
        return _minute_after(moment) if min(one for one in marks if one > warned) >= FULL else _minute_from(moment)

    def _look(self) -> None:
        self._look_at_promises()
        if self.ticks[OVERALL] <= self.now:
            self.overall_warned = reached(self.overall, self.ladder.promise_marks, self.overall_warned, self.now)[-1]
            del self.ticks[OVERALL]
            self._tell(OVERALL, self.overall_warned)
        if self.accept_due is not None and self.accept_due <= self.now:
            self.accept_due = None
            self._say(REASSIGNED, ACCEPTANCE)
        if self.ticks[LEVEL] <= self.now:
            del self.ticks[LEVEL]
            self._act(reached(self.clock, self.ladder.marks[self.rung.rank], self.warned, self.now))

    def _act(self, marks: tuple[int, ...]) -> None:
        self.warned = marks[-1]
        rule = raising(self.ladder.by_sign[Sign.TIME], self.rung.rank, marks, is_acknowledged=self.is_acknowledged)
        mark = spoken(marks, self.rung.warnings, is_raised=rule is not None)
        if mark is not None:
            self._tell(LEVEL, mark)
        if rule is not None:
            self._raise(rule.rank)
            self._say(RAISED, LEVEL, rule.threshold, rule.code)

    def _tell(self, clock: str, mark: int) -> None:
        if mark < FULL:
            self._say(WARNED, clock, mark)
        elif clock not in self.late:
            self.late.add(clock)
            self._say(BREACHED, clock, mark)

    def _pending(self) -> dict[str, datetime]:
        return {name: due for name, due in self.owed.items() if name not in self.kept and name not in self.late}

    def _look_at_promises(self) -> None:
        for name, due in self._pending().items():
            if self.now > due:
                self._tell(name, FULL)

    def _latch(self) -> None:
        """Whoever stops a clock after its limit stops a late one, whether a pass has seen it or not."""
        if self.stopped is not None:
            return
        for name, clock in ((LEVEL, self.clock), (OVERALL, self.overall)):
            if name not in self.late and (due := reaches(clock, self.now, FULL)) is not None and due < self.now:
                self._tell(name, FULL)

    # how it moves

    def _enter(self, rank: int) -> None:
        self._latch()
        self.rung, self.entered, self.warned = self.ladder.rungs[rank], self.now, 0
        self.late.discard(LEVEL)
        self._count()
        self.accept_due = None
        for name, span in ((REPLY, self.rung.reply), (PLAN, self.rung.plan)):
            if span and name not in self.kept:
                self.owed.setdefault(name, self.now + span)

    def _raise(self, rank: int) -> None:
        self._enter(rank)
        self.accept_due = self.now + self.rung.accept
        if self._may_not_pause() and self.is_paused:
            self._run()

    def _hear(self, fields: set[str]) -> None:
        """The triggers look at what is new; those that are met leave their marks, and the highest is obeyed."""
        met: list[Rule] = []
        for sign, names in LOOKS_AT.items():
            if not fields.isdisjoint(names):
                met += [one for one in self.ladder.by_sign[sign] if self._marks(one, fields)]
        highest = max(met, key=lambda one: one.rank, default=None)
        if highest is not None and highest.rank > self.rung.rank:
            self._raise(highest.rank)
            self._say(RAISED, SIGN, rule=highest.code)

    def _marks(self, rule: Rule, fields: set[str]) -> bool:
        is_met = meets(rule, self.known)
        if is_met and rule.mark is not None and not self.known.bears(rule.mark):
            self.known = replace(self.known, marks=self.known.marks | {rule.mark})
            fields.add(rule.mark.value)
        return is_met

    def _may_not_pause(self) -> bool:
        return self.rung.no_pause and (self.known.bears(Mark.SAFETY) or self.known.bears(Mark.MEDIA))

    def _stop(self) -> None:
        self._latch()
        self.stopped = self.stopped or self.now
        self._count()

    def _run(self) -> None:
        if self.stopped is not None:
            self.pauses.append(Pause(self.stopped, self.now))
        self.stopped, self.is_paused = None, False
        self._count()

    # what people did

    def _said(self, step: Step) -> None:
        if step.known is None:
            return
        self.known = replace(step.known, marks=(self.known.marks | step.known.marks) - step.taken)
        if self.is_open:
            self._hear(set(step.fields))

    def _acknowledged(self, _step: Step) -> None:
        self.is_acknowledged = True

    def _replied(self, _step: Step) -> None:
        self._look_at_promises()
        self.kept.add(REPLY)

    def _planned(self, _step: Step) -> None:
        self._look_at_promises()
        self.kept.add(PLAN)

    def _raised(self, step: Step) -> None:
        if self.is_open and step.rank > self.rung.rank:
            self._raise(step.rank)

    def _lowered(self, step: Step) -> None:
        held = max((one.rank for one in self.ladder.rules if demands(one, self.known)), default=0)
        if self.is_open and held <= step.rank < self.rung.rank:
            self._enter(step.rank)

    def _accepted(self, _step: Step) -> None:
        self.accept_due = None

    def _paused(self, _step: Step) -> None:
        if self.stopped is None and not self._may_not_pause():
            self._stop()
            self.is_paused = True

    def _resumed(self, _step: Step) -> None:
        if self.is_paused:
            self._run()

    def _resolved(self, _step: Step) -> None:
        self._stop()
        self.accept_due, self.is_paused = None, False

    def _ended(self, step: Step) -> None:
        self._resolved(step)
        self.is_open = False

    def _referred(self, _step: Step) -> None:
        self._stop()
        self.is_open = self.is_paused = False

    def _reopened(self, _step: Step) -> None:
        self._run()
        self.is_open = True


def _minute_from(moment: datetime) -> datetime:
    """The first full minute that is not before."""
    full = moment.replace(second=0, microsecond=0)
    return full if full == moment else full + MINUTE


def _minute_after(moment: datetime) -> datetime:
    """The first full minute that lies behind."""
    return moment.replace(second=0, microsecond=0) + MINUTE
