"""The only place that asks what time it is, and in which zone people read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)
_zone: ContextVar[ZoneInfo] = ContextVar("zone", default=ZoneInfo("Asia/Shanghai"))


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _stopped.get() or datetime.now(UTC)


def today() -> date:
    """The date on the wall of the people who work here."""
    return now().astimezone(zone()).date()


def zone() -> ZoneInfo:
    """The zone that moments without an offset are read and shown in."""
    return _zone.get()


def set_zone(name: str) -> None:
    """Read and show moments in this zone from now on, in this context."""
    _zone.set(ZoneInfo(name))


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Let ``now()`` answer one moment for the length of a block (seeds, replays, tests)."""
    token = _stopped.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _stopped.reset(token)
