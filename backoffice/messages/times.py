"""When mails may reach a person: quiet hours, and the hour of the daily digest."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from backoffice.declare import clock
from backoffice.messages.tables import MessageTimes

_WALL = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def minutes(text: str) -> int | None:
    """Minutes since midnight of a time such as 07:30; None for what is none."""
    found = _WALL.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


def on_the_wall(minute: int) -> str:
    """The time of so many minutes since midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"


def quiet_until(times: MessageTimes, now: datetime) -> datetime | None:
    """When the person's quiet hours end, if it is quiet now."""
    start, end, minute = times.quiet_from, times.quiet_until, _minute(now)
    is_quiet = start <= minute < end if start <= end else minute >= start or minute < end
    if not is_quiet:
        return None
    return _at(now, end, 1 if minute >= end else 0)


def last_digest(times: MessageTimes, now: datetime) -> datetime:
    """When the latest digest of the person was due."""
    return _at(now, times.digest_at, 0 if _minute(now) >= times.digest_at else -1)


def _minute(moment: datetime) -> int:
    local = moment.astimezone(clock.zone())
    return local.hour * 60 + local.minute


def _at(now: datetime, minute: int, days: int) -> datetime:
    day = now.astimezone(clock.zone()).date() + timedelta(days=days)
    return datetime.combine(day, time(minute // 60, minute % 60), clock.zone())
