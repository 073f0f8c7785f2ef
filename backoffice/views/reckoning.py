"""What a report counts: one query for each table, added up in the database; the shares are worked out here.

Shares are rounded half up, in decimal arithmetic. Those of several rows together are pooled: all that met it over all that could.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from backoffice.declare import Mean, Model, Share, Tally, _
from backoffice.views.figures import AnyFigure
from backoffice.views.splits import Below, Split


@dataclass(frozen=True)
class Sum:
    """What a figure comes to: how many records could be judged, and how many met it; of a mean the seconds of all of them."""

    figure: AnyFigure
    of: int
    met: int

    @property
    def percent(self) -> int | None:
        """Of a share; None where there is no case."""
        return rounded(self.met * 100, self.of) if self.of and isinstance(self.figure, Share) else None

    @property
    def rest(self) -> int:
        """How many did not meet it."""
        return self.of - self.met

    @property
    def words(self) -> str:
        """As people read it; a dash where there is no case, which is another thing than none of many."""
        if isinstance(self.figure, Tally):
            return f"{self.of:,}"
        if not self.of:
            return "–"
        return duration(rounded(self.met, self.of * 60)) if isinstance(self.figure, Mean) else f"{self.percent}%"


@dataclass(frozen=True)
class Reckoned:
    """The records of one value (None: without any): how many they are, and what each figure comes to."""

    value: Any
    count: int
    sums: tuple[Sum, ...]


def rounded(number: int, by: int) -> int:
    """The quotient, half up: 2 of 16 are 13 percent."""
    return int((Decimal(number) / by).quantize(Decimal(1), ROUND_HALF_UP))


def duration(minutes: int) -> str:
    """Minutes in words: 45 min, 2 h 05 min, 3 d 4 h."""
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return str(_("{days} d {hours} h", days=hours // 24, hours=hours % 24))
    return str(_("{hours} h {minutes} min", hours=hours, minutes=f"{rest:02}") if hours else _("{minutes} min", minutes=minutes))


def whole(session: Session, model: type[Model], rows: Select[Any], figures: Sequence[AnyFigure]) -> Reckoned:
    """All rows together."""
    return _reckoned(figures, None, *session.execute(_added(_flagged(model, rows, figures, (model,)))).one())


def told_apart(session: Session, split: Split, rows: Select[Any], figures: Sequence[AnyFigure], most: int) -> list[Reckoned]:
    """The rows of each value, those with most records first; at most so many and one more."""
    spread, value = split.spread(rows)
    model = split.plan.model
    is_below = isinstance(split, Below)
    flagged = _flagged(model, spread, figures, (model, value) if is_below else (model,), value)
    return _grouped(session, figures, flagged.distinct() if is_below else flagged, most)


def by_number(session: Session, model: type[Model], rows: Select[Any], figures: Sequence[AnyFigure], number: ColumnElement[int]) -> dict[int, Reckoned]:
    """The rows by a number of each."""
    return {one.value: one for one in _grouped(session, figures, _flagged(model, rows, figures, (model,), number), None)}


def _flagged(model: type[Model], rows: Select[Any], figures: Sequence[AnyFigure], about: tuple[Any, ...], value: Any = None) -> Select[Any]:
    """For each row its value, and for each figure two numbers to be added up."""
    columns = [] if value is None else [value.label("value")]
    for at, one in enumerate(figures):
        columns += [column.label(f"{name}{at}") for name, column in zip("ab", _numbers(one, about), strict=False)]
    return rows.with_only_columns(model.id.label("id"), *columns, maintain_column_froms=True)


def _numbers(one: AnyFigure, about: tuple[Any, ...]) -> Iterator[ColumnElement[Any]]:
    if isinstance(one, Tally):
        yield case((one.where(*about), 1), else_=0)
        return
    of = one.of(*about)
    yield case((of, 1), else_=0)
    yield case((of, one.seconds(*about)), else_=0) if isinstance(one, Mean) else case((and_(of, one.met(*about)), 1), else_=0)


def _added(flagged: Select[Any], *first: str) -> Select[Any]:
    inside = flagged.subquery()
    sums = [func.coalesce(func.sum(column), 0) for column in inside.c if column.name not in ("id", "value")]
    return select(*(inside.c[name] for name in first), func.count(), *sums).select_from(inside).group_by(*(inside.c[name] for name in first))


def _grouped(session: Session, figures: Sequence[AnyFigure], flagged: Select[Any], most: int | None) -> list[Reckoned]:
    query = _added(flagged, "value")
    value = next(iter(query.selected_columns))
    query = query.order_by(func.count().desc(), value.is_(None), value).limit(None if most is None else most + 1)
    return [_reckoned(figures, *row) for row in session.execute(query)]


def _reckoned(figures: Sequence[AnyFigure], value: Any, count: int, *numbers: int) -> Reckoned:
    left = iter(numbers)
    pairs = ((one, int(next(left)), 0 if isinstance(one, Tally) else int(next(left))) for one in figures)
    return Reckoned(value, count, tuple(Sum(*pair) for pair in pairs))
