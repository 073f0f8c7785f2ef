"""``flask clock FILE``: answers due moments and spans of a file of cases by the workdays of a calendar; the file says the hours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.declare import Invalid, Number, Text, _, clock, command
from models.calendars import WorkCalendar, opening
from models.opening import Calendar, Hours, NeverOpen, SpecialDay
from models.types import hours_of

WORKDAYS = "CN-WORKDAYS"
MINUTE = timedelta(minutes=1)
LONGEST = 10_000_000
"""Minutes: some twenty years."""


class Answers(dict[str, Any]):
    """The answers as JSON; as text one a line."""

    def __str__(self) -> str:
        return "\n".join(str(one["result"]) for one in self["cases"])


@command("clock")
def answer(session: Session, file: str, *, calendar: Number | None = None) -> Answers:
    """Answer the cases of FILE: when so many open minutes are over, or how many lie between two moments. Workdays are those of a calendar (CN-WORKDAYS)."""
    told = _read(Path(file))
    code = calendar or WORKDAYS
    record = session.scalars(select(WorkCalendar).where(WorkCalendar.code == code, WorkCalendar.archived_at.is_(None))).first()
    if record is None:
        raise Invalid("unknown_calendar", _("There is no calendar “{code}”. Load the reference data first.", "没有日历“{code}”，请先导入基础数据。", code=code))
    zone = _zone(told)
    calendars = {name: _with_hours(opening(record), hours, zone) for name, hours in _hours(told)}
    return Answers(cases=[{"result": _result(number, case, calendars, zone)} for number, case in enumerate(_cases(told), start=1)])


def _read(path: Path) -> Mapping[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError:
        raise Invalid("not_json", _("The file holds no JSON.", "文件内容不是 JSON。")) from None
    if not isinstance(told, dict):
        raise _wrong(_("the file", "文件"))
    return told


def _cases(told: Mapping[str, Any]) -> list[Any]:
    cases = told.get("cases")
    if not isinstance(cases, list):
        raise _wrong(_("“cases”", "“cases”"))
    return cases


def _zone(told: Mapping[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(told["timezone"]) if "timezone" in told else clock.zone()
    except (ValueError, OSError, TypeError, KeyError):  # what ZoneInfo says of a name that is none
        raise _wrong(_("“timezone”", "“timezone”")) from None


def _hours(told: Mapping[str, Any]) -> Iterator[tuple[str, Hours]]:
    try:
        written = {name: " ".join(f"{start}-{end}" for start, end in spans) for name, spans in told["hours"].items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _wrong(_("“hours”", "“hours”")) from None
    return ((name, hours_of(text)) for name, text in written.items())


def _with_hours(calendar: Calendar, hours: Hours, zone: ZoneInfo) -> Calendar:
    """The same workdays, each with these hours."""
    days = {on: SpecialDay(day.kind, hours if day.hours else (), day.name) for on, day in calendar.days.items()}
    return Calendar([hours if one else () for one in calendar.week], days, calendar.years, zone)


def _result(number: int, case: Any, calendars: Mapping[str, Calendar], zone: ZoneInfo) -> str | int:
    try:
        calendar, start = calendars[case["hours"]], _moment(case["start"], zone)
        kind = case.get("kind", "elapsed" if "end" in case else "due")
        if kind == "elapsed":
            return calendar.between(start, _moment(case["end"], zone)) // MINUTE
        minutes = case["business_minutes"]
        if kind != "due" or not isinstance(minutes, int) or not 0 <= minutes <= LONGEST:
            raise ValueError(kind, minutes)
        return calendar.add(start, minutes * MINUTE).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    except NeverOpen:
        raise Invalid("never_open", _("Case {number}: its hours never open.", "第{number}个案例：没有任何开门时间。", number=number)) from None
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _wrong(_("case {number}", "第{number}个案例", number=number)) from None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _wrong(what: Text) -> Invalid:
    return Invalid("invalid_cases", _("This is not a file of cases: look at {what}.", "这不是案例文件：请检查{what}。", what=what))
