"""Runs a file through plan and writing, set by set or one by one, and looks at what it leaves."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from backoffice.access import SYSTEM
from backoffice.db import db
from backoffice.declare.journal import ImportRun, NumberSeries, RunState
from backoffice.declare.people import acting
from backoffice.exchange import running
from backoffice.exchange import stage as stages
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Receipt
from backoffice.exchange.writing.applying import Applied, apply
from backoffice.exchange.writing.pace import Pace

MOVING = {"id", "at", "created_at", "updated_at", "run_id", "record_id"}
"""What may differ between two ways of writing the same: ids that were not in the file, and times."""
_count = itertools.count(1)


def begun(resource: str, options: Options) -> int:
    """A run that is about to be written."""
    run = ImportRun(resource=resource, file_name=options.file_name, sha256="0", encoding="utf-8", state=RunState.APPLYING)
    db.session.add(run)
    db.session.commit()
    db.session.remove()
    return run.id


def plan(stage: Any, folder: Path, resource: str, text: str | bytes, person: Any, options: Options) -> Receipt:
    """Stage a text."""
    file = folder / f"{next(_count)}.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    target = current_app.extensions["plans"][resource]
    return running.plan_on(stage, person, target, running.opened(target, file, options), options)


def write(
    folder: Path, resource: str, text: str | bytes, person: Any = SYSTEM, *, one_by_one: bool = False, pace: Pace | None = None, **chosen: Any,
) -> tuple[Receipt, Applied]:
    """Plan a text and write it. ``one_by_one``: as if a rule looked at every row."""
    options = Options(file_name="a.csv", **chosen)
    number = begun(resource, options)
    with acting(None if person is SYSTEM else person), stages.opened(number) as stage:
        receipt = plan(stage, folder, resource, text, person, options)
        if one_by_one:
            for part in stage.parts():
                stage.connection.execute(part.rows.update().values(is_ruled=True))
            stage.connection.commit()
        applied = apply(stage, person, options, run_id=number, pace=pace)
    db.session.rollback()
    return receipt, applied


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """What all tables hold, runs aside."""
    db.session.rollback()
    left_out = {ImportRun.__table__.name, NumberSeries.__table__.name, "jobs", "workers"}
    there = set(sa.inspect(db.session.connection()).get_table_names())
    held = {one.name: _held(one) for one in db.metadata.sorted_tables if one.name in there - left_out}
    db.session.rollback()
    return held


def _held(table: sa.Table) -> list[tuple[Any, ...]]:
    """Rows without ids: what a link leads to is told by name in the trail."""
    columns = [column for column in table.c if column.name not in MOVING and not column.foreign_keys]
    return sorted((tuple(map(_without_ids, row)) for row in db.session.execute(sa.select(*columns))), key=str)


def _without_ids(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: [_name(one) for one in both] if isinstance(both, list) else both for name, both in sorted(value.items())}


def _name(value: Any) -> Any:
    return value["name"] if isinstance(value, dict) and "name" in value else value
