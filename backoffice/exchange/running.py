"""Runs from file to receipt: planned on a stage, then written. A worker does it for the pages, commands and seeds do it at once."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backoffice.access import SYSTEM
from backoffice.db import db, locking
from backoffice.declare import Text, _, clock
from backoffice.declare.journal import ImportRun, RunState
from backoffice.exchange import baseline, preparing, runs, staging, undoing
from backoffice.exchange import stage as stages
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Finding, Receipt, Verdict
from backoffice.exchange.preparing import Target
from backoffice.exchange.reading import open_file
from backoffice.exchange.sources.base import Table
from backoffice.exchange.stage import DECIDE, REFUSE, Stage
from backoffice.exchange.staging import VERDICTS, Say, silent
from backoffice.exchange.staging.noting import Notebook, findings
from backoffice.exchange.writing.applying import Applied, apply
from backoffice.jobs import leases
from backoffice.jobs.tables import Job, JobState
from backoffice.jobs.ticket import Ticket
from backoffice.plan import Plan

KEPT_FINDINGS = 500
KEPT_IN_MEMORY = 100_000
_MEANWHILE = _("Somebody else changed this record while the file was being written. Import the row again.")


def opened(target: Target, file: Path, options: Options) -> Table:
    """The file, with its header found."""
    return open_file(file, preparing.knows(target, options), options.encoding, sheet=options.sheet, name=options.file_name)


def plan_on(stage: Stage, person: Any, target: Target, table: Table, options: Options, say: Say = silent, *, tries: bool = True) -> Receipt:
    """Stage a file and judge its rows; answers what a receipt says of them. Nothing is written to the database.

    Without ``tries`` the model's rules are not asked yet.
    """
    stage.clear()
    receipt = Receipt(target.name, options.dry_run, table.encoding, table.delimiter, table.header_line)
    export = baseline.find(Session(stage.connection), target, options.export) if isinstance(target, Plan) else None
    with preparing.prepared(person, target, table, options) as prepared:
        receipt.notices.extend(prepared.notices)
        preparing.plan_all(stage, person, prepared, say, export, tries=tries)
    if export is not None:
        _notice(receipt, "returned_export", _("This file was exported on {day}; only cells that were changed in it since are taken.", day=export.at.date()))
    count(stage, receipt)
    if not receipt.rows:
        _notice(receipt, "no_rows", _("The file has a header and no rows."))
    _tell(stage, receipt)
    return receipt


def _tell(stage: Stage, receipt: Receipt) -> None:
    """Fill in what is said of rows."""
    receipt.errors = findings(stage, notices=False, most=KEPT_IN_MEMORY)
    receipt.notices = [*(one for one in receipt.notices if one.row == 0), *findings(stage, notices=True, most=KEPT_IN_MEMORY)]


def _notice(receipt: Receipt, code: str, why: Text) -> None:
    receipt.notices.append(Finding(receipt.header_line, 0, None, None, None, code, str(why)))


def count(stage: Stage, receipt: Receipt) -> None:
    """Fill in how many rows have each verdict."""
    found = staging.counts(stage)
    for staged, verdict in VERDICTS.items():
        receipt.counts[verdict] = found[staged]
    receipt.conflicts = found[DECIDE]
    receipt.rows = sum(found.values())
    if len(stage.parts()) > 1:
        receipt.parts = {part.plan.name: _named(staging.counts(stage, part)) for part in stage.parts()}


def _named(found: Counter[str]) -> dict[str, int]:
    return {verdict.value: found[staged] for staged, verdict in VERDICTS.items()}


def take(
    person: Any, target: Target, file: Path, options: Options, say: Say = silent, at_end: Callable[[Stage, Table], None] | None = None,
) -> Receipt:
    """Run a file through at once: plan it, and write it unless something is refused. Ends the session's transaction.

    ``at_end`` may look at the stage before it is cleared away.
    Raises :class:`~backoffice.exchange.outcome.Unreadable` where the file as a whole cannot be used,
    and :class:`~backoffice.errors.Denied` where the person imports nothing here.
    """
    preparing.require(person, target)
    db.session.commit()
    table = opened(target, file, options)
    options = replace(options, export=options.export or table.export_token)
    if options.dry_run:
        with stages.opened(None) as stage:
            receipt = plan_on(stage, person, target, table, options, say)
            _look(at_end, stage, table)
            return receipt
    run = _begun(person, target, table, file, options)
    try:
        with stages.opened(run.id) as stage:
            receipt = plan_on(stage, person, target, table, options, say, tries=False)  # writing asks the rules at once
            receipt.run = run.id
            _write(stage, person, run, options, receipt)
            _look(at_end, stage, table)
    except BaseException:
        _end(run.id, RunState.FAILED)
        raise
    finally:
        stages.forget(run.id)
        runs.forget(run)
        db.session.expire_all()  # what it knows of records may be older than what was written
    return receipt


def _look(at_end: Callable[[Stage, Table], None] | None, stage: Stage, table: Table) -> None:
    if at_end is not None:
        at_end(stage, table)


def _begun(person: Any, target: Target, table: Table, file: Path, options: Options) -> ImportRun:
    """A run that is planned at this moment, by this process."""
    with file.open("rb") as content:
        checksum = hashlib.file_digest(content, "sha256").hexdigest()
    run = ImportRun(
        user_id=person.id, who=str(person) if person is not SYSTEM else None, resource=target.name, file_name=options.file_name[:200],
        file_size=table.size, sha256=checksum, encoding=table.encoding, state=RunState.PLANNING, options=options.as_json(),
    )
    db.session.add(run)
    db.session.commit()
    return run


def _write(stage: Stage, person: Any, run: ImportRun, options: Options, receipt: Receipt) -> None:
    """Write a plan under a lease, as a worker would, so that a worker goes on with it if this process ends."""
    is_refused = receipt.refused > 0 and not options.skip_invalid
    if is_refused:
        _ask_rules(stage, person, receipt)
    if is_refused or not receipt.counts[Verdict.CREATED] + receipt.counts[Verdict.UPDATED]:
        _end(run.id, RunState.REFUSED if is_refused else RunState.APPLIED, receipt)
        return
    ticket = _leased(run, person)
    applied = apply(stage, person, options, ticket.step, run_id=run.id)
    if applied.conflicts and not applied.is_taken_back:
        applied = _refuse_conflicts(stage, person, run, options, applied)
    if applied.is_taken_back:
        _ask_rules(stage, person, receipt)
    settle(stage, receipt, applied)
    leases.end_alone(ticket.owner, ticket.job_id, JobState.DONE)
    _end(run.id, RunState.REFUSED if applied.is_taken_back else RunState.APPLIED, receipt)


def _ask_rules(stage: Stage, person: Any, receipt: Receipt) -> None:
    """A file that is refused as a whole is told everything that is wrong with it."""
    for part in stage.parts():
        staging.try_out(stage, part, person)
    count(stage, receipt)
    _tell(stage, receipt)


def _refuse_conflicts(stage: Stage, person: Any, run: ImportRun, options: Options, applied: Applied) -> Applied:
    """Nobody is there to decide about rows whose record was changed while the file was being written."""
    for part in stage.parts():
        Notebook(stage, part).refuse(part.rows.c.verdict == DECIDE, None, "changed_meanwhile", _MEANWHILE)
        stage.connection.execute(part.rows.update().where(part.rows.c.verdict == DECIDE).values(verdict=REFUSE))
    stage.connection.commit()
    if options.skip_invalid:
        return applied
    with locking():
        undoing.take_back(person, run)
    return replace(applied, is_taken_back=True)


def _leased(run: ImportRun, person: Any) -> Ticket:
    now = clock.now()
    job = Job(
        task="import.apply", subject_id=run.id, user_id=run.user_id, payload={}, state=JobState.RUNNING, owner=f"command#{secrets.token_hex(4)}",
        lease_until=leases.until(), attempts=1, made_at=now, started_at=now,
    )
    with locking():  # beside a stage transactions only read, and one that writes later finds that somebody else has written
        db.session.rollback()
        run.state = RunState.APPLYING
        db.session.add(job)
        db.session.commit()
    return Ticket(job, person)


def receipt_of(run: ImportRun) -> Receipt:
    """The receipt of a planned run, with what was said of the file as a whole."""
    dialect = run.receipt["dialect"]
    receipt = Receipt(run.resource, False, run.encoding, dialect["delimiter"], dialect["header_line"], run.id)
    receipt.notices = [Finding(**one) for one in run.receipt["notices"] if one["row"] == 0]
    return receipt


def settle(stage: Stage, receipt: Receipt, applied: Applied) -> None:
    """Bring the receipt up to date after writing."""
    count(stage, receipt)
    _tell(stage, receipt)
    receipt.applied = not applied.is_taken_back and bool(applied.created + applied.updated)


def _end(run_id: int, state: RunState, receipt: Receipt | None = None) -> None:
    with locking():  # as above
        db.session.rollback()
        run = db.session.get_one(ImportRun, run_id, populate_existing=True)
        run.state, run.ended_at = state, clock.now()
        if receipt is not None:
            keep(run, receipt)
        db.session.commit()


def keep(run: ImportRun, receipt: Receipt) -> None:
    """Write the receipt into the run."""
    run.rows, run.conflicts, run.warnings = receipt.rows, receipt.conflicts, len(receipt.notices)
    for verdict, many in receipt.counts.items():
        setattr(run, verdict.value, many)
    whole = receipt.as_json()
    run.encoding = receipt.encoding
    run.receipt = {**whole, "errors": whole["errors"][:KEPT_FINDINGS], "notices": whole["notices"][:KEPT_FINDINGS]}

