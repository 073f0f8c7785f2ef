"""Runs whose rows are put onto the stage by hand: what the pages show, without the planning."""

from __future__ import annotations

import json
from typing import Any

from backoffice.access import SYSTEM
from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.journal import ImportRun, RunState
from backoffice.exchange import runs
from backoffice.exchange import stage as staging
from backoffice.exchange.mapping import Column, Mapped
from backoffice.plan import Plan

COUNTED = {"c": "created", "m": "updated", "u": "unchanged", "r": "refused", "x": "conflicts"}


def stage_run(plan: Plan, person: Any, headers: list[str], rows: list[dict[str, Any]], *, state: RunState = RunState.PLANNED) -> ImportRun:
    """A run with these rows: ``verdict``, ``values`` by header, ``record``, ``raw``, ``errors`` and ``notices`` as (header, value, code, message)."""
    columns = tuple(Column(place, header, plan.by_word[header], plan.by_word[header].word) for place, header in enumerate(headers))
    run = ImportRun(
        user_id=person.id, who=str(person) if person is not SYSTEM else None, resource=plan.name, file_name=f"{plan.name}.csv", file_size=2048,
        sha256="ab" * 32, encoding="utf-8", state=state, rows=len(rows), expires_at=clock.now() + runs.KEPT,
    )
    db.session.add(run)
    db.session.flush()
    for row in rows:
        name = COUNTED[row["verdict"]]
        setattr(run, name, (getattr(run, name) or 0) + 1)
        run.warnings = (run.warnings or 0) + len(row.get("notices", ()))
    db.session.commit()
    with staging.opened(run.id) as stage:
        stage.clear()
        part = stage.make(plan, Mapped(columns, ()))
        for number, row in enumerate(rows, start=1):
            _put(stage, part, number, row)
        stage.connection.commit()
    return run


def _put(stage: staging.Stage, part: staging.Part, number: int, row: dict[str, Any]) -> None:
    record, values = row.get("record"), row.get("values", {})
    filled: dict[str, Any] = {}
    changed = 0
    for place, column in enumerate(part.mapped.columns):
        value = values.get(column.header)
        filled[f"c{place}"] = getattr(value, "id", value)
        if column.field.is_link:
            filled[f"t{place}"] = None
        if value is not None and (record is None or getattr(record, column.field.column) != filled[f"c{place}"]):
            changed |= 1 << place
    stage.connection.execute(part.rows.insert().values(
        row=number, line=number + 1, verdict=row["verdict"], record_id=getattr(record, "id", None), record_version=getattr(record, "version", None),
        is_history=False, is_ruled=False, applied=row.get("applied", False), changed=changed, empties=0, **filled,
    ))
    for is_notice, name in ((False, "errors"), (True, "notices")):
        for header, value, code, message in row.get(name, ()):
            stage.connection.execute(stage.findings.insert().values(
                part=part.plan.name, row=number, line=number + 1, column=header, field=header, value=value, code=code, message=message, is_notice=is_notice,
            ))
    if "raw" in row:
        stage.connection.execute(stage.raws.insert().values(part=part.plan.name, row=number, cells=json.dumps(row["raw"], ensure_ascii=False)))
