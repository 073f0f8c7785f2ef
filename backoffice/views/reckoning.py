"""What a report counts: added up in the database, where each row is looked at once for all tables; the shares are worked out here.

Shares are rounded half up, in decimal arithmetic. Those of several rows together are pooled: all that met it over all that could.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Select, String, case, cast, func, literal, literal_column, null, select, union_all
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
    parts = [_added(flagged, literal_column("-1"), figures)]
    parts += [_most(_added(flagged, literal_column(str(at)), figures, flagged.c[f"v{at}"]), one.most) for at, one in enumerate(questions)]
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
    query = _most(_added(flagged, literal_column("0"), figures, flagged.c.v0), most)
    return sorted((_reckoned(figures, *row) for _which, *row in session.execute(query)), key=_rank)


def _once(flagged: Select[Any]) -> CTE:
    """The flags, put down before they are added up; otherwise SQLite asks the conditions again for each sum."""
    return flagged.cte("flagged").prefix_with("MATERIALIZED")


def _rank(one: Reckoned) -> tuple[int, bool, str]:
    return -one.count, one.value is None, one.value or ""


def _flagged(model: type[Model], rows: Select[Any], figures: Sequence[AnyFigure], about: tuple[Any, ...], values: Sequence[Any]) -> Select[Any]:
    """For each row its values, what it meets as the bits of one number, and the seconds of each mean."""
    bits = (case((condition, literal(bit, BigInteger)), else_=0) for bit, condition in _conditions(figures, about))
    seconds = [one.seconds(*about).label(f"s{at}") for at, one in enumerate(figures) if isinstance(one, Mean)]
    return rows.with_only_columns(model.id.label("id"), *values, sum(bits, literal(0, BigInteger)).label("met"), *seconds, maintain_column_froms=True)


def _conditions(figures: Sequence[AnyFigure], about: tuple[Any, ...]) -> Iterator[tuple[int, ColumnElement[bool]]]:
    for at, one in enumerate(figures):
        could, did = _bits(at)
        yield could, one.where(*about) if isinstance(one, Tally) else one.of(*about)
        if isinstance(one, Share):
            yield did, one.met(*about)


def _bits(at: int) -> tuple[int, int]:
    """Of a figure: the bit of the rows that count, and that of those that met it."""
    return 1 << 2 * at, 2 << 2 * at


def _added(flagged: Any, which: ColumnElement[Any], figures: Sequence[AnyFigure], value: Any = None) -> Select[Any]:
    """Rows that meet the same are counted together first: a million rows differ in little, and each is added to two sums instead of to all."""
    seconds = [func.sum(column).label(column.name) for column in flagged.c if column.name[0] == "s"]
    told = [] if value is None else [value.label("value")]
    alike = select(*told, flagged.c.met, func.count().label("n"), *seconds).group_by(flagged.c.met, *([] if value is None else [value])).subquery()
    sums = [func.coalesce(func.sum(column), 0).label(f"sum{place}") for place, column in enumerate(_sums(figures, alike.c))]
    one = cast(null(), String).label("value") if value is None else alike.c.value
    query = select(which.label("which"), one, func.coalesce(func.sum(alike.c.n), 0).label("n"), *sums)
    return query if value is None else query.group_by(one)


def _sums(figures: Sequence[AnyFigure], alike: Any) -> Iterator[ColumnElement[Any]]:
    """For each figure the rows that count; of a share those that met it too, of a mean their seconds."""
    for at, one in enumerate(figures):
        could, did = _bits(at)
        yield _where(alike.met, could, alike.n)
        if isinstance(one, Share):
            yield _where(alike.met, could | did, alike.n)
        elif isinstance(one, Mean):
            yield _where(alike.met, could, alike[f"s{at}"])


def _where(met: Any, bits: int, column: Any) -> ColumnElement[Any]:
    return case((met.bitwise_and(bits) == bits, column), else_=0)


def _most(added: Select[Any], most: int | None) -> Select[Any]:
    """The values with most rows."""
    _which, value, number, *_sums = added.selected_columns
    first = added.order_by(number.desc(), value.is_(None), value).limit(None if most is None else most + 1).subquery()
    return select(first)


def _reckoned(figures: Sequence[AnyFigure], value: str | None, count: int, *numbers: int) -> Reckoned:
    left = iter(numbers)
    pairs = ((one, int(next(left)), 0 if isinstance(one, Tally) else int(next(left))) for one in figures)
    return Reckoned(value, count, tuple(Sum(*pair) for pair in pairs))
