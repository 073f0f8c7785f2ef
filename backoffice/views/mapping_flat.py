"""The page about columns, for a flat layout: what the file tells of each noun, found by the same code that takes the file apart afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from backoffice.declare import Text, _
from backoffice.declare.text import series
from backoffice.exchange import guessing
from backoffice.exchange.layouts import LayoutPlan
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.splitting import PartTable, Split
from backoffice.exchange.surveying import Survey
from backoffice.plan import Field, Plan
from backoffice.views.mapping_form import labels, needed, no_rows


@dataclass(frozen=True)
class Told:
    """One noun that the file tells of: what its records are found by, the columns of that, what new ones lack, and what is given for all lines.

    There are no ``places`` where something else than a column of the file belongs to the key.
    """

    plan: Plan
    keys: tuple[Field, ...]
    places: tuple[tuple[int, Field], ...]
    lacking: tuple[Field, ...]
    given: frozenset[str]


def told(person: Any, layout: LayoutPlan, survey: Survey, options: Options) -> list[Told]:
    """The nouns that the file tells of; raises :class:`Unreadable` where it cannot mean one thing."""
    table = SimpleNamespace(headers=[one.header for one in survey.columns], header_line=survey.header_line)
    split = Split(person, layout, table, options)
    try:
        return [_told(person, part) for part in split.parts]
    finally:
        split.close()


def _told(person: Any, part: PartTable) -> Told:
    sources = {source.field.name: source for source in part.sources}
    places = tuple((sources[one.name].place, one) for one in part.keys)
    from_columns = {name for name, source in sources.items() if source.place >= 0}
    return Told(
        part.plan, part.keys, places if all(place >= 0 for place, _field in places) else (), tuple(_lacking(person, part.plan, sources)),
        frozenset(one.word for one in part.part.fields if one.name not in from_columns),
    )


def _lacking(person: Any, plan: Plan, there: Collection[str]) -> Iterator[Field]:
    """What a new record still needs; one that brings what only actions fill is history, which may lack more."""
    mine = (one.name for one in guessing.writable(person, plan) if one.locked and one not in plan.key)
    is_history = any(name in there for name in mine)
    return (one for one in needed(plan) if one.name not in there and not (is_history and one.nullable))


def warnings(layout: LayoutPlan, found: list[Told] | Unreadable, survey: Survey) -> Iterator[tuple[str, Text]]:
    """What keeps the file from being checked (``bad``), or is worth knowing before (``warn``)."""
    if isinstance(found, Unreadable):
        yield "bad", found.why
        return
    if not found:
        yield "bad", _("No column goes to a field yet. Choose a field for at least one.")
    for one in found:
        if one.lacking:
            yield "warn", _("New records of {noun} also need: {fields}. Without these columns lines can only change records that are there.",
                            noun=one.plan.resource.plural, fields=labels(one.lacking))
    silent = Counter(part.plan.name for part in layout.parts) - Counter(one.plan.name for one in found)
    missing = [part.plan.resource.plural for part in layout.parts if part.plan.name in silent]
    if found and missing:
        yield "info", _("The file says nothing of: {nouns}.", nouns=series(missing))
    yield from no_rows(survey.rows)


def open_for_all(layout: LayoutPlan, found: Iterable[Told]) -> list[Field]:
    """The fields that a person may give for all lines: some noun of the file has no column of them."""
    words = {word for one in found for word in one.given}
    return [one for one in layout.common if one.word in words]
