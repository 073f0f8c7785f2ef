"""Small helps for sentences and for the order of fields on a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from backoffice.declare import Text
from backoffice.declare.text import ENGLISH, locale, series
from backoffice.plan import Plan


class Named(Protocol):
    """Something with the name of a field: a field of a plan or of a form."""

    name: str


N = TypeVar("N", bound=Named)


def noun(label: Text) -> str:
    """A noun as it stands inside a sentence: in English with a small letter, unless it is an abbreviation."""
    word = str(label)
    return word[:1].lower() + word[1:] if locale() == ENGLISH and not word[1:2].isupper() else word


def labels(fields: Iterable[Any]) -> str:
    """The labels of some fields in a row."""
    return series(one.label for one in fields)


def sections(plan: Plan, items: Sequence[N]) -> list[tuple[Text | None, list[N]]]:
    """The items under the headings that the plan declares; what stands under none comes first."""
    placed = {name for names in plan.resource.sections.values() for name in names}
    by_name = {one.name: one for one in items}
    found: list[tuple[Text | None, list[N]]] = [(None, [one for one in items if one.name not in placed])]
    for heading, names in plan.resource.sections.items():
        found.append((heading, [by_name[name] for name in names if name in by_name]))
    return [(heading, inside) for heading, inside in found if inside]
