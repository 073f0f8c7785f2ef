"""``flask undo-import``."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from typing import IO, Any

import click
from sqlalchemy import select

from backoffice import access
from backoffice.cli.house import AS_JSON, command
from backoffice.db import db, reading
from backoffice.declare import Refused, _
from backoffice.declare.journal import ImportRun
from backoffice.exchange import undoing
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.undoing import Detail, Outcome, Verdict
from backoffice.exchange.undoing.runs import unknown
from backoffice.jobs.tables import Job, JobState

SHOWN = 20


@command(
    "undo-import",
    click.Argument(["run"]),
    click.Option(["--dry-run"], is_flag=True, help="Say what would become of each record; write nothing."),
    AS_JSON,
)
def undo(run: str, dry_run: bool, as_json: bool) -> None:
    """Take the import RUN back: remove what it made, put back what it changed, as far as nobody edited it since."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        outcome = _done(run, _writer(told), dry_run=dry_run)
        told.seek(0)
        if as_json:
            _print_json(outcome, told)
        else:
            _print(outcome, dry_run=dry_run)
    raise SystemExit(1 if outcome.refused else 0)


def _done(number: str, tell: Callable[[Detail], None], *, dry_run: bool) -> Outcome:
    try:
        if dry_run:
            with reading():
                outcome = undoing.preview(db.session(), access.SYSTEM, _run(number), tell=tell)
                db.session.rollback()
            return outcome
        run = _run(number)
        _insist_on_peace(run)
        return undoing.undo(access.SYSTEM, run, tell=tell)
    except Refused as problem:
        raise Unreadable(problem.code, problem.why) from None


def _run(number: str) -> ImportRun:
    run = db.session.get(ImportRun, int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None  # fits the column
    if run is None:
        raise Unreadable("unknown_run", unknown(number))
    return run


def _insist_on_peace(run: ImportRun) -> None:
    """A worker that is at it already is left alone."""
    busy = select(Job.id).where(Job.task == "import.undo", Job.subject_id == run.id, Job.state.in_([JobState.QUEUED, JobState.RUNNING]))
    if db.session.scalar(busy.limit(1)) is not None:
        raise Unreadable("busy", _("A worker takes this import back already."))


def _writer(told: IO[str]) -> Callable[[Detail], None]:
    """Details go to a file first: there may be a million of them."""
    def tell(detail: Detail) -> None:
        told.write(json.dumps(detail.as_json(), ensure_ascii=False) + "\n")
    return tell


def _print_json(outcome: Outcome, told: IO[str]) -> None:
    counts: dict[str, Any] = {**outcome.as_json()}
    del counts["details"]
    click.echo(json.dumps(counts, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "details": [', nl=False)
    for place, line in enumerate(told):
        click.echo(("," if place else "") + "\n  " + line.rstrip("\n"), nl=False)
    click.echo("\n ]\n}")


def _print(outcome: Outcome, *, dry_run: bool) -> None:
    """The outcome for people."""
    counts = [(_("reversed"), outcome.reversed), (_("kept"), outcome.kept), (_("refused"), outcome.refused)]
    click.echo(f"{outcome.run}: " + ", ".join(f"{label} {count}" for label, count in counts))
    left = [one for one in outcome.details if one.verdict is not Verdict.REVERSED]
    for one in left[:SHOWN]:
        click.echo(f"  {one.key}: {one.reason} [{one.verdict}]")
    if outcome.left > SHOWN:
        click.echo("  " + str(_("and {count} more", count=outcome.left - SHOWN)))
    if dry_run:
        click.echo(str(_("Dry run: nothing was written.")))
