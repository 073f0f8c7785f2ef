"""What is planned of a file, noun by noun: one noun as it stands, with the records that its links are to make; or all parts of a layout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask import current_app

from backoffice import access
from backoffice.declare import Part as Declared
from backoffice.declare import Verb, _, fold
from backoffice.declare.text import series
from backoffice.exchange.layouts import LayoutPlan, PartPlan
from backoffice.exchange.mapping import Column, Mapped, known_by, match
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Finding, Unreadable
from backoffice.exchange.sources.base import Knows
from backoffice.exchange.splitting import Flat, PartTable, Source, Split
from backoffice.exchange.stage import UNCHANGED, Stage
from backoffice.exchange.stage import Part as Staged
from backoffice.exchange.staging import Planning, Say, silent
from backoffice.plan import Field, Plan, plan_of

Target = Plan | LayoutPlan
"""What a file is imported into."""


@dataclass(frozen=True)
class Ready:
    """One noun of a file: where its rows come from, what its columns mean, and the choices that concern it.

    ``is_extra``: these records are only made where they are missing.
    """

    plan: Plan
    mapped: Mapped
    options: Options
    source: Any
    is_extra: bool = False


@dataclass
class Prepared:
    """The nouns of a file, parents first, and what is said about its columns."""

    parts: list[Ready]
    notices: tuple[Finding, ...]


def target_named(name: str) -> Target | None:
    """The noun or layout of this name."""
    plans, layouts = current_app.extensions["plans"], current_app.extensions["layouts"]
    found: Target | None = plans[name] if name in plans else layouts.get(name)
    return found


def knows(target: Target, options: Options) -> Knows:
    """A function from a header to what it means, for finding the header of the file."""
    if isinstance(target, Plan):
        return known_by(target, options.columns)
    by_hand = {fold(header): name for header, name in options.columns.items()}

    def known(header: str) -> str | None:
        told = by_hand.get(fold(header))
        found = target.of(told if told is not None else header)
        return f"{found[0][0].plan.name}.{found[0][1].name}" if found else None

    return known


def require(person: Any, target: Target) -> None:
    """Raise unless the person may import this at all."""
    if isinstance(target, LayoutPlan):
        for part in target.parts:
            access.require(person, Verb.IMPORT, part.plan)
        return
    access.require(person, Verb.IMPORT, target)
    if not target.resource.importable:
        raise Unreadable("not_importable", _("These records are made by the system alone; they are not imported."))


@contextmanager
def prepared(person: Any, target: Target, table: Any, options: Options) -> Iterator[Prepared]:
    """Take a table apart for planning. Raises :class:`Unreadable` where it cannot mean one thing."""
    require(person, target)
    flat = Split(person, target, table, options) if isinstance(target, LayoutPlan) else Flat(table, options)
    try:
        if isinstance(flat, Split):
            yield Prepared([Ready(one.plan, one.mapped, one.options, one) for one in flat.parts], tuple(flat.notices))
        elif isinstance(target, Plan):
            mapped = match(target, table, options.keys(target), options.columns)
            parents = list(_parents(person, target, mapped, flat))
            left = replace(options, parents=())
            yield Prepared([*parents, Ready(target, mapped, left, table)], mapped.notices)
    finally:
        flat.close()


def _parents(person: Any, plan: Plan, mapped: Mapped, flat: Flat) -> Iterator[Ready]:
    """One noun more for each link whose missing records are to be made: new records with nothing but their key."""
    columns = {name: column for column in mapped.columns if column.field.is_link for name in (column.word, column.field.name)}
    for position, word in enumerate(flat.options.parents):
        column = columns.get(word)
        if column is None or column.field.target is None or column.field.target is plan.model:
            raise Unreadable("unknown_field", _("No column of the file is a link “{name}” to another noun.", name=word[:60]))
        parent = plan_of(column.field.target)
        access.require(person, Verb.IMPORT, parent)
        access.require(person, Verb.CREATE, parent)
        part = _named_parts(parent, column, flat, position)
        yield Ready(parent, part.mapped, part.options, part, is_extra=True)


def _named_parts(parent: Plan, column: Column, flat: Flat, position: int) -> PartTable:
    """The distinct records that a column names."""
    key = parent.key[0]
    if len(parent.key) != 1 or key.is_link:
        raise _needs_more(parent, list(parent.key))
    more = [one for one in parent.fields.values() if one.required and one is not key and not (one.locked or one.is_system or one.secret)]
    if more:
        raise _needs_more(parent, more)
    part = PartPlan(Declared(parent.model, (key.name,)), parent)
    return PartTable(flat, position, part, [Source(column.header, key, column.index)])


def _needs_more(parent: Plan, fields: list[Field]) -> Unreadable:
    why = _(
        "A new record of {noun} needs more than its name in a column: {columns}. Import those first.",
        noun=parent.resource.plural, columns=series(one.label for one in fields),
    )
    return Unreadable("parent_needs_more", why)



def plan_all(stage: Stage, person: Any, ready: Prepared, say: Say = silent, export: Any = None, *, tries: bool = True) -> None:
    """Plan every noun of a file on an empty stage, parents first. ``export`` is the one that the file once was."""
    for one in ready.parts:
        part = Planning(stage, person, one.plan, one.mapped, one.options, say, export, tries).run(one.source)
        if one.is_extra:
            _keep_new(stage, part)


def _keep_new(stage: Stage, part: Staged) -> None:
    """Of records that are only made where they are missing, forget those that are there and texts that name none."""
    rows, findings = part.rows, stage.findings
    over = (rows.c.verdict == UNCHANGED) | part.value(0).is_(None)
    stage.connection.execute(findings.delete().where(findings.c.part == part.plan.name, findings.c.row.in_(sa.select(rows.c.row).where(over))))
    stage.connection.execute(rows.delete().where(over))
    stage.connection.commit()
