"""The work of an undo: slices that are committed whole, each with how far it leads, so that it goes on anywhere and ends the same."""

from __future__ import annotations

import time
from typing import Any, Protocol, cast

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.orm import Session

from backoffice.access import SYSTEM
from backoffice.audit.context import circumstances
from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.journal import ImportRun, RunState, Source
from backoffice.declare.people import acting
from backoffice.errors import Stale
from backoffice.exchange.calm import calm
from backoffice.exchange.undoing import runs
from backoffice.exchange.undoing.closure import Slice
from backoffice.exchange.undoing.going import Going, Keys
from backoffice.exchange.undoing.outcome import KEPT_DETAILS, Detail, Outcome, Tell, Verdict
from backoffice.exchange.undoing.runs import PLACE
from backoffice.exchange.undoing.writing import Writer

SLICE_S = 0.1
FIRST, FEWEST, MOST = 300, 250, 2_000
RUNS = cast(Table, ImportRun.__table__)


class Step(Protocol):
    """Saves how far the work leads, inside the transaction that does it; raises where the work is to end."""

    def __call__(self, connection: Connection | Session, /, *, cursor: int, done: int, total: int | None = None) -> None: ...


def no_step(connection: Connection | Session, /, *, cursor: int, done: int, total: int | None = None) -> None:
    """The step of work that nobody watches."""


def undo(person: Any, run: ImportRun, step: Step = no_step, *, tell: Tell | None = None) -> Outcome:
    """Take a run back, or go on where that was interrupted. Ends the session's transaction. Raises as :func:`runs.begin` does."""
    session = db.session()
    with _circumstances(person):
        runs.begin(session, person, run)
        session.commit()
    return carry_on(person, run, step, tell=tell)


def take_back(person: Any, run: ImportRun, step: Step = no_step) -> Outcome:
    """Take back what a run has written before it broke off, whoever may; its state is left to the caller.

    Ends the session's transaction. May be called again after a crash.
    """
    session = db.session()
    with _circumstances(person):
        if runs.opened(session, run) is None:
            state = run.state
            runs.open_run(session, person, run)
            runs.move(session, run, state)
        session.commit()
    return carry_on(person, run, step, reach=SYSTEM)


def carry_on(person: Any, run: ImportRun, step: Step = no_step, *, tell: Tell | None = None, reach: Any = None) -> Outcome:
    """Work off what :func:`runs.begin` has begun. Raises :class:`Stale` where another process does the same work."""
    session = db.session()
    with _circumstances(person):
        begun = runs.opened(session, run)
        if begun is None:
            raise Stale
        work = Work(session, person if reach is None else reach, run, begun, step, tell)
        try:
            with calm():
                while work.slice():
                    pass
            work.end()
        except BaseException:
            session.rollback()
            raise
    return work.outcome


def _circumstances(person: Any) -> Any:
    return acting(None if person is SYSTEM else person)


class Work:
    """One undo at work."""

    def __init__(self, session: Session, reach: Any, run: ImportRun, begun: ImportRun, step: Step, tell: Tell | None) -> None:
        self.session, self.run_id, self.undo_id, self.step, self.tell = session, run.id, begun.id, step, tell
        place = begun.options[PLACE]
        self.cursor: int | None = place["cursor"]
        self.done: int = place["done"]
        self.left: int = place.get("left", 0)
        self.version = begun.version
        self.options = dict(begun.options)
        self.receipt: dict[str, Any] = dict(begun.receipt) or Outcome(run.id, begun.id).as_json()
        self.going = Going(session, reach, run, is_look=False, counts=place.get("nouns"))
        self.writer = Writer(session, reach, self.going.main, self.going.neighbors.rank, runs.purpose(run))
        self.size = FIRST
        self.source = Source.PAGE if runs.BATCH in run.options else Source.IMPORT
        session.rollback()

    @property
    def outcome(self) -> Outcome:
        """The counts so far."""
        told = self.receipt
        details = [Detail(one["resource"], one["record_id"], one["key"], Verdict(one["verdict"]), one["reason"]) for one in told["details"]]
        return Outcome(self.run_id, self.undo_id, told["reversed"], told["kept"], told["refused"], details)

    def slice(self) -> bool:
        """Do the next slice and commit it; False when there is none."""
        began = time.perf_counter()
        with circumstances(source=self.source, action=None, run_id=self.undo_id):
            found = self.going.slice(self.cursor, self.size)
            if found is None:
                self.session.rollback()
                return False
            part, bottom, entries = found
            keys = self.going.keys(part.good) if self.tell is not None else {}
            self.writer.write(part)
        told = self._count(part, keys)
        self.cursor, self.done = bottom, self.done + entries
        self._save(cursor=self.cursor, done=self.done, left=self.left)
        self.step(self.session.connection(), cursor=self.done, done=self.done, total=self.going.total)
        self.session.commit()
        for detail in told:
            self.tell(detail)  # type: ignore[misc]  # nothing is told where nobody listens
        took = time.perf_counter() - began
        self.size = min(MOST, max(FEWEST, int(self.size * min(1.25, max(0.25, SLICE_S / took)))))
        return True

    def end(self) -> None:
        """Write down that nothing is left to do."""
        run, undo = self._runs()
        runs.close(self.session, run, undo, is_whole=True)
        self.session.commit()

    def _count(self, part: Slice, keys: Keys) -> list[Detail]:
        """Add a slice to the counts; answers what is to be told once it is committed."""
        counted = self.going.counted(part, is_look=False)
        self.left += sum(not one.is_good for one in part.home)
        for verdict in Verdict:
            self.receipt[verdict.value] += sum(one.verdict is verdict for one in counted)
        room = KEPT_DETAILS - len(self.receipt["details"])
        bad = [one for one in counted if not one.is_good]
        explained = self.going.details(bad if self.tell is not None else bad[:room], self.going.keys(bad))
        self.receipt["details"] = [*self.receipt["details"], *(one.as_kept() for one in explained[:room])]
        if self.tell is None:
            return []
        return [*self.going.details([one for one in counted if one.is_good], keys), *explained]

    def _save(self, **place: Any) -> None:
        """Keep counts and place, fenced: of two that do the same work the slower one stops here."""
        self.options = {**self.options, PLACE: {**self.options[PLACE], "nouns": self.going.counts, **place}}
        told, mine = self.receipt, (RUNS.c.id == self.undo_id) & (RUNS.c.version == self.version) & (RUNS.c.state == RunState.UNDOING)
        values = {
            "rows": told["reversed"] + told["kept"] + told["refused"], "updated": told["reversed"], "unchanged": told["kept"],
            "refused": told["refused"], "receipt": told, "options": self.options, "version": self.version + 1, "updated_at": clock.now(),
        }
        saved: Any = self.session.execute(update(RUNS).where(mine).values(values))
        if saved.rowcount != 1:
            raise Stale
        self.version += 1

    def _runs(self) -> tuple[ImportRun, ImportRun]:
        query = select(ImportRun).where(ImportRun.id.in_([self.run_id, self.undo_id])).execution_options(populate_existing=True)
        found = {one.id: one for one in self.session.scalars(query)}
        if found[self.undo_id].state is not RunState.UNDOING or found[self.undo_id].version != self.version:
            raise Stale
        return found[self.run_id], found[self.undo_id]
