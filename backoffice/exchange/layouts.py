"""From declared layouts to frozen ones: which header feeds which field of which noun; and what is wrong with a declaration."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from backoffice.declare import Layout, Text, fold
from backoffice.declare.layout import Part
from backoffice.exchange.mapping import words
from backoffice.findings import Finding
from backoffice.plan import Field, Plan, Plans, plan_of


@dataclass(frozen=True)
class PartPlan:
    """One noun of a layout."""

    part: Part
    plan: Plan

    @functools.cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields that a line may fill."""
        return tuple(self.plan.fields[name] for name in self.part.fields)

    @functools.cached_property
    def links(self) -> Mapping[str, str]:
        """The links that are filled from the same line, and the nouns that they lead to."""
        return {name: model.__resource__.name for name, model in self.part.links.items()}

    @functools.cached_property
    def headers(self) -> Mapping[str, Field]:
        """Every folded header that means one of the fields here."""
        listed = {one.name: one for one in self.fields}
        known = {header: one for header, (one, _word) in words(self.plan).items() if one.name in listed and one.name not in self.part.headers}
        told = {fold(header): listed[name] for name, headers in self.part.headers.items() for header in headers}
        exact = {fold(f"{self.plan.name}.{word}"): one for one in self.fields for word in (one.name, one.word)}
        return {**known, **told, **exact}


@dataclass(frozen=True)
class LayoutPlan:
    """A flat layout with the plans of its nouns."""

    layout: Layout
    parts: tuple[PartPlan, ...]

    @property
    def name(self) -> str:
        """The word on the command line and in addresses."""
        return self.layout.name

    @property
    def label(self) -> Text:
        """What people call it."""
        return self.layout.label

    @functools.cached_property
    def common(self) -> tuple[Field, ...]:
        """Links that every new record needs and that a file may leave open: the same for all lines."""
        return tuple({one.word: one for part in self.parts for one in part.fields if one.is_link and one.required}.values())

    def part(self, noun: str) -> PartPlan:
        """The part of a noun."""
        return next(one for one in self.parts if one.plan.name == noun)

    def of(self, header: str) -> list[tuple[PartPlan, Field]]:
        """What a header feeds; several parts only where it names one record that all of them link to."""
        folded = fold(header)
        return [(part, part.headers[folded]) for part in self.parts if folded in part.headers]


Layouts = Mapping[str, LayoutPlan]


def frozen(layouts: Iterable[Layout]) -> list[LayoutPlan]:
    """The layouts with their plans."""
    return [LayoutPlan(one, tuple(PartPlan(part, plan_of(part.model)) for part in one.parts)) for one in layouts]


def check(layouts: Iterable[Layout], plans: Plans) -> list[Finding]:
    """All findings on these layouts (``docs/checks.md``)."""
    found, taken = [], set(plans)
    for layout in layouts:
        if layout.name in taken:
            found.append(Finding("B021", layout.name, "a noun or another layout has this name.", "Choose another name."))
        taken.add(layout.name)
        wrong = list(_parts(layout, plans))
        found += wrong or list(_headers(frozen([layout])[0]))
    return found


def _parts(layout: Layout, plans: Plans) -> Iterator[Finding]:
    known: set[type] = set()
    for part in layout.parts:
        where = f"{layout.name}.{part.model.__name__}"
        if plan_of(part.model) not in plans.values() or part.model in known or not part.model.__resource__.importable:
            yield Finding("B022", where, "this noun is not loaded, not importable, or here twice.", "Name each noun of the app once.")
        yield from _names(part, where)
        yield from _links(part, where, known)
        known.add(part.model)


def _names(part: Part, where: str) -> Iterator[Finding]:
    plan = plan_of(part.model)
    there = {*part.fields, *part.links}
    for name in part.fields:
        if (one := plan.fields.get(name)) is None or one.is_system or one.secret:
            yield Finding("B023", where, f"fields names {name!r}, which is no field of a file.", "Name fields that files write.")
    for option, names in (("match", part.match), ("fills", part.fills), ("headers", tuple(part.headers)), ("given", tuple(part.given))):
        for name in names:
            if name not in there or (option in {"headers", "given"} and name in part.links):
                yield Finding("B023", where, f"{option} names {name!r}, which the part does not have.", "Name it in fields first.")
    if not part.match and not there.issuperset(plan.resource.key):
        yield Finding("B024", where, "nothing says which record a line means.", "Name the key in fields, or other fields in match.")


def _links(part: Part, where: str, known: set[type]) -> Iterator[Finding]:
    plan = plan_of(part.model)
    for name, model in part.links.items():
        one = plan.fields.get(name)
        if one is None or one.target is not model or model not in known:
            yield Finding("B025", where, f"{name!r} does not link to a part before this one.", "Name a link, and the earlier part of its noun.")


def _headers(layout: LayoutPlan) -> Iterator[Finding]:
    seen: dict[str, tuple[PartPlan, Field]] = {}
    for part in layout.parts:
        for header, one in part.headers.items():
            other, same = seen.setdefault(header, (part, one))
            if other is not part and (one.target is None or one.target is not same.target):
                where = f"{layout.name}.{part.part.model.__name__}.{one.name}"
                problem = f"the header {header!r} also means {other.plan.name}.{same.name}."
                yield Finding("B026", where, problem, "Give one of them its own headers.")
