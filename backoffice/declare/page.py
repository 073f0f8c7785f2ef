"""The page of a record as a whole picture: its head, what to beware of, its story, and what one begins from there.

A noun says in ``Resource(page=Page(…))`` how its own page begins. What other nouns have to tell there they
say themselves: ``alerts=`` and ``timeline=`` of their own ``Resource`` name the links by which they belong to
it. So a new noun joins the pages of others without a line in their files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement

from backoffice.declare.choice import Tone
from backoffice.declare.text import Text

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Begin:
    """A button that opens the form of a new record of ``children``, with the link back filled in.

    ``fills`` fills in further links of the new record from those of this one: ``Begin("loans", payer="guardian")``
    lets a new loan be paid by this record's guardian.
    """

    children: str
    fills: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def __init__(self, children: str, **fills: str) -> None:
        object.__setattr__(self, "children", children)
        object.__setattr__(self, "fills", MappingProxyType(fills))


@dataclass(frozen=True)
class Page:
    """The head of a record's page, and a timeline below it.

    ``badges`` are fields shown beside the name, ``facts`` those that one wants to see first. ``first`` are
    children that stand above the timeline, ``begin`` what is begun from here.
    """

    badges: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    begin: tuple[Begin, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that it speaks of."""
        return (*self.badges, *self.facts)


@dataclass(frozen=True)
class Alert:
    """Records that whoever looks at what they belong to must know of: an open case of its owner.

    ``of`` are links, over links with a dot, to the records on whose pages it stands; with ``itself`` it stands on the
    record's own page, too. ``where`` gives, for the person, the condition on the rows; ``says`` are fields told beside it.
    """

    label: Text
    where: Callable[[Any], ColumnElement[bool]]
    of: tuple[str, ...] = ()
    tone: Tone = "warn"
    says: tuple[str, ...] = ()
    itself: bool = False


@dataclass(frozen=True)
class Meter:
    """How much of something is used up, as a bar and a sentence on the page of a record: of a limit, of a budget.

    ``percent`` of the whole, over 100 where more was used. ``parts`` are the pieces that it came in, in percent, with a gap
    between them on the bar (one piece unless given); ``marks`` are percents where a line is drawn. ``lines`` tell what counted.
    It is shown to whoever sees ``field``, where it names one.
    """

    label: Text
    percent: int
    says: Text
    tone: Tone = "info"
    lines: tuple[Text, ...] = ()
    parts: tuple[float, ...] = ()
    marks: tuple[int, ...] = ()
    field: str | None = None


@dataclass(frozen=True)
class Timeline:
    """Records of the noun stand on the timelines of the records that these links lead to, over links with a dot.

    ``at`` is the day or moment where they stand; of several the first that is filled in. The last one is never empty.
    ``shows`` are fields told of each (the columns of the list unless given). ``label`` names the kind (the plural unless given).
    """

    of: tuple[str, ...]
    at: tuple[str, ...]
    shows: tuple[str, ...] = ()
    label: Text | None = None
