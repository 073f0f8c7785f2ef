"""What the trail says of the records that a run touched: what each was before, and who changed it since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Row, Table, func, select
from sqlalchemy.orm import Session

from backoffice.declare import Text
from backoffice.declare.journal import AuditEntry, Deed, ImportRun
from backoffice.exchange.undoing.outcome import Verdict
from backoffice.plan import Plan, Plans

ENTRIES = cast(Table, AuditEntry.__table__)
CHANGES = (Deed.CREATE, Deed.UPDATE, Deed.ARCHIVE, Deed.RESTORE, Deed.DELETE)
"""Deeds that change a record; the others are looks."""
_JOURNAL = (ImportRun.__resource__.name, AuditEntry.__resource__.name)
_TOGGLES = (Deed.ARCHIVE, Deed.RESTORE)

Entry = Row[Any]
Address = tuple[str, int]
"""A resource and the internal id of a record."""


@dataclass(slots=True, eq=False)
class Touched:
    """A record that the run made or changed.

    ``home`` is the entry at which its turn comes, newest first: the one that made it, else its last one. ``old`` and
    ``new`` are the values before and after the run, as the trail keeps them. ``was_archived`` is None where the run neither
    archived nor restored it. ``since`` are the changes of others afterwards, as far as they were not taken back themselves.
    """

    plan: Plan
    id: int
    home: int
    is_created: bool
    old: dict[str, Any]
    new: dict[str, Any]
    was_archived: bool | None
    is_done: bool
    last: Entry
    since: Sequence[Entry]
    row: Any = None
    verdict: Verdict = Verdict.REVERSED
    reason: Text | Callable[[], Text] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    """The columns to be put back."""

    @property
    def address(self) -> Address:
        """The record among all records."""
        return self.plan.name, self.id

    @property
    def is_good(self) -> bool:
        """Whether nothing stands against reversing it."""
        return self.verdict is Verdict.REVERSED

    @property
    def why(self) -> str | None:
        """The reason in words, worked out when somebody asks: it may take a look at other records."""
        reason = self.reason if self.reason is None or isinstance(self.reason, Text) else self.reason()
        return None if reason is None else str(reason)

    def leave(self, verdict: Verdict, reason: Text | Callable[[], Text]) -> None:
        """Let it be as it is; the first reason stands."""
        if self.is_good:
            self.verdict, self.reason = verdict, reason


class Trail:
    """The entries of one run, and those on the same records afterwards."""

    def __init__(self, session: Session, run: ImportRun, plans: Plans) -> None:
        self.session, self.run_id, self.plans = session, run.id, plans
        self.first: int = session.scalar(select(func.min(AuditEntry.id)).where(AuditEntry.run_id == run.id)) or 0
        self._undoes: dict[int, int | None] = {
            **dict.fromkeys(session.scalars(select(ImportRun.id).where(ImportRun.undoes_id == run.id)), run.id),
        }

    def nouns(self) -> dict[str, int]:
        """The entries of each noun."""
        query = select(AuditEntry.resource, func.count()).where(AuditEntry.run_id == self.run_id, AuditEntry.resource.not_in(_JOURNAL))
        return {name: count for name, count in self.session.execute(query.group_by(AuditEntry.resource)) if name in self.plans}

    def page(self, below: int | None, size: int) -> Sequence[Entry]:
        """The next entries, newest first, without their changes."""
        query = select(AuditEntry.id, AuditEntry.resource, AuditEntry.record_id).where(AuditEntry.run_id == self.run_id)
        if below is not None:
            query = query.where(AuditEntry.id < below)
        found: Any = self.session.execute(query.order_by(AuditEntry.id.desc()).limit(size)).all()
        return found  # type: ignore[no-any-return]  # rows of three columns

    def read(self, addresses: Iterable[Address]) -> dict[Address, Touched]:
        """What the trail says of these records; those that the run did not touch are left out."""
        by_noun: dict[str, set[int]] = {}
        for name, record_id in addresses:
            if name in self.plans and name not in _JOURNAL and record_id is not None:
                by_noun.setdefault(name, set()).add(record_id)
        entries = {name: self._entries(name, ids) for name, ids in by_noun.items()}
        self._learn_runs({one.run_id for found in entries.values() for one in found if one.run_id is not None})
        return {
            (name, record_id): touched
            for name, found in entries.items() for record_id, of_one in groupby(found, key=lambda entry: entry.record_id)
            if (touched := self._fold(self.plans[name], list(of_one))) is not None
        }

    def _entries(self, name: str, ids: set[int]) -> Sequence[Entry]:
        one = ENTRIES.c
        query = select(one.id, one.record_id, one.deed, one.run_id, one.record_name, one.record_version, one.changes)
        mine = query.where(one.resource == name, one.record_id.in_(ids), one.id >= self.first, one.deed.in_(CHANGES))
        found: Any = self.session.connection().execute(mine.order_by(one.record_id, one.id)).all()
        return found  # type: ignore[no-any-return]  # rows of these columns

    def _learn_runs(self, run_ids: set[int]) -> None:
        if new := run_ids - self._undoes.keys():
            query = select(ImportRun.id, ImportRun.undoes_id).where(ImportRun.id.in_(new))
            known = {run_id: undoes for run_id, undoes in self.session.execute(query)}  # noqa: C416  # rows are no pairs to mypy
            self._undoes |= {run_id: known.get(run_id) for run_id in new}

    def _fold(self, plan: Plan, entries: list[Entry]) -> Touched | None:
        own = [one for one in entries if one.run_id == self.run_id]
        if not own:
            return None
        is_done = any(self._undoes.get(one.run_id) == self.run_id for one in entries if one.run_id is not None)
        since = self._others([one for one in entries if one.id > own[0].id and one.run_id != self.run_id])
        return fold(plan, own, entries[-1], since, is_done=is_done)

    def _others(self, entries: list[Entry]) -> list[Entry]:
        """The changes of others that still hold: a later import and its undoing cancel each other out."""
        undoing = {one.run_id for one in entries if one.run_id is not None and self._undoes.get(one.run_id) is not None}
        gone = undoing | {self._undoes[run_id] for run_id in undoing}
        return [one for one in entries if one.run_id is None or one.run_id not in gone]


def fold(plan: Plan, own: Sequence[Entry], last: Entry, since: Sequence[Entry], *, is_done: bool = False) -> Touched:
    """What the entries of one piece of work say of a record, together: ``own`` are those, ``since`` what others changed afterwards."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for one in own:
        for name, (before, after) in one.changes.items():
            old.setdefault(name, before)
            new[name] = after
    is_created = own[0].deed is Deed.CREATE
    if not is_created:
        old, new = _without_detours(old, new)
    toggles = [one.deed for one in own if one.deed in _TOGGLES]
    was_archived = toggles[0] is Deed.RESTORE if toggles and toggles[0] is toggles[-1] else None
    home = own[0].id if is_created else own[-1].id
    return Touched(plan, record_id_of(own[0]), home, is_created, old, new, was_archived, is_done, last, since)


def record_id_of(entry: Entry) -> int:
    """The id of the record that an entry is about."""
    return int(entry.record_id)


def _without_detours(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only the fields that the run left otherwise than it found them."""
    names = [name for name in old if old[name] != new[name]]
    return {name: old[name] for name in names}, {name: new[name] for name in names}
