"""Exports in the background: the same rows and columns as on the page, written into a file that waits for its person."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from backoffice.access import require
from backoffice.db import db, reading
from backoffice.declare import Verb, clock
from backoffice.declare.text import use_locale
from backoffice.errors import NotFound
from backoffice.exchange import exporting_files as files
from backoffice.exchange.exporting import Export, choose
from backoffice.exchange.exporting_runs import Tally, end, seen, snapshot
from backoffice.exchange.formats import FORMATS
from backoffice.exchange.tables import ExportRun
from backoffice.jobs import Ticket, periodic, task
from backoffice.jobs.tables import Job
from backoffice.plan import Plan
from backoffice.views.selection import Selection

HOUR_S = 3600


def close(session: Session, job: Job, _code: str = "") -> None:
    """Nothing more will come of this export."""
    run = session.get(ExportRun, job.subject_id)
    if run is not None and run.ended_at is None:
        run.ended_at = clock.now()


@task("export", on_failure=close, on_cancel=close, where="/exports/{subject_id}")
def export(ticket: Ticket) -> None:
    """Write the file anew from the first row: it shows one moment, so it cannot be continued later."""
    with reading():
        run = db.session.get(ExportRun, ticket.subject_id)
        db.session.commit()  # nothing is held, and what was read stays readable
    if run is None:
        raise NotFound
    kind, tally = FORMATS[run.format], Tally()
    with use_locale(ticket.payload["locale"]):
        chosen = chosen_of(ticket.person, current_app.extensions["plans"][run.resource], run, ticket.payload["args"])
        with snapshot() as connection:
            mark, gaps = seen(connection)
            at, total = clock.now(), chosen.count(connection)
            pieces = chosen.stream(connection, kind, run.token, lambda chunks: tally.count(chunks, lambda rows: ticket.say(rows, total)))
            files.write(run, tally.weigh(pieces), ticket.check)
    end(db.session(), run.id, tally, at=at, mark=mark, gaps=gaps, expires_at=clock.now() + files.KEPT)
    ticket.step(db.session(), cursor=1, done=tally.rows, total=total)
    db.session.commit()


def chosen_of(person: Any, plan: Plan, run: ExportRun, args: list[tuple[str, str]]) -> Export:
    """What an export asked for, as far as its person may have it now."""
    require(person, Verb.EXPORT, plan)
    with reading():
        selection = Selection(person, plan, MultiDict(args), Verb.EXPORT)
        chosen = Export(person, plan, selection.query(), choose(person, plan, run.columns), run.headers)  # type: ignore[arg-type]  # one of both
        db.session.commit()
    return chosen


@periodic("exports.expire", every_s=HOUR_S)
def expire(_ticket: Ticket) -> None:
    """Remove files whose time is over."""
    with reading():
        files.expire(db.session())
        db.session.rollback()
