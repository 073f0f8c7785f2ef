"""The timeline of a record: what the nouns that belong to it tell, and its own changes, newest first.

Each kind is read from its own index up to a page's length, then all are merged; so a page costs the same
however long the story is. The next page begins behind a spot: a moment, a kind and an id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app
from sqlalchemy import Select, select
from werkzeug.datastructures import MultiDict

from backoffice.access import fields_for, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Text, _
from backoffice.declare.journal import AuditEntry
from backoffice.errors import BadRequest
from backoffice.merging.tables import Merged
from backoffice.plan import Field, Plan, plan_of
from backoffice.views import links
from backoffice.views.belonging import belongs, paths_to, read_nouns
from backoffice.views.common import clipped, person, titled
from backoffice.views.conflicts import LOOKS
from backoffice.views.paths import Path
from backoffice.views.spots import Spot, behind, moment_of, spot_at, written
from backoffice.views.telling import Telling, change_told, record_told

ROWS = 20
CHANGES = "changes"


@dataclass(frozen=True)
class Kind:
    """A noun on the timeline: the links that lead to the record, the fields that say when, and those that are told."""

    plan: Plan
    paths: list[Path]
    rank: int

    @property
    def name(self) -> str:
        """Its word in the address."""
        return CHANGES if self.is_changes else self.plan.name

    @property
    def is_changes(self) -> bool:
        """Whether these are the changes of the record itself."""
        return self.plan.model is AuditEntry

    @property
    def label(self) -> Text:
        """What people call it."""
        told = self.plan.resource.timeline
        return _("Changes") if told is None else told.label or self.plan.resource.plural

    @property
    def times(self) -> list[Field]:
        """The fields that say when; the first that is filled in counts."""
        return [self.plan.fields[name] for name in self.plan.resource.timeline.at] if self.plan.resource.timeline else []

    @property
    def fields(self) -> list[Field]:
        """What is told of a row: what the declaration names, as far as the person sees it and nothing else on the line says it."""
        told = self.plan.resource.timeline
        names = (told.shows if told else ()) or tuple(one.name for one in self.plan.columns)
        said = {*(one.name for one in titled(self.plan)), *(one.name for one in self.times), *(path.name for path in self.paths)}
        seen = fields_for(person(), self.plan)
        return [one for name in names if (one := self.plan.fields[name]) in seen and name not in said]


@dataclass(frozen=True)
class Story:
    """One page of a timeline, the kinds that there are, and which of them are chosen (all where none is)."""

    here: str
    kept: list[tuple[str, str]]
    kinds: list[Kind]
    chosen: list[Kind]
    lines: list[Telling]
    is_first: bool
    spot: str | None

    @property
    def chips(self) -> list[tuple[Text, str, bool]]:
        """The kinds to choose from: label, address of the timeline with or without it, and whether it is chosen."""
        names = [one.name for one in self.chosen]
        toggled = [(one, [name for name in names if name != one.name] if one.name in names else [*names, one.name]) for one in self.kinds]
        return [(one.label, self.address(some), one.name in names) for one, some in toggled]

    def address(self, names: Iterable[str], before: str | None = None) -> str:
        """The page with these kinds chosen, from a spot on."""
        pairs = [*self.kept, *(("kind", name) for name in names), *([("before", before)] if before else [])]
        return f"{self.here}?{urlencode(pairs)}" if pairs else self.here

    @property
    def everything(self) -> str:
        """The newest of all kinds."""
        return self.address(())

    @property
    def newest(self) -> str:
        """The beginning of what is chosen."""
        return self.address(one.name for one in self.chosen)

    @property
    def older(self) -> str | None:
        """What comes behind this page."""
        return self.address((one.name for one in self.chosen), self.spot) if self.spot else None


def story(plan: Plan, record: Model, args: MultiDict[str, str]) -> Story:
    """The page of the timeline that the address names; raises :class:`BadRequest` for kinds and spots that there are not."""
    every = list(_kinds(plan))
    chosen, spot = _chosen(every, args.getlist("kind")), spot_at(args.get("before"))
    found = sorted(_rows(plan, record, chosen or every, spot), key=lambda row: (row[0].at, -row[0].rank, row[0].number), reverse=True)
    shown = found[:ROWS]
    further = written(shown[-1][0]) if len(found) > ROWS else None
    kept = [("stay", "1")] if "stay" in args else []
    return Story(f"/{plan.name}/{record.id}", kept, every, chosen, list(_told(plan, shown)), spot is None, further)


def _kinds(plan: Plan) -> Iterator[Kind]:
    ranks = {name: rank for rank, name in enumerate(current_app.extensions["plans"])}
    for noun in read_nouns():
        told = noun.resource.timeline
        if told is not None and (paths := paths_to(noun, told.of, plan)):
            yield Kind(noun, paths, ranks[noun.name])
    yield Kind(plan_of(AuditEntry), [], len(ranks))


def _chosen(every: Sequence[Kind], names: Iterable[str]) -> list[Kind]:
    known = {one.name: one for one in every}
    if (wrong := next((name for name in names if name not in known), None)) is not None:
        raise BadRequest(_("There is no filter “{name}” here.", name=clipped(wrong)))
    wanted = set(names)
    return [one for one in every if one.name in wanted]


def _rows(plan: Plan, record: Model, kinds: Iterable[Kind], spot: Spot | None) -> Iterator[tuple[Spot, Kind, Any]]:
    """The first rows of each kind behind the spot, one more than a page of each."""
    for kind in kinds:
        if kind.is_changes:
            yield from ((Spot(entry.at, kind.rank, entry.id), kind, entry) for entry in _changes(plan, record, kind, spot))
            continue
        for at, field in enumerate(kind.times):
            for row in db.session.scalars(_branch(kind, record, at, spot)).unique():
                yield Spot(moment_of(getattr(row, field.name)), kind.rank, row.id), kind, row


def _branch(kind: Kind, record: Model, at: int, spot: Spot | None) -> Select[Any]:
    """The rows of which this field is the first that says when."""
    model, field = kind.plan.model, kind.times[at]
    column = getattr(model, field.column)
    blank = (getattr(model, one.column).is_(None) for one in kind.times[:at])
    query = scoped_query(person(), kind.plan).where(belongs(kind.paths, record), *blank)
    if field.nullable:
        query = query.where(column.is_not(None))
    if spot is not None:
        query = query.where(behind(field, column, model.id, kind.rank, spot))
    options = links.lean(kind.plan, [*kind.fields, *kind.times], is_strict=current_app.testing)
    return query.order_by(column.desc(), model.id.desc()).options(*options).limit(ROWS + 1)


def _changes(plan: Plan, record: Model, kind: Kind, spot: Spot | None) -> Sequence[AuditEntry]:
    """What changed in the record; its trail is written in the order of time, and read by its index."""
    mine = (AuditEntry.resource == plan.name) & (AuditEntry.record_id == record.id) & AuditEntry.deed.not_in(LOOKS)
    query = select(AuditEntry).where(mine)
    if spot is not None:
        query = query.where(behind(kind.plan.fields["at"], AuditEntry.at, AuditEntry.id, kind.rank, spot))
    return db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(ROWS + 1)).all()


def _told(plan: Plan, rows: Iterable[tuple[Spot, Kind, Any]]) -> Iterator[Telling]:
    shown = list(rows)
    numbers = [row.merge_id for _where, kind, row in shown if kind.is_changes and row.merge_id is not None]
    merges = db.session.scalars(select(Merged).where(Merged.id.in_(numbers))).all() if numbers else ()
    draws = {kind.rank: record_told(kind.plan, kind.fields, kind.times) for _where, kind, _row in shown if not kind.is_changes}
    for _where, kind, row in shown:
        yield change_told(plan, row) if kind.is_changes else draws[kind.rank](row)
    del merges  # until here the session knew them, so that none is asked for alone
