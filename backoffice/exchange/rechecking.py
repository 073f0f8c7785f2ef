"""Some rows of a planned run checked once more, after a person corrected or decided them; the others stay as they were found."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from backoffice.db import db
from backoffice.declare import _
from backoffice.declare.journal import ImportRun
from backoffice.exchange import preparing, running, runs, staging
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.stage import CREATE, DECIDE, REFUSE, UNCHANGED, UPDATE, Part, Stage
from backoffice.exchange.staging import raws

COUNTED = {CREATE: "created", UPDATE: "updated", UNCHANGED: "unchanged", REFUSE: "refused", DECIDE: "conflicts"}


def check(stage: Stage, person: Any, run: ImportRun, options: Options, part: Part, rows: Collection[int]) -> None:
    """Check these rows of a part with the choices of now; their number is at most some thousands.

    Raises :class:`Unreadable` where the file is gone.
    """
    target = preparing.target_named(run.resource)
    if target is None:
        raise Unreadable("unknown_resource", _("The uploaded file is not here any more. Choose it again."))
    with preparing.prepared(person, target, running.opened(target, runs.file_of(run), options), options) as prepared:
        ready = next(one for one in prepared.parts if one.plan.name == part.plan.name)
        raws.keep(stage, part, ready.source)  # of rows that only writing has put to the question
        staging.Planning(stage, person, ready.plan, ready.mapped, ready.options).again(rows, ready.source)


def counts(stage: Stage) -> dict[str, int]:
    """How many rows have each verdict, and how many notices there are, by the names of the run's columns."""
    by_verdict = staging.counts(stage)
    noticed = sa.select(sa.func.count()).select_from(stage.findings).where(stage.findings.c.is_notice.is_(True))
    return {
        **{name: by_verdict[verdict] for verdict, name in COUNTED.items()}, "rows": sum(by_verdict.values()),
        "warnings": stage.connection.scalar(noticed) or 0,
    }


def keep(run: ImportRun, found: dict[str, int]) -> None:
    """Write the counts into the run, in the caller's transaction; what was said of the whole file still holds."""
    about_file = sum(1 for one in run.receipt.get("notices", ()) if one["row"] == 0)
    for name, count in {**found, "warnings": found["warnings"] + about_file}.items():
        setattr(run, name, count)
    db.session.flush()
