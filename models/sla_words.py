"""What a clock says of itself, in both languages: a sentence, a bar, and line by line every stretch, rule and special day that counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backoffice.declare import Text, _, clock
from backoffice.declare.text import series
from models.opening import ZERO, Hours, SpecialDay
from models.sla import Clock, Reading, Segment, read

Names = Mapping[str, Text]
"""What the codes of pauses are called."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Explanation:
    """A clock in words, and how much of a bar it fills.

    ``percent`` of the limit is used, over 100 where more was. ``runs`` are the stretches that it ran, each in percent of the
    limit: between two of them it stood still.
    """

    reading: Reading
    says: Text
    lines: tuple[Text, ...]
    percent: int
    runs: tuple[float, ...]

    @property
    def is_late(self) -> bool:
        """Whether the limit was ever exceeded."""
        return self.reading.breached_at is not None


def explain(one: Clock, at: datetime, names: Names | None = None) -> Explanation:
    """What a clock shows at a moment, and why."""
    shown, known = read(one, at), names or {}
    says = _says(shown, _reasons(_holding(one, at), known))
    if shown.unpublished and shown.is_running:
        says = _("{says} Provisional: the holidays of {years} are not published yet.", "{says}{years}年节假日尚未公布，到期时间暂定。",
                 says=says, years=_years(shown))
    parts = (_rule(one), *_segments(shown, one.limit, known), *_days(shown), *_notes(shown))
    return Explanation(shown, says, parts, int(_share(shown.used, shown.limit)), tuple(
        _share(part.used, shown.limit) for part in shown.segments if part.is_running
    ))


def span(time: timedelta) -> Text:
    """A length of time in hours and whole minutes."""
    hours, minutes = divmod(int(abs(time).total_seconds()) // 60, 60)
    if not minutes:
        return _("{hours} h", "{hours}小时", hours=hours)
    return _("{hours} h {minutes} min", "{hours}小时{minutes}分钟", hours=hours, minutes=minutes) if hours else _("{minutes} min", "{minutes}分钟", minutes=minutes)


def moment(at: datetime) -> str:
    """A moment on the clock of the house."""
    return at.astimezone(clock.zone()).strftime("%Y-%m-%d %H:%M")


def written(hours: Hours) -> str:
    """Opening hours as people write them: ``09:00-12:00 13:00-18:00``."""
    return " ".join(f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}" for start, end in hours)


def _holding(one: Clock, at: datetime) -> tuple[str, ...]:
    """Why it stands still, from the very moment on."""
    return tuple(pause.reason for pause in one.pauses if pause.start <= at and (pause.end is None or at < pause.end))


def _says(shown: Reading, why: _Several) -> Text:
    used, limit, left = span(shown.used), span(shown.limit), span(shown.remaining)
    is_late = shown.remaining < ZERO
    if shown.is_running and not is_late:
        due = moment(shown.due_at) if shown.due_at else ""
        return _("Due {due}: {used} of {limit} used, {left} left.", "{due}到期：已用{used}，限时{limit}，剩余{left}。", due=due, used=used, limit=limit, left=left)
    if shown.is_running:
        return _("Late by {left}: {used} used, the limit is {limit}.", "已超时{left}：已用{used}，限时{limit}。", left=left, used=used, limit=limit)
    if is_late:
        return _("Late by {left}, stands still ({why}): {used} used, the limit is {limit}.", "已超时{left}，现已停表（{why}）：已用{used}，限时{limit}。",
                 left=left, why=why, used=used, limit=limit)
    return _("Stands still ({why}): {used} of {limit} used, {left} left.", "停表（{why}）：已用{used}，限时{limit}，剩余{left}。",
             why=why, used=used, limit=limit, left=left)


def _rule(one: Clock) -> Text:
    start, limit = moment(one.start), span(one.limit)
    if one.calendar is None:
        return _("{limit} from {start} on, around the clock.", "自{start}起限时{limit}，全天候计时。", start=start, limit=limit)
    return _("{limit} from {start} on, in the hours of {calendar}.", "自{start}起限时{limit}，按“{calendar}”的时间计时。",
             start=start, limit=limit, calendar=one.calendar.name)


def _segments(shown: Reading, limit: timedelta, names: Names) -> Iterator[Text]:
    for one in shown.segments:
        if one.limit != limit:
            limit = one.limit
            yield _("From {at} on the limit is {limit}; what was used stays used.", "自{at}起限时改为{limit}，已用时间不变。",
                    at=moment(one.start), limit=span(limit))
        yield _segment(one, names)


def _segment(one: Segment, names: Names) -> Text:
    start, end = moment(one.start), moment(one.end)
    if one.is_running:
        return _("{start} – {end}: ran, {used} counted.", "{start} – {end}：计时，计入{used}。", start=start, end=end, used=span(one.used))
    return _("{start} – {end}: stood still ({why}).", "{start} – {end}：停表（{why}）。", start=start, end=end, why=_reasons(one.reasons, names))


def _days(shown: Reading) -> Iterator[Text]:
    """The dates that did not count like their weekday; those in a row that are alike in one line."""
    rows: list[tuple[date, date, SpecialDay]] = []
    for day, special in shown.special:
        if rows and rows[-1][1] + _ONE_DAY == day and rows[-1][2] == special:
            rows[-1] = (rows[-1][0], day, special)
        else:
            rows.append((day, day, special))
    for first, last, special in rows:
        days = first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"
        hours = written(special.hours) if special.hours else _("closed", "不计时")
        yield _("{days} {name}: {kind}, {hours}.", "{days} {name}：{kind}，{hours}。", days=days, name=special.name, kind=special.kind.label, hours=hours)


def _notes(shown: Reading) -> Iterator[Text]:
    if shown.breached_at is not None:
        yield _("The limit was exceeded at {at}; that stays on record.", "已于{at}超时，记录保留。", at=moment(shown.breached_at))
    if shown.unpublished:
        yield _("The holidays of {years} are not published yet: those dates count by their weekdays alone.", "{years}年节假日安排尚未公布，暂按星期计算。",
                years=_years(shown))


def _years(shown: Reading) -> str:
    return ", ".join(map(str, shown.unpublished))


class _Several(tuple[Text | str, ...]):
    """Several words as one, in the reader's language."""

    __slots__ = ()

    def __str__(self) -> str:
        return series(self)


def _reasons(codes: tuple[str, ...], names: Names) -> _Several:
    return _Several(names.get(code, code) for code in codes if code)


def _share(part: timedelta, whole: timedelta) -> float:
    return part / whole * 100 if whole > ZERO else 100.0

