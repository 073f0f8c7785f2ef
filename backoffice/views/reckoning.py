"""What a report counts: added up in the database, where each row is looked at once for all tables; the shares are worked out here.

Shares are rounded half up, in decimal arithmetic. Those of several rows together are pooled: all that met it over all that could.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, String, case, cast, func, literal_column, null, select, union_all
from sqlalchemy.orm import Session

from backoffice.declare import Mean, Model, Share, Tally, _
from backoffice.views.figures import AnyFigure
from backoffice.views.splits import Below


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
    """The records of one value, written as in an address (None: without any): how many they are, and what each figure comes to."""

    value: str | None
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


@dataclass(frozen=True)
class Question:
    """By what rows are told apart, as a text, and how many of its values are of interest: those with most rows, and one more."""

    value: ColumnElement[Any]
    most: int | None = None


def reckon(
    session: Session, model: type[Model], rows: Select[Any], figures: Sequence[AnyFigure], questions: Sequence[Question],
) -> tuple[Reckoned, list[list[Reckoned]]]:
    """All rows together, and an answer to each question."""
    values = [one.value.label(f"v{at}") for at, one in enumerate(questions)]
    flagged = _once(_flagged(model, rows, figures, (model,), values))
    parts = [_added(flagged, literal_column("-1"), cast(null(), String))]
    parts += [_most(_added(flagged, literal_column(str(at)), flagged.c[f"v{at}"], is_grouped=True), one.most) for at, one in enumerate(questions)]
    answers: list[list[Reckoned]] = [[] for _one in (*questions, None)]
    for which, *row in session.execute(union_all(*parts)):
        answers[which].append(_reckoned(figures, *row))
    *told, whole = (sorted(one, key=_rank) for one in answers)
    return whole[0], told


def per_value(session: Session, split: Below, rows: Select[Any], figures: Sequence[AnyFigure], most: int) -> list[Reckoned]:
    """The rows of each value of their children; the figures are asked about each pair of a row and a value, once."""
    model = split.plan.model
    spread, value = split.spread(rows)
    pairs = spread.with_only_columns(model.id.label("id"), value.label("value"), maintain_column_froms=True).distinct().subquery()
    paired = select(model).join(pairs, pairs.c.id == model.id)
    flagged = _once(_flagged(model, paired, figures, (model, pairs.c.value), [split.text(pairs.c.value).label("v0")]))
    query = _most(_added(flagged, literal_column("0"), flagged.c.v0, is_grouped=True), most)
    return sorted((_reckoned(figures, *row) for _which, *row in session.execute(query)), key=_rank)


def _once(flagged: Select[Any]) -> CTE:
    """The flags, put down before they are added up; otherwise SQLite asks the conditions again for each sum."""
    return flagged.cte("flagged").prefix_with("MATERIALIZED")


def _rank(one: Reckoned) -> tuple[int, bool, str]:
    return -one.count, one.value is None, one.value or ""


def _flagged(model: type[Model], rows: Select[Any], figures: Sequence[AnyFigure], about: tuple[Any, ...], values: Sequence[Any]) -> Select[Any]:
    """For each row its values, and for each figure two numbers to be added up."""
    columns = list(values)
    for at, one in enumerate(figures):
        columns += [column.label(f"{name}{at}") for name, column in zip("ab", _numbers(one, about), strict=False)]
    return rows.with_only_columns(model.id.label("id"), *columns, maintain_column_froms=True)


def _numbers(one: AnyFigure, about: tuple[Any, ...]) -> Iterator[ColumnElement[Any]]:
    if isinstance(one, Tally):
        yield case((one.where(*about), 1), else_=0)
        return
    of = one.of(*about)
    yield case((of, 1), else_=0)
    yield case((of, one.seconds(*about)), else_=0) if isinstance(one, Mean) else case((one.met(*about), 1), else_=0)


def _added(flagged: Any, which: ColumnElement[Any], value: ColumnElement[Any], *, is_grouped: bool = False) -> Select[Any]:
    sums = [func.coalesce(func.sum(_judged(flagged.c, column)), 0).label(column.name) for column in flagged.c if column.name[0] in "ab"]
    query = select(which.label("which"), value.label("value"), func.count().label("n"), *sums).select_from(flagged)
    return query.group_by(value) if is_grouped else query


def _judged(columns: Any, one: Any) -> ColumnElement[Any]:
    """The second number of a figure counts only where the first says so; each condition is asked once."""
    return one * columns["a" + one.name[1:]] if one.name[0] == "b" else one  # type: ignore[no-any-return]  # a column


def _most(added: Select[Any], most: int | None) -> Select[Any]:
    """The values with most rows."""
    _which, value, number, *_sums = added.selected_columns
    first = added.order_by(number.desc(), value.is_(None), value).limit(None if most is None else most + 1).subquery()
    return select(first)


def _reckoned(figures: Sequence[AnyFigure], value: str | None, count: int, *numbers: int) -> Reckoned:
    left = iter(numbers)
    pairs = ((one, int(next(left)), 0 if isinstance(one, Tally) else int(next(left))) for one in figures)
    return Reckoned(value, count, tuple(Sum(*pair) for pair in pairs))
