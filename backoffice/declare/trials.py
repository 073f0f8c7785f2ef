"""A trial: what a record would change for others, worked out on those of a period. Nothing is written.

A noun says it in ``Resource(trial=Trial(…))``; its page is at ``/<resource>/<id>/trial``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from backoffice.declare.text import Text


@dataclass(frozen=True)
class Effect:
    """One line of the table: how many records it is true of now, and with the record that is tried. Lines of one heading stand together."""

    heading: Text
    label: Text
    now: int
    then: int


@dataclass(frozen=True)
class Change:
    """One record for which something is different: what, when it happens now, and when it would (None where it does not)."""

    id: int
    name: str
    parts: tuple[tuple[Text, datetime | None, datetime | None], ...]


@dataclass(frozen=True)
class Tried:
    """What a trial came to: on how many records, what is counted, for how many anything is different, and the first of these."""

    count: int
    effects: tuple[Effect, ...] = ()
    different: int = 0
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Trial:
    """Tries a record on those of the noun ``of``; ``at`` is their day or moment that places them in the period, last month unless another is asked for.

    ``run`` gets the record and a query of the numbers of those that the person may read. ``changes`` says in words what is tried, and
    ``assumes`` what is taken for granted. More than ``most`` records are not tried at once.
    """

    title: Text
    of: str
    at: str
    run: Callable[[Any, Select[Any]], Tried]
    changes: Callable[[Any], Iterable[Text]]
    assumes: tuple[Text, ...] = ()
    most: int = 10_000
    icon: str = "clock-history"
