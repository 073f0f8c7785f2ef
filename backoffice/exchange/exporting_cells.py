"""From stored values to cells, a column at a time: the same texts that the kinds write, made without a call per value where that is known to be the same."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Boolean, Date, Enum, Integer, String, cast, func, type_coerce

from backoffice.declare import Kind, clock
from backoffice.declare.columns import Cents, Utc
from backoffice.declare.kinds import Amount, Calendar, Instant, Selection, Truth, Verbatim, Whole
from backoffice.exchange.formats.shape import Shape

Cells = Sequence[Any]
Make = Callable[[Cells], Cells]


@dataclass(frozen=True)
class Source:
    """Where the cells of a column come from: an expression to select, and what makes cells of its values."""

    shape: Shape
    expression: Any
    make: Make | None = None


def masked(kind: Kind, column: Any) -> Source:
    """Only masks of the values."""
    return Source(Shape.TEXT, column, each(kind.mask))


def written(kind: Kind, column: Any, column_type: Any, dialect: str) -> Source:
    """The values as ``kind.write`` writes them; numbers as numbers."""
    own = type(kind).write
    if kind.numeric:
        return _number(kind, column, column_type, dialect)
    if own is Calendar.write and type(column_type) is Date:
        return Source(Shape.DAY, type_coerce(column, String) if dialect == "sqlite" else func.to_char(column, "YYYY-MM-DD"))
    if own is Instant.write and type(column_type) is Utc:
        return _moment(column, dialect)
    if own is Selection.write and type(column_type) is Enum:
        return Source(Shape.TEXT, type_coerce(column, String))
    if own is Truth.write and type(column_type) is Boolean:
        return Source(Shape.TEXT, type_coerce(column, Integer), words({True: "yes", False: "no"}))
    shape = Shape.LONG if isinstance(kind, Verbatim) else Shape.TEXT
    if own is Kind.write and isinstance(column_type, String) and not isinstance(column_type, Enum):
        return Source(shape, column)
    return Source(shape, column, each(kind.write))


def labeled(kind: Kind, column: Any, column_type: Any) -> Source | None:
    """The values of a choice as people read them; None for a kind whose values are written one way only."""
    if isinstance(kind, Selection) and type(column_type) is Enum:
        return Source(Shape.TEXT, type_coerce(column, String), words({one.value: kind.show(one) for one in kind.members}))
    if isinstance(kind, Truth) and type(column_type) is Boolean:
        return Source(Shape.TEXT, type_coerce(column, Integer), words({True: kind.show(True), False: kind.show(False)}))
    return Source(Shape.TEXT, column, each(kind.show)) if isinstance(kind, Selection | Truth) else None


def each(function: Callable[[Any], Any]) -> Make:
    """Apply a function to what is not empty."""
    return lambda values: [None if value is None else function(value) for value in values]


def words(known: dict[Any, str]) -> Make:
    """The word for each value; what is not known stays."""
    return lambda values: [known.get(value, value) for value in values]


def _number(kind: Kind, column: Any, column_type: Any, dialect: str) -> Source:
    if isinstance(kind, Amount) and type(column_type) is Cents:
        if dialect == "sqlite":
            return Source(Shape.AMOUNT, type_coerce(column, BigInteger), cents)
        return Source(Shape.AMOUNT, cast(column, String))
    if isinstance(kind, Whole):
        return Source(Shape.WHOLE, column)
    return Source(Shape.AMOUNT, column, each(lambda value: str(value) if isinstance(value, Decimal) else value))


def cents(values: Cells) -> Cells:
    """Amounts of counts of cents."""
    return [None if value is None else f"{value // 100}.{value % 100:02}" if value >= 0 else f"-{-value // 100}.{-value % 100:02}" for value in values]


def _moment(column: Any, dialect: str) -> Source:
    if dialect == "sqlite":
        return Source(Shape.MOMENT, type_coerce(column, String), Hours(clock.zone()).local)
    stamp = func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS")
    return Source(Shape.MOMENT, stamp, Hours(clock.zone()).local)


class Irregular(Exception):
    """In this hour the zone is off by something else than whole hours all the time."""


class Hours(dict[str, str]):
    """The hours of UTC, ``2026-11-21 06``, as hours of a zone; each is worked out once."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone

    def __missing__(self, hour: str) -> str:
        first = datetime.fromisoformat(f"{hour}:00:00").replace(tzinfo=UTC)
        start, end = (moment.astimezone(self.zone) for moment in (first, first + timedelta(minutes=59, seconds=59)))
        if (start.minute, start.second, end.minute, end.second) != (0, 0, 59, 59) or start.hour != end.hour:
            raise Irregular
        return self.setdefault(hour, f"{start:%Y-%m-%d %H}")

    def local(self, stamps: Cells) -> Cells:
        """Stored moments (``2026-11-21 06:30:15.000000``) as the kind of moments writes them: without seconds where there are none."""
        try:
            return [None if stamp is None else (self[stamp[:13]] + stamp[13:19]).removesuffix(":00") for stamp in stamps]
        except Irregular:
            return each(functools.partial(_one_by_one, zone=self.zone))(stamps)


def _one_by_one(stamp: str, zone: ZoneInfo) -> str:
    local = datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC).astimezone(zone)
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")
