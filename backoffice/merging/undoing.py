"""Takes a merge back, by its entries on the trail: whatever nobody changed since is put back as it was, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.audit import record as trail
from backoffice.audit.context import circumstances
from backoffice.declare import Refused, Verb, _, actor, clock
from backoffice.declare.journal import Deed
from backoffice.errors import Denied
from backoffice.exchange.undoing.closure import Slice
from backoffice.exchange.undoing.judging import Judge
from backoffice.exchange.undoing.neighbors import Neighbors
from backoffice.exchange.undoing.trail import CHANGES, ENTRIES, Address, Entry, Touched, fold
from backoffice.exchange.undoing.writing import Writer
from backoffice.merging.past import into, undone_until
from backoffice.merging.rights import insist_role
from backoffice.merging.tables import Merged, Pair, Verdict
from backoffice.plan import Field, Plan, Plans

SLICE = 5_000


@dataclass
class Return:
    """What comes of taking a merge back. ``back`` counts the records that are put back, by noun; ``stays`` says what is not, and why."""

    merged: Merged
    back: dict[str, int] = field(default_factory=dict)
    stays: list[tuple[Plan, str, str]] = field(default_factory=list)
    kept_fields: list[Field] = field(default_factory=list)
    """Fields of the record that stayed, changed by others since: they stay as they are."""


def look(session: Session, person: Any, plan: Plan, merged: Merged) -> Return:
    """What :func:`undo` would do, without doing it. Raises as it does."""
    insist(session, person, plan, merged)
    return _Undoing(session, plan, merged, locks=False).run(is_look=True)


def undo(session: Session, person: Any, plan: Plan, merged: Merged) -> Return:
    """Take a merge back, in the caller's transaction. Raises :class:`Denied` or :class:`Refused`, and then nothing may be kept."""
    insist(session, person, plan, merged)
    session.flush()
    work = _Undoing(session, plan, merged, locks=session.get_bind().dialect.name == "postgresql")
    with circumstances(action="unmerge", merge_id=merged.id):
        outcome = work.run(is_look=False)
        session.expire_all()
        _tell_of(session, plan, merged)
    merged.undone_at, merged.undone_by = clock.now(), str(actor()) if actor() is not None else None
    first, second = sorted((merged.kept_id, merged.gone_id))
    mine = (Pair.resource == merged.resource) & (Pair.first_id == first) & (Pair.second_id == second)
    session.execute(update(Pair).where(mine).values(verdict=Verdict.OPEN, settled_at=None, who=None))
    session.flush()
    return outcome


def insist(session: Session, person: Any, plan: Plan, merged: Merged) -> None:
    """Raise :class:`Denied` or :class:`Refused` unless the person may take the merge back now."""
    insist_role(person, plan)
    kept, gone = session.get(plan.model, merged.kept_id), session.get(plan.model, merged.gone_id)
    if kept is None or not access.reaches(session, person, plan, kept, Verb.UPDATE):
        raise Denied
    if merged.undone_at is not None:
        raise Refused(_("This merge has been undone already."), code="already_undone")
    if clock.now() > undone_until(plan, merged):
        raise Refused(_("A merge can be undone for {days} days. They are over.", days=(undone_until(plan, merged) - merged.at).days), code="too_late")
    if (further := into(session, plan, kept)) is not None:
        raise Refused(_("{name} has been merged into {other} since. Undo that first.", name=kept, other=further), code="merged")
    if kept.archived_at is not None:
        raise Refused(_("{name} is archived. Restore it first.", name=kept), code="archived")
    if gone is None:
        raise Refused(_("{name} was removed for good since. It cannot come back.", name=merged.gone_name), code="removed")


class _Undoing:
    def __init__(self, session: Session, plan: Plan, merged: Merged, *, locks: bool) -> None:
        plans: Plans = current_app.extensions["plans"]
        self.session, self.plan, self.plans, self.merged = session, plan, plans, merged
        self.judge = Judge(session, access.SYSTEM, (), locks=locks)
        rank = Neighbors(session, plans, 0, (), ()).rank
        self.writer = Writer(session, access.SYSTEM, frozenset(), rank)
        self.outcome = Return(merged)
        self.gone = {merged.id}
        """Merges whose entries are no changes since: this one, and those that were undone."""

    @property
    def pair(self) -> tuple[Address, Address]:
        """The record that went and the one that stayed."""
        return (self.plan.name, self.merged.gone_id), (self.plan.name, self.merged.kept_id)

    def run(self, *, is_look: bool) -> Return:
        """First what was moved, then the two themselves."""
        records = list(self._touched())
        pair = [one for one in records if one.address in self.pair]
        rest = [one for one in records if one.address not in self.pair]
        for start in range(0, len(rest), SLICE):
            self._slice(rest[start:start + SLICE], is_look=is_look)
        self._both(pair, is_look=is_look)
        return self.outcome

    def _slice(self, records: list[Touched], *, is_look: bool) -> None:
        self.judge.look(records)
        if not is_look:
            self.writer.write(Slice(records, {one.address: one for one in records}))
        self._count(records)

    def _both(self, pair: list[Touched], *, is_look: bool) -> None:
        """The one that went comes back whatever happened to the other since; what it needs is free before that."""
        gone, kept = (next((one for one in pair if one.address == address), None) for address in self.pair)
        if kept is not None:
            self._let_be(kept)
        self.judge.look(pair)
        if not is_look:
            part = Slice(pair, {one.address: one for one in pair})
            if gone is not None and kept is not None:
                part.wants.append((gone, kept.address, []))
            self.writer.write(part)
        if gone is None or not gone.is_good:
            raise Refused(_("{name} cannot come back. {why}", name=self.merged.gone_name, why=(gone and gone.why) or ""), code="not_back")
        self._count(pair)

    def _let_be(self, kept: Touched) -> None:
        """Fields of the one that stayed are put back one by one: those that somebody changed since keep what they have."""
        changed = {name for entry in kept.since for name in entry.changes if name in kept.old}
        self.outcome.kept_fields = [self.plan.fields[name] for name in kept.old if name in changed and name in self.plan.fields]
        for name in changed:
            del kept.old[name], kept.new[name]
        kept.since = ()

    def _count(self, records: Iterable[Touched]) -> None:
        for one in records:
            if one.is_good:
                self.outcome.back[one.plan.name] = self.outcome.back.get(one.plan.name, 0) + 1
            else:
                self.outcome.stays.append((one.plan, one.last.record_name or str(one.id), one.why or ""))

    def _touched(self) -> Iterable[Touched]:
        """What the merge changed, from the trail; the latest first."""
        one = ENTRIES.c
        columns = (one.id, one.resource, one.record_id, one.deed, one.merge_id, one.action, one.record_name, one.record_version, one.changes)
        own = select(one.resource, one.record_id).where(one.merge_id == self.merged.id).distinct()
        by_noun: dict[str, set[int]] = {}
        for name, number in self.session.execute(own):
            by_noun.setdefault(name, set()).add(number)
        first = self.session.scalar(select(one.id).where(one.merge_id == self.merged.id).order_by(one.id).limit(1)) or 0
        for name, ids in by_noun.items():
            if name not in self.plans:
                continue
            listed = sorted(ids)
            for start in range(0, len(listed), SLICE):
                mine = (one.resource == name) & one.record_id.in_(listed[start:start + SLICE]) & (one.id >= first) & one.deed.in_(CHANGES)
                entries: Any = self.session.execute(select(*columns).where(mine).order_by(one.record_id, one.id)).all()
                self._learn({entry.merge_id for entry in entries})
                for _number, of_one in groupby(entries, key=lambda entry: entry.record_id):
                    yield self._fold(self.plans[name], list(of_one))

    def _learn(self, numbers: set[int | None]) -> None:
        """A later merge and its undoing cancel each other out."""
        new = {one for one in numbers if one is not None} - self.gone
        if new:
            self.gone |= set(self.session.scalars(select(Merged.id).where(Merged.id.in_(new), Merged.undone_at.is_not(None))))

    def _fold(self, plan: Plan, entries: Sequence[Entry]) -> Touched:
        own = [one for one in entries if one.merge_id == self.merged.id]
        since = [one for one in entries if one.id > own[0].id and one.merge_id not in self.gone]
        return fold(plan, own, entries[-1], since)


def _tell_of(session: Session, plan: Plan, merged: Merged) -> None:
    """The history of the record that stayed tells of it too, even where none of its fields changed."""
    kept = session.get_one(plan.model, merged.kept_id)
    mine = (ENTRIES.c.merge_id == merged.id) & (ENTRIES.c.resource == plan.name) & (ENTRIES.c.record_id == kept.id) & (ENTRIES.c.action == "unmerge")
    if session.scalar(select(ENTRIES.c.id).where(mine).limit(1)) is None:
        trail.note(session, plan, kept, Deed.UPDATE)
