"""A report of a noun: what is counted of its records, and by what they are told apart.

A noun says it in ``Resource(report=Report(…))``; its page is at ``/<resource>/report``. Each figure there opens the list of
exactly the records that it counts, because list and report ask the same conditions.

A condition is a function of the noun, and returns what a row must meet: ``lambda loan: loan.returned_at.is_not(None)``.
The conditions of a :class:`Per` get a value beside it: the one whose records are counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement

from backoffice.declare.text import Text

Clause = Callable[..., ColumnElement[Any]]
"""From the noun (and a value, in a :class:`Per`) to a condition on its rows, or to an amount of them."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Something that is told of many records.

    ``name`` stands in the address of the list. ``tells`` are the fields that it is made of: whoever does not see one of them does not
    see the figure. ``help`` says how it is counted.
    """

    name: str
    label: Text
    help: Text | None = None
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tally(Figure):
    """How many records meet ``where``; told once, for all of them."""

    where: Clause


@dataclass(frozen=True, kw_only=True)
class Share(Figure):
    """How many of the records ``of`` that can be judged meet a condition, in percent.

    ``words`` say, short, how those that meet it are called, and the others.
    """

    of: Clause
    met: Clause
    words: tuple[Text, Text]


@dataclass(frozen=True, kw_only=True)
class Mean(Figure):
    """The mean of a duration over the records ``of``; ``seconds`` is how long each took."""

    of: Clause
    seconds: Clause


@dataclass(frozen=True)
class By:
    """Tells records apart by a field, over a link with a dot: ``By("reader.branch")``. ``label`` unless that of the field will do."""

    path: str
    label: Text | None = None


@dataclass(frozen=True)
class Per:
    """Tells records apart by a field of their children: ``Per("loans.state", …)``. A record with several values counts under each.

    The conditions of its ``figures`` get the value: whether *this* stage was in time, say.
    """

    path: str
    label: Text
    figures: tuple[Share | Mean, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a noun's report tells of the records of a period, and by what it tells them apart.

    ``at`` is the day or moment that places a record in a period; without a period the last ``weeks`` are told. ``filters`` are
    fields by which the page narrows them. ``notes`` say what the figures leave out.
    """

    title: Text
    at: str
    figures: tuple[Tally | Share | Mean, ...]
    by: tuple[By | Per, ...] = ()
    filters: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()
    weeks: int = 13
    icon: str = "bar-chart"
    every: tuple[Tally | Share | Mean, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        inside = (one for by in self.by if isinstance(by, Per) for one in by.figures)
        object.__setattr__(self, "every", (*self.figures, *inside))
