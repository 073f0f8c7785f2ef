"""Where a column of a file may go: to a field of its noun; in a flat layout to a field of one noun, or to that of several at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backoffice.declare.text import series
from backoffice.exchange.layouts import LayoutPlan, PartPlan
from backoffice.exchange.mapping import words
from backoffice.exchange.preparing import Target
from backoffice.plan import Field, Plan

Feeds = tuple[tuple[Plan, Field], ...]


@dataclass(frozen=True, eq=False)
class Goal:
    """A field that a column may go to. ``word`` is how the choices of a run call it; ``feeds`` are several where one column serves several nouns.

    ``aliases`` are the headers that a layout declares for it; ``fills``: it only completes what is empty, unless somebody chooses otherwise.
    """

    word: str
    feeds: Feeds
    is_flat: bool = False
    aliases: tuple[str, ...] = ()
    fills: bool = False

    @property
    def field(self) -> Field:
        """The field; of several the first, which is of the same kind as the others."""
        return self.feeds[0][1]

    @property
    def nouns(self) -> str:
        """The nouns that have it, as a heading of choices; nothing where the file has one noun only."""
        return series(plan.resource.plural for plan, _one in self.feeds) if self.is_flat else ""

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.nouns} · {self.field.label}" if self.is_flat else str(self.field.label)

    @property
    def is_shared(self) -> bool:
        """Whether the column serves several nouns."""
        return len(self.feeds) > 1

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """What it feeds, by name."""
        return _names(self.feeds)


def goals(target: Target) -> list[Goal]:
    """All goals of a file, in the order of declaration; those that serve several nouns behind the others."""
    if isinstance(target, Plan):
        return [Goal(one.word, ((target, one),)) for one in target.fields.values()]
    alone = [_alone(part, one) for part in target.parts for one in part.fields]
    return [*alone, *_shared(target)]


def _alone(part: PartPlan, one: Field) -> Goal:
    return Goal(
        f"{part.plan.name}.{one.word}", ((part.plan, one),), is_flat=True, aliases=part.part.headers.get(one.name, ()), fills=one.name in part.part.fills,
    )


def _shared(layout: LayoutPlan) -> Iterator[Goal]:
    """What several nouns understand alike, by the plain word of the field where that serves."""
    plain = (one.word for part in layout.parts for one in part.fields)
    seen: set[frozenset[tuple[str, str]]] = set()
    for word in dict.fromkeys((*plain, *(header for part in layout.parts for header in part.headers))):
        feeds = tuple((part.plan, one) for part, one in layout.of(word))
        if len(feeds) > 1 and _names(feeds) not in seen:
            seen.add(_names(feeds))
            yield Goal(word, feeds, is_flat=True)


def _names(feeds: Feeds) -> frozenset[tuple[str, str]]:
    return frozenset((plan.name, one.name) for plan, one in feeds)


def by_word(target: Target) -> dict[str, Goal]:
    """The goals by what the choices of a run call them; a field of a noun also by its name."""
    found = {one.word: one for one in goals(target)}
    names = {one.field.name: one for one in found.values()} if isinstance(target, Plan) else {}
    return {**found, **names}


def by_header(target: Target) -> Mapping[str, Goal]:
    """Every folded header that is understood."""
    if isinstance(target, Plan):
        known = by_word(target)
        return {header: known[word] for header, (_field, word) in words(target).items()}
    fed = {one.names: one for one in goals(target)}
    headers = dict.fromkeys(header for part in target.parts for header in part.headers)
    return {header: fed[frozenset((part.plan.name, one.name) for part, one in target.of(header))] for header in headers}
