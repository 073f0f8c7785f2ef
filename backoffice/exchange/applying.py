"""Applies a file: one transaction, all or nothing; a dry run is the very same path, taken back at the end."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from backoffice import access
from backoffice.audit.context import circumstances
from backoffice.declare import Model, Refused, Verb, _
from backoffice.declare.journal import ImportRun, RunState, Source
from backoffice.exchange.deciding import Decision
from backoffice.exchange.mapping import Mapped, known_by, match
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Finding, Receipt, Unreadable, Verdict
from backoffice.exchange.planning import Draft, Planner
from backoffice.exchange.reading import Sheet, read
from backoffice.integrity import explain
from backoffice.plan import Plan

CHUNK = 500
KEPT_FINDINGS = 500
_COLLECTING = gc.get_threshold()


def take(session: Session, person: Any, plan: Plan, data: bytes, options: Options) -> Receipt:
    """Run a file through: read, map, plan, write, and keep it or take it back.

    Ends the session's transaction. Raises :class:`Unreadable` where the file as a whole cannot be
    used, and :class:`~backoffice.errors.Denied` where the person imports nothing here.
    """
    sheet, mapped = opened(person, plan, data, options)
    receipt = Receipt(plan.name, options.dry_run, sheet.encoding, sheet.delimiter, sheet.header_line, rows=len(sheet.rows))
    receipt.notices.extend(mapped.notices)
    if not sheet.rows:
        why = _("The file has a header and no rows.")
        receipt.notices.append(Finding(sheet.header_line, 0, None, None, None, "no_rows", str(why)))
    run = _begun(person, plan, sheet, data, options)
    try:
        session.add(run)
        session.flush()
        with circumstances(source=Source.IMPORT, action=None, run_id=run.id), _seldom_collecting():
            Work(session, person, plan, mapped, options, receipt).do(sheet)
        _end(session, run, receipt, options)
    except BaseException:
        session.rollback()
        raise
    return receipt


def opened(person: Any, plan: Plan, data: bytes, options: Options) -> tuple[Sheet, Mapped]:
    """The file as rows, and what its columns mean."""
    access.require(person, Verb.IMPORT, plan)
    if not plan.resource.importable:
        raise Unreadable("not_importable", _("These records are made by the system alone; they are not imported."))
    keys = options.keys(plan)
    sheet = read(data, known_by(plan, options.columns), options.encoding)
    return sheet, match(plan, sheet, keys, options.columns)


def _begun(person: Any, plan: Plan, sheet: Sheet, data: bytes, options: Options) -> ImportRun:
    return ImportRun(
        user_id=person.id, who=str(person) if person is not access.SYSTEM else None, resource=plan.name,
        file_name=options.file_name[:200], sha256=hashlib.sha256(data).hexdigest(), encoding=sheet.encoding,
        state=RunState.APPLIED, rows=len(sheet.rows),
    )


def _end(session: Session, run: ImportRun, receipt: Receipt, options: Options) -> None:
    """Keep the run, or take it back and keep only that it was refused."""
    if options.dry_run:
        session.rollback()
        return
    is_refused = receipt.refused > 0 and not options.skip_invalid
    if is_refused:
        kept = {name: getattr(run, name) for name in ("user_id", "who", "resource", "file_name", "sha256", "encoding", "rows", "started_at")}
        session.rollback()
        run = ImportRun(**kept, state=RunState.REFUSED)
        session.add(run)
        session.flush()
    receipt.run = run.id
    receipt.applied = not is_refused and bool(receipt.counts[Verdict.CREATED] + receipt.counts[Verdict.UPDATED])
    for verdict, count in receipt.counts.items():
        setattr(run, verdict.value, count)
    run.warnings = len(receipt.notices)
    run.receipt = _shortened(receipt)
    session.commit()


def _shortened(receipt: Receipt) -> dict[str, Any]:
    whole = receipt.as_json()
    return {**whole, "errors": whole["errors"][:KEPT_FINDINGS], "notices": whole["notices"][:KEPT_FINDINGS]}


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Search for garbage less often: thousands of records that live on would be walked again and again, a quarter of the time."""
    gc.set_threshold(100_000, *_COLLECTING[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_COLLECTING)


class Work:
    """Writes the rows of one file, chunk by chunk, into the session's open transaction."""

    def __init__(self, session: Session, person: Any, plan: Plan, mapped: Mapped, options: Options, receipt: Receipt) -> None:
        self.session, self.person, self.plan, self.mapped, self.receipt = session, person, plan, mapped, receipt
        self.planner = Planner(session, person, plan, mapped, options)
        self.done: list[Decision] = []

    def do(self, sheet: Sheet) -> None:
        """Plan and write every row, and count the verdicts."""
        self.planner.draft(sheet)
        waiting, last = self.planner.drafts, None
        while waiting:
            left = list(self._pass(waiting, is_last=len(waiting) == last))
            waiting, last = left, len(waiting)
        self.done.sort(key=lambda one: one.row.number)
        for decision in self.done:
            self.receipt.counts[decision.verdict] += 1
            self.receipt.errors.extend(decision.findings)
            self.receipt.notices.extend(decision.notices)

    def _pass(self, drafts: list[Draft], *, is_last: bool) -> Iterator[Draft]:
        """Take these rows once; answers those that wait for a row still to be written."""
        for start in range(0, len(drafts), CHUNK):
            chunk = drafts[start:start + CHUNK]
            with self.session.no_autoflush:
                self.planner.link(chunk)
                held = [] if is_last else self.planner.waiting(chunk)
                ids = set(map(id, held))
                decisions = self.planner.decide([one for one in chunk if id(one) not in ids])
            self.write([one for one in decisions if one.verdict in (Verdict.CREATED, Verdict.UPDATED)])
            self.done.extend(decisions)
            yield from held

    def write(self, decisions: Sequence[Decision]) -> None:
        """Write these rows, or halve them until the one that cannot be written names itself."""
        if not decisions:
            return
        try:
            with self.session.begin_nested():
                self._flush(decisions)
        except (Refused, IntegrityError, DataError) as error:
            if len(decisions) == 1:
                self._refuse(decisions[0], error)
                return
            middle = len(decisions) // 2
            self.write(decisions[:middle])
            self.write(decisions[middle:])

    def _flush(self, decisions: Sequence[Decision]) -> None:
        written = []
        for decision in decisions:
            record = decision.record
            if record is None:
                record = self.plan.model(from_history=decision.is_history)
                self.session.add(record)
            self._set(record, decision.values)
            written.append(record)
        self.session.flush()
        self._insist_on_own(written)

    def _set(self, record: Model, values: dict[str, Any]) -> None:
        for name, value in values.items():
            one = self.plan.fields[name]
            if one.is_link:
                setattr(record, one.column, None if value is None else value.id)
                set_committed_value(record, name, value)  # known to the rules, without waking the other side's lists
            else:
                setattr(record, name, value)

    def _insist_on_own(self, written: list[Model]) -> None:
        """What was made or changed must lie among the person's own rows."""
        if self.person is access.SYSTEM or not written:
            return
        ids = {record.id for record in written}
        query = access.scoped_query(self.person, self.plan, Verb.IMPORT, archived=None).where(self.plan.model.id.in_(ids))
        if len(set(self.session.scalars(query.with_only_columns(self.plan.model.id)))) < len(ids):
            raise Refused(_("Written like this, the record would not be among those that you may change."), code="not_yours")

    def _refuse(self, decision: Decision, error: Refused | IntegrityError | DataError) -> None:
        if isinstance(error, DataError):
            refused = Refused(_("The database cannot store a value of this row."), code="unstorable")
        else:
            refused = error if isinstance(error, Refused) else explain(error, self.plan)
        one = self.plan.fields.get(refused.field or "")
        column = self.mapped.of(one) if one else None
        value = decision.row.cells[column.index] if column and column.index < len(decision.row.cells) else None
        decision.findings.append(self.planner.rules.finding(decision.row, column, value, refused.code, refused.why, one))
        decision.verdict = Verdict.REFUSED
