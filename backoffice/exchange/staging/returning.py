"""An export that comes back: cells that nobody touched in the file change nothing, even where colleagues have changed the record since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.exchange import baseline
from backoffice.exchange.stage import UNCHANGED, UPDATE, Part, Stage
from backoffice.exchange.tables import ExportRun
from backoffice.plan import Field

AT_ONCE = 2_000
UNDER_WAY = timedelta(hours=1)
"""So long a change may have been under way when the export was made; the trail tells exactly."""


def keep_later_changes(stage: Stage, part: Part, export: ExportRun) -> int:
    """Take cells that still say what the export said out of the changes; answers how many rows that concerns."""
    rows, table, last, count = part.rows, part.plan.table, 0, 0
    query = (
        sa.select(rows).join(table, table.c.id == rows.c.record_id).where(rows.c.verdict == UPDATE, table.c.updated_at >= export.at - UNDER_WAY)
        .order_by(rows.c.row).limit(AT_ONCE)
    )
    while some := stage.connection.execute(query.where(rows.c.row > last)).all():
        last = some[-1].row
        old = baseline.at_export(Session(stage.connection), part.plan, export, [row.record_id for row in some])
        kept = [{"number": row.row, "bits": bits} for row in some if (bits := _untouched(part, row, old.get(row.record_id, {}))) & row.changed]
        count += len(kept)
        if kept:
            stage.connection.execute(_take_out(rows), kept)
    left = rows.c.changed == 0
    stage.connection.execute(rows.update().where(rows.c.verdict == UPDATE, left).values(verdict=UNCHANGED, is_ruled=False))
    stage.connection.commit()
    return count


def _untouched(part: Part, row: Any, old: Mapping[str, Any]) -> int:
    """The bits of the cells that hold what the export held."""
    values = row._mapping  # noqa: SLF001  # the documented way to a row's values by name
    cells = ((place, column.field, values[f"c{place}"]) for place, column in enumerate(part.mapped.columns))
    return sum(1 << place for place, one, value in cells if one.name in old and _is_same(one, old[one.name], value))


def _is_same(one: Field, old: Any, value: Any) -> bool:
    if one.is_link or old is None or value is None:
        return bool(old == value)
    return bool(one.kind.write(old) == one.kind.write(value))


def _take_out(rows: sa.Table) -> sa.Update:
    bits = sa.bindparam("bits", type_=sa.BigInteger)
    return rows.update().where(rows.c.row == sa.bindparam("number")).values(changed=rows.c.changed.op("&")(sa.literal_column("-1") - bits))
