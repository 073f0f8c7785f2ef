"""The work itself: a slice of rows in one transaction, each row in a savepoint and with an outcome of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from backoffice import access, merging
from backoffice.audit.context import circumstances
from backoffice.batches import orders
from backoffice.batches.orders import Deed, Order
from backoffice.batches.tables import ROWS, Verdict
from backoffice.declare import Model, Refused, Text, Verb, _, clock
from backoffice.declare.journal import AuditEntry, ImportRun, Source
from backoffice.declare.kinds import Instant
from backoffice.exchange.undoing.trail import CHANGES
from backoffice.integrity import flush
from backoffice.performing import perform
from backoffice.plan import Field, Plan

Outcome = tuple[Verdict, Text | None]
LONGEST = 500
_MARK = update(ROWS).where(ROWS.c.batch_id == bindparam("b"), ROWS.c.place == bindparam("p")).values(verdict=bindparam("v"), why=bindparam("w"))


class Meanwhile(Exception):
    """Somebody changed the record after it was chosen."""

    def __init__(self, why: Text) -> None:
        super().__init__(str(why))
        self.why = why


def rows_of(session: Session, batch_id: int, after: int, most: int) -> Sequence[Any]:
    """The next rows of a batch."""
    mine = (ROWS.c.batch_id == batch_id) & (ROWS.c.place > after)
    return session.execute(select(ROWS.c.place, ROWS.c.record_id, ROWS.c.version).where(mine).order_by(ROWS.c.place).limit(most)).all()


def work(session: Session, person: Any, plan: Plan, run: ImportRun, batch_id: int, rows: Sequence[Row[Any]]) -> None:
    """Do to these rows what the run orders, in the open transaction, and write down what became of each."""
    with circumstances(source=Source.PAGE, action=None, run_id=run.id):
        found = _Work(session, person, plan, run).outcomes(rows)
    marks = [{"b": batch_id, "p": place, "v": verdict.value, "w": None if why is None else str(why)[:LONGEST]} for place, (verdict, why) in found.items()]
    session.connection().execute(_MARK, marks)
    count(run, Counter(verdict for verdict, _why in found.values()))
    session.flush()


def count(run: ImportRun, found: Mapping[Verdict, int]) -> None:
    """Add outcomes to the counts of the run."""
    told = run.receipt.get("counts", {})
    run.receipt = {**run.receipt, "counts": {one.value: told.get(one.value, 0) + found.get(one, 0) for one in Verdict}}
    run.updated += found.get(Verdict.CHANGED, 0)
    run.unchanged += found.get(Verdict.UNCHANGED, 0)
    run.refused += sum(found.get(one, 0) for one in (Verdict.REFUSED, Verdict.DENIED, Verdict.MEANWHILE))


class _Work:
    def __init__(self, session: Session, person: Any, plan: Plan, run: ImportRun) -> None:
        self.session, self.person, self.plan, self.run = session, person, plan, run
        self.order: Order | None = None
        self.why: Text | None = None
        try:
            self.order = orders.of(plan, run.options["batch"], session, person)
            self.why = orders.objection(person, self.order)
        except Refused as no:
            self.why = no.why

    def outcomes(self, rows: Sequence[Row[Any]]) -> dict[int, Outcome]:
        """What became of each row, by its place."""
        order = self.order
        if order is None or self.why is not None:
            return {row.place: (Verdict.REFUSED if order is None else Verdict.DENIED, self.why) for row in rows}
        ids = [row.record_id for row in rows]
        records, reached = self._locked(ids), self._reached(order, ids)
        return {row.place: self._one(order, records.get(row.record_id), row, reached) for row in rows}

    def _locked(self, ids: Sequence[int]) -> dict[int, Model]:
        model = self.plan.model
        query = select(model).where(model.id.in_(ids)).order_by(model.id).with_for_update(of=model)
        return {record.id: record for record in self.session.scalars(query.execution_options(populate_existing=True))}

    def _reached(self, order: Order, ids: Sequence[int]) -> set[int]:
        """The rows that the person reads, and reaches for this."""
        found = [
            set(self.session.scalars(access.scoped_query(self.person, self.plan, verb, archived=None).where(self.plan.model.id.in_(ids))
                                     .with_only_columns(self.plan.model.id)))
            for verb in (Verb.READ, order.verb)
        ]
        return set.intersection(*found)

    def _one(self, order: Order, record: Model | None, row: Row[Any], reached: set[int]) -> Outcome:
        if record is None or row.record_id not in reached:
            return Verdict.DENIED, None
        try:
            with self.session.begin_nested():
                self._insist_unchanged(record, row.version)
                is_changed = DEEDS[order.deed](self, order, record)
        except Refused as no:
            return Verdict.REFUSED, no.why
        except Meanwhile as no:
            return Verdict.MEANWHILE, no.why
        except StaleDataError:
            return Verdict.MEANWHILE, _("The record has changed since you chose it.")
        return (Verdict.CHANGED if is_changed else Verdict.UNCHANGED), None

    def _insist_unchanged(self, record: Model, version: int) -> None:
        """What this very run has changed along with another row does not count."""
        if record.version == version:
            return
        mine = (AuditEntry.resource == self.plan.name) & (AuditEntry.record_id == record.id) & (AuditEntry.record_version > version)
        entries = self.session.scalars(select(AuditEntry).where(mine, AuditEntry.deed.in_(CHANGES)).order_by(AuditEntry.id)).all()
        others = [one for one in entries if one.run_id != self.run.id]
        if others:
            last = others[-1]
            raise Meanwhile(_("{who} changed it, {when}.", who=last.who or str(_("the system")), when=Instant().show(last.at)))
        if set(range(version + 1, record.version + 1)) - {one.record_version for one in entries}:
            raise Meanwhile(_("The record has changed since you chose it."))

    def _edit(self, order: Order, record: Model) -> bool:
        merging.insist_open(self.session, record)
        fresh = [one for one in order.fields if not _is_same(one, order.values[one.name], getattr(record, one.name))]
        if not fresh:
            return False
        with self.session.no_autoflush:
            for one in fresh:
                value = order.values[one.name]
                setattr(record, one.name, value)
                if one.is_link:
                    setattr(record, one.column, value.id if value is not None else None)
        flush(self.session, self.plan)
        if not self._reaches_all(order) and not access.reaches(self.session, self.person, self.plan, record, order.verb):
            raise Refused(_("Saved like this, the record would belong to somebody else. You may only keep records that are yours."), code="outside")
        return True

    def _reaches_all(self, order: Order) -> bool:
        given = access.right(self.person, self.plan)
        return order.verb in given.verbs and given.rows is None and given.change is None

    def _act(self, order: Order, record: Model) -> bool:
        merging.insist_open(self.session, record)
        if order.action is not None:
            perform(self.session, self.plan, order.action, record, order.values)
        return True

    def _archive(self, order: Order, record: Model) -> bool:
        if record.archived_at is not None:
            return False
        record.archived_at = clock.now()
        flush(self.session, self.plan)
        return True

    def _restore(self, order: Order, record: Model) -> bool:
        if record.archived_at is None:
            return False
        if (other := merging.into(self.session, self.plan, record)) is not None:
            raise Refused(_("This record was merged into {name}. Undo the merge on that page instead.", name=other), code="merged")
        record.archived_at = None
        flush(self.session, self.plan)
        return True


DEEDS: dict[Deed, Callable[[_Work, Order, Model], bool]] = {
    Deed.EDIT: _Work._edit, Deed.ACT: _Work._act, Deed.ARCHIVE: _Work._archive, Deed.RESTORE: _Work._restore,  # noqa: SLF001  # this module's own class
}


def _is_same(one: Field, left: Any, right: Any) -> bool:
    """Whether two values are the same, as the trail would keep them."""
    if left is None or right is None:
        return left is right
    return bool(left.id == right.id) if one.is_link else bool(one.dump(left) == one.dump(right))
