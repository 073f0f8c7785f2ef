"""How merges look: values side by side as far as the person may see them, what a page says of its record's past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect
from markupsafe import Markup

from backoffice import merging
from backoffice.access import Access, can, fields_for, reaches, right
from backoffice.audit.record import note
from backoffice.db import db, writing
from backoffice.declare import Model, Personal, Verb, _, clock
from backoffice.declare.journal import Deed
from backoffice.merging.suspecting import asked_of
from backoffice.merging.tables import Merged
from backoffice.plan import Field, Plan
from backoffice.views.answers import in_full
from backoffice.views.common import person
from backoffice.views.writing import address


@dataclass(frozen=True)
class Looks:
    """How much of two records the person sees; ``is_open`` where personal data is shown in full, which was logged."""

    plan: Plan
    is_open: bool

    @property
    def fields(self) -> list[Field]:
        """The fields that the person sees at least masked."""
        return fields_for(person(), self.plan)

    def html(self, one: Field, record: Model) -> Markup:
        """A value, masked as on the record's own page."""
        return in_full(one, getattr(record, one.name), is_masked=one in self._masked() and not self.is_open)

    def _masked(self) -> list[Field]:
        return [one for one in self.fields if one not in fields_for(person(), self.plan, least=Access.READ)]


def open_personal(plan: Plan, records: Sequence[Model]) -> Looks:
    """Show personal data as the records' own pages do: in full to those whose every look is logged. Ends the transaction."""
    if right(person(), plan).personal is not Personal.LOGGED:
        return Looks(plan, is_open=False)
    masked = Looks(plan, is_open=True)._masked()  # noqa: SLF001  # of the same file
    seen = [(record, [one.name for one in masked if getattr(record, one.name) is not None]) for record in records]
    with writing():
        for record, names in seen:
            if names:
                note(db.session(), plan, record, Deed.REVEAL, {name: [None, None] for name in names})
    return Looks(plan, is_open=True)


@dataclass(frozen=True)
class Past:
    """A merge into a record, as its page tells it."""

    merged: Merged
    may_undo: bool
    until: Any


def past_of(plan: Plan, record: Model) -> list[Past]:
    """What came into a record."""
    found = merging.merged_here(db.session(), plan, record)
    if not found or not can(person(), Verb.READ, plan):
        return []
    may = merging.may_merge(person(), plan) and reaches(db.session(), person(), plan, record, Verb.UPDATE)
    ends = [(one, merging.undone_until(plan, one)) for one in found]
    return [Past(one, may and clock.now() <= end, end) for one, end in ends]


def moved_on(plan: Plan, record_id: int) -> Any:
    """Lead from the address of a merged record to where it went, if the person may go there; else None."""
    there = merging.final(db.session(), plan, record_id)
    if there is None or not reaches(db.session(), person(), plan, there, Verb.READ):
        return None
    went = db.session.get(plan.model, record_id)
    flash(str(_("{name} was merged into this record.", name=went if went is not None else _("Record {id}", id=record_id))), "info")
    return redirect(address(plan, there))


def is_merged(plan: Plan, record: Model) -> bool:
    """Whether a record went into another one: then it is not restored by itself."""
    return merging.into(db.session(), plan, record) is not None


def may_merge(plan: Plan, record: Model | None = None) -> bool:
    """Whether the person is offered to merge."""
    if not merging.may_merge(person(), plan):
        return False
    return record is None or (record.archived_at is None and reaches(db.session(), person(), plan, record, Verb.UPDATE))


def watched(plan: Plan, names: Iterable[str]) -> str:
    """The fields of a form whose values are looked for while somebody types."""
    shown = set(names)
    return " ".join(name for name in asked_of(plan) if name in shown) if plan.resource.merge else ""
