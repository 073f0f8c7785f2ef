"""Two people at one record: what others changed since a form was opened, and what is left to decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import select

from backoffice.db import db
from backoffice.declare import Invalid, Model, Text, _
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.declare.text import series
from backoffice.plan import Field, Plan
from backoffice.views.converter import KindField, PlanForm
from backoffice.views.writing import version_sent

THEIRS, MINE = "theirs", "mine"
LOOKS = (Deed.REVEAL, Deed.EXPORT, Deed.LOGIN)
"""What the trail remembers of a record that changed nothing in it."""


@dataclass(frozen=True)
class Other:
    """What others did to a field: its value before (as the trail keeps it), who changed it last, and when."""

    field: Field
    before: Any
    is_known: bool = True
    who: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Clash:
    """A field that two people gave different values, with the person's choice if it was made."""

    other: Other
    mine: KindField
    choice: str | None

    @property
    def name(self) -> str:
        """The field."""
        return self.other.field.name


def others_since(plan: Plan, record: Model, version: int) -> dict[str, Other]:
    """The fields that have changed since a version of the record, from the trail.

    Where the trail has a gap, every field counts as changed by somebody: better a question too many than work lost.
    """
    entries = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.resource == plan.name, AuditEntry.record_id == record.id, AuditEntry.record_version > version)
        .where(AuditEntry.deed.not_in(LOOKS))
        .order_by(AuditEntry.id)
    ).all()
    found: dict[str, Other] = {}
    for entry in entries:
        for name, (before, _after) in entry.changes.items():
            if name in plan.fields:
                first = found.get(name) or Other(plan.fields[name], before)
                found[name] = replace(first, who=entry.who, at=entry.at)
    if _has_gap(plan, record, version, entries):
        found = {one.name: found.get(one.name) or Other(one, None, is_known=False) for one in plan.open_fields}
    return {name: one for name, one in found.items() if not one.is_known or not is_same(one.field, one.before, current(record, one.field))}


def _has_gap(plan: Plan, record: Model, version: int, entries: Iterable[AuditEntry]) -> bool:
    """Secrets leave no values in the trail, so a version that changed only them leaves no entry."""
    missing = set(range(version + 1, record.version + 1)) - {entry.record_version for entry in entries}
    return bool(missing) and not any(one.secret for one in plan.fields.values())


def base_values(plan: Plan, record: Model, others: dict[str, Other]) -> dict[str, Any]:
    """The values that the form showed: those of now with what others changed undone."""
    values = {one.name: getattr(record, one.name) for one in plan.open_fields}
    return values | {name: load(one.field, one.before) for name, one in others.items() if one.is_known and name in values}


def load(field: Field, dumped: Any) -> Any:
    """The value that the trail keeps; None where it has gone since."""
    if field.target is not None:
        return db.session.get(field.target, dumped["id"]) if dumped else None
    try:
        return field.kind.load(dumped)
    except Invalid:
        return None


def current(record: Model, field: Field) -> Any:
    """The value now, as the trail would keep it."""
    return field.dump(getattr(record, field.name))


def is_same(field: Field, left: Any, right: Any) -> bool:
    """Whether two values of the trail are the same; links by their id, for names change."""
    if field.is_link and left and right:
        return bool(left["id"] == right["id"])
    return bool(left == right)


class Merge:
    """A form that was opened at one version of a record and comes back at another.

    ``mine`` are the fields to write, ``clashes`` those where two people differ, ``open`` the clashes without a
    choice that was made in sight of the present version, ``kept`` what others changed and stays.
    """

    def __init__(self, plan: Plan, record: Model) -> None:
        self.plan, self.record, self.version = plan, record, version_sent(record)
        self.others = others_since(plan, record, self.version) if self.version < record.version else {}
        self.values = base_values(plan, record, self.others)
        self.mine: list[KindField] = []
        self.clashes: list[Clash] = []

    def compare(self, form: PlanForm) -> None:
        """Find out what the person changed and where that meets others' work."""
        changed = [one for one in form if one.is_changed]
        fresh = self._changed_since_seen()
        self.clashes = [
            Clash(self.others[one.name], one, None if one.name in fresh else self._choice(one.name))
            for one in changed if one.name in self.others and not self._is_settled(one)
        ]
        theirs = {clash.name for clash in self.clashes if clash.choice == THEIRS}
        self.mine = [one for one in changed if one.name not in theirs and not self._is_settled(one)]

    @property
    def open(self) -> list[Clash]:
        """The clashes that wait for a choice."""
        return [clash for clash in self.clashes if clash.choice is None]

    @property
    def kept(self) -> list[Other]:
        """What others changed that stays, beside the person's own changes."""
        mine = {one.name for one in self.mine}
        return [one for name, one in self.others.items() if one.is_known and name not in mine]

    @staticmethod
    def kept_sentence(kept: Iterable[Other]) -> Text:
        """Tells whose work was kept."""
        who = series(dict.fromkeys(one.who or str(_("the system")) for one in kept))
        fields = series(one.field.label for one in kept)
        return _("Meanwhile {who} changed: {fields}. That was kept as well.", who=who, fields=fields)

    def _is_settled(self, one: KindField) -> bool:
        """Whether the record already says what the person wants."""
        dumped = None if one.data is None else one.plan_field.dump(one.data)
        return is_same(one.plan_field, dumped, current(self.record, one.plan_field))

    def _choice(self, name: str) -> str | None:
        choice = request.form.get(f"choice-{name}")
        return choice if choice in (THEIRS, MINE) else None

    def _changed_since_seen(self) -> set[str]:
        """The fields that changed again while the person was choosing."""
        if "seen" not in request.form:
            return set(self.others)
        return set(others_since(self.plan, self.record, version_sent(self.record, "seen")))
