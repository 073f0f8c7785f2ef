"""Places on a timeline: between which rows a page ends, and how that stands in an address."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, tuple_

from backoffice.declare import _, clock
from backoffice.declare.kinds import Instant
from backoffice.errors import BadRequest
from backoffice.plan import Field
from backoffice.views.common import LARGEST, clipped

LONGEST = 200
EARLIEST, LATEST = 1900, 2200  # years that somebody may ask for


@dataclass(frozen=True)
class Spot:
    """Where a row stands: its moment, its kind and its id."""

    at: datetime
    rank: int
    number: int


def behind(field: Field, column: Any, number: Any, rank: int, spot: Spot) -> ColumnElement[bool]:
    """The rows that stand behind a spot. At one moment the kinds stand in the order of the menu."""
    value: Any = spot.at
    if not isinstance(field.kind, Instant):
        value = spot.at.astimezone(clock.zone()).date()
        if moment_of(value) != spot.at:
            return column <= value  # type: ignore[no-any-return]  # a condition: the day began before the spot
    if rank == spot.rank:
        return tuple_(column, number) < (value, spot.number)
    return column <= value if rank > spot.rank else column < value  # type: ignore[no-any-return]  # a condition


def moment_of(value: date | datetime) -> datetime:
    """A day begins at midnight of the house."""
    return value if isinstance(value, datetime) else datetime.combine(value, time.min, clock.zone()).astimezone(UTC)


def written(spot: Spot) -> str:
    """The spot as text of an address."""
    plain = json.dumps([spot.at.astimezone(UTC).isoformat(), spot.rank, spot.number], separators=(",", ":"))
    return "~" + base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def spot_at(text: str | None) -> Spot | None:
    """The spot that an address names, if it names one; raises :class:`BadRequest` for what is none."""
    if not text:
        return None
    try:
        if not text.startswith("~") or len(text) > LONGEST:
            raise ValueError
        at, rank, number = json.loads(base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not EARLIEST < moment.year < LATEST or type(rank) is not int or type(number) is not int:
            raise ValueError
        if abs(rank) > LARGEST or abs(number) > LARGEST:
            raise ValueError
        return Spot(moment.astimezone(UTC), rank, number)
    except (ValueError, TypeError, ArithmeticError, RecursionError, binascii.Error) as problem:
        raise BadRequest(_("“{text}” is no page number.", text=clipped(text))) from problem
