"""Rows that an earlier turn of the same run has written: they stand aside while the rest, decided since, is written."""

from __future__ import annotations

import sqlalchemy as sa

from backoffice.declare.journal import AuditEntry
from backoffice.exchange.stage import CREATE, UPDATE, Stage

PARKED = {CREATE: CREATE.upper(), UPDATE: UPDATE.upper()}


def park(stage: Stage, run_id: int) -> None:
    """Set aside what the trail of the run tells of; what the stage alone says was written is written again."""
    entry = AuditEntry.__table__
    if stage.connection.scalar(sa.select(entry.c.id).where(entry.c.run_id == run_id).limit(1)) is None:
        return
    for part in stage.parts():
        rows = part.rows
        told = sa.exists().where(entry.c.resource == part.plan.name, entry.c.record_id == rows.c.record_id, entry.c.run_id == run_id)
        for verdict, parked in PARKED.items():
            stage.connection.execute(rows.update().values(verdict=parked).where(rows.c.applied, rows.c.verdict == verdict, told))
    stage.connection.commit()


def unpark(stage: Stage) -> None:
    """Let them be counted again."""
    for part in stage.parts():
        rows = part.rows
        for verdict, parked in PARKED.items():
            stage.connection.execute(rows.update().values(verdict=verdict).where(rows.c.verdict == parked))
    stage.connection.commit()
