"""Choices kept, and the rows that they are about checked again: a few at once, many in the background. No write lock is held meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backoffice.db import db, writing
from backoffice.declare.journal import ImportRun, RunState
from backoffice.errors import Stale
from backoffice.exchange import lifecycle, rechecking
from backoffice.exchange.options import Options
from backoffice.exchange.stage import Part, Stage
from backoffice.exchange.staging import leaving
from backoffice.views.imports.looking import Look

AT_ONCE, BATCH = 5_000, 5_000
"""As many rows are checked while the person waits; what a receipt asks about is always checked at once, batch by batch."""
Choose = Callable[[Options], dict[str, Any]]


def check(look: Look, stage: Stage, part: Part, rows: list[int], choose: Choose) -> None:
    """Keep what ``choose`` makes of the choices so far, and check these rows with it."""
    is_many = len(rows) > AT_ONCE or len(stage.parts()) > 1  # what one noun of a file says decides what the next one may link to
    in_background = is_many and look.state is RunState.PLANNED
    with writing():
        run = _still(look)
        options = lifecycle.change_options(run, **choose(Options.from_json(run.options)))
        if in_background:
            lifecycle.plan_again(db.session(), run)
    if in_background:
        return
    for start in range(0, len(rows), BATCH):
        rechecking.check(stage, look.person, run, options, part, rows[start:start + BATCH])
    _count(look, stage)


def leave(look: Look, stage: Stage, part: Part, rows: list[int], choose: Choose) -> None:
    """Keep that these rows are left out; they need no other check."""
    with writing():
        lifecycle.change_options(_still(look), **choose(Options.from_json(look.run.options)))
    leaving.leave(stage, part, rows)
    _count(look, stage)


def _count(look: Look, stage: Stage) -> None:
    found = rechecking.counts(stage)
    with writing():
        rechecking.keep(_still(look), found)


def _still(look: Look) -> ImportRun:
    """The run in the state in which the person saw it, for this transaction alone."""
    run = db.session.get(ImportRun, look.run.id, populate_existing=True, with_for_update=True)
    if run is None or run.state is not look.state:
        raise Stale
    return run
