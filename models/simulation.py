"""What other rules would have done: complaints of the past, replayed by the rules of today and by those of a draft, and set side by side.

Nothing is written and nobody is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backoffice.declare import Change, Effect, Text, Tried, _, clock
from models.complaint_clocks import OVERALL_MARKS, calendar_of
from models.complaint_promises import PLAN, REPLY
from models.complaints import Complaint
from models.deadlines import SOLUTION_HOURS
from models.escalation_levels import EscalationLevel, percentages
from models.escalation_messages import LIMITS
from models.ladder import BREACHED, LEVEL, OVERALL, RAISED, REASSIGNED, WARNED
from models.replay import SIGN, replay
from models.stories import Event, Ladder, Rung
from models.story_reading import stories
from models.triggers import Trigger

Different = Mapping[Any, Mapping[str, Any]]
"""For levels and triggers the fields that are otherwise than they are written."""
Key = tuple[str, str, str, int | None, str]
"""What happened: warned, raised …, by which clock, on which level, at which mark, by which trigger."""
Part = tuple[Text, datetime | None, datetime | None]
HEADINGS: dict[str, Text] = {
    WARNED: _("Warned", "预警"), RAISED: _("Raised", "升级"), BREACHED: _("Limit missed", "超时"), REASSIGNED: _("Not accepted in time", "未按时接手"),
}
MOST_SHOWN = 200


def ladder_of(session: Session, different: Different | None = None) -> Ladder:
    """The levels and triggers as they are written, or with what a draft says instead."""
    other = different or {}
    levels = session.scalars(select(EscalationLevel)).all()
    triggers = session.scalars(select(Trigger).where(Trigger.archived_at.is_(None)).order_by(Trigger.code)).all()
    used = (one for one in triggers if other.get(one, {}).get("active", one.active))
    return Ladder(
        {one.rank: _rung(one, other.get(one, {})) for one in levels}, tuple(one.rule(**other.get(one, {})) for one in used),
        timedelta(hours=SOLUTION_HOURS), OVERALL_MARKS,
    )


def _rung(level: EscalationLevel, different: Mapping[str, Any]) -> Rung:
    limit, warn_at, accept = (different.get(name, getattr(level, name)) for name in ("limit_hours", "warn_at", "accept_minutes"))
    reply, plan = (timedelta(hours=hours) if hours else None for hours in (level.first_reply_hours, level.plan_hours))
    return Rung(
        level.code, level.rank, timedelta(hours=limit), percentages(warn_at), timedelta(minutes=accept), calendar_of(level), reply, plan, level.no_pause,
    )


def compare(session: Session, wanted: Select[Any], different: Different) -> Tried:
    """What is different for complaints, whose numbers are wanted; the most weighty come first."""
    now, then, until = ladder_of(session), ladder_of(session, different), clock.now()
    counts: tuple[Counter[Key], Counter[Key]] = Counter(), Counter()
    changes: list[tuple[int, list[Key], dict[Key, datetime], dict[Key, datetime]]] = []
    count = 0
    for story in stories(session, wanted, now.rules):
        count += 1
        one, other = (happened(replay(story, rules, until)) for rules in (now, then))
        counts[0].update(_figures(one))
        counts[1].update(_figures(other))
        if keys := [key for key in {**one, **other} if one.get(key) != other.get(key)]:
            changes.append((story.id, keys, one, other))
    words = _Words(session)
    changes.sort(key=lambda change: min(_weight(key, change[2], change[3]) for key in change[1]))
    names = _names(session, [change[0] for change in changes[:MOST_SHOWN]])
    return Tried(
        count, tuple(_effects(counts, words)), len(changes),
        tuple(
            Change(number, names[number], tuple(_parts(keys, one, other, words))) for number, keys, one, other in changes[:MOST_SHOWN]
        ),
    )


def happened(events: Iterable[Event]) -> dict[Key, datetime]:
    """What happened, each once, and when for the first time. What a clock does that is not the level's is no matter of the level."""
    found: dict[Key, datetime] = {}
    for one in events:
        level = "" if one.clock in (OVERALL, REPLY, PLAN) else one.level
        found.setdefault((one.what, one.clock, level, one.mark, one.rule), one.at)
    return found


def _figures(keys: Iterable[Key]) -> set[Key]:
    """The lines of the table under which a complaint counts, each once."""
    return {figure for key in keys for figure in _lines(key)}


def _lines(key: Key) -> Iterator[Key]:
    what, by, level, mark, _rule = key
    if what == WARNED:
        yield what, by, "", mark, ""
    elif what == RAISED:
        yield what, SIGN if by == SIGN else LEVEL, "", None, ""
        yield what, "", level, None, ""
    else:
        yield what, by, level, None, ""
        if what == BREACHED:
            yield what, "", "", None, ""


def _weight(key: Key, one: Mapping[Key, datetime], other: Mapping[Key, datetime]) -> tuple[bool, int]:
    """What happens at all comes before what happens at another time; a missed limit before a level, and that before a warning."""
    return key in one and key in other, (BREACHED, RAISED, REASSIGNED, WARNED).index(key[0])


def _effects(counts: tuple[Counter[Key], Counter[Key]], words: _Words) -> Iterator[Effect]:
    for heading, label in HEADINGS.items():
        keys = sorted({key for count in counts for key in count if key[0] == heading}, key=words.order)
        for key in keys:
            yield Effect(label, words.line(key), counts[0][key], counts[1][key])


def _parts(keys: list[Key], one: Mapping[Key, datetime], other: Mapping[Key, datetime], words: _Words) -> Iterator[Part]:
    """What is different for one complaint, in the order of time; the marks of a clock of which the same is true stand in one line."""
    together = defaultdict(list)
    for key in keys:
        together[(*key[:3], None if key[0] == WARNED else key[3], key[4], key in one, key in other)].append(key)
    parts = [(words.event(group), _first(group, one), _first(group, other)) for group in together.values()]
    yield from sorted(parts, key=lambda part: min(moment for moment in (part[1], part[2]) if moment is not None))


def _first(keys: list[Key], times: Mapping[Key, datetime]) -> datetime | None:
    return min((times[key] for key in keys if key in times), default=None)


def _names(session: Session, ids: list[int]) -> dict[int, str]:
    return {row.id: row.complaint_no for row in session.execute(select(Complaint.id, Complaint.complaint_no).where(Complaint.id.in_(ids)))}


class _Words:
    """What events and lines are called."""

    def __init__(self, session: Session) -> None:
        self.levels = {one.code: one for one in session.scalars(select(EscalationLevel).order_by(EscalationLevel.rank))}
        self.ranks = {code: place for place, code in enumerate(self.levels)}
        self.triggers = {one.code: one for one in session.scalars(select(Trigger))}

    def event(self, keys: list[Key]) -> Text:
        """What happened to one complaint; several warnings by one clock in one line."""
        what, by, level, _mark, rule = keys[0]
        if what == WARNED:
            marks = " / ".join(str(key[3]) for key in keys)
            return _("Warned at {marks} % of {limit}", "{limit}用时{marks}%预警", marks=marks, limit=self._limit(by, level))
        if what == RAISED:
            return _("Raised to {level} by {rule}", "升至{level}（{rule}）", level=level, rule=self.triggers[rule])
        if what == BREACHED:
            return _("Missed: {limit}", "超时：{limit}", limit=self._limit(by, level))
        return _("Not accepted in time on {level}", "{level}未按时接手", level=level)

    def line(self, key: Key) -> Text:
        """A line of the table."""
        what, by, level, mark, _rule = key
        if what == WARNED:
            return _("at {mark} % of {limit}", "{limit}用时{mark}%", mark=mark, limit=LIMITS[by])
        if what == RAISED and not level:
            return _("by a trigger", "由触发条件") if by == SIGN else _("by time", "因超时")
        if what == RAISED:
            return _("to {level}", "升至{level}", level=self.levels[level])
        if level:
            return _("on {level}", "{level}", level=self.levels[level])
        return LIMITS[by] if by else _("any limit", "任一时限")

    def order(self, key: Key) -> tuple[int, int, int]:
        """Where a line stands below its heading: sums first, then by level and mark."""
        _what, by, level, mark, _rule = key
        clocks = (LEVEL, SIGN, "") if key[0] == RAISED else ("", LEVEL, OVERALL, REPLY, PLAN)
        return clocks.index(by) if by in clocks else 0, self.ranks.get(level, -1), mark or 0

    def _limit(self, by: str, level: str) -> Text:
        return _("the time limit of {level}", "{level}时限", level=level) if by == LEVEL else LIMITS[by]
