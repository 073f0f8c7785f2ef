"""Writes the rows of one noun set by set, and the entry of each in the trail."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.audit import record as trail
from backoffice.declare import Model, clock
from backoffice.declare.columns import Utc
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.plan import plan_of
from seeds.demo.past.press import Columns, Press, as_text
from seeds.demo.past.telling import changes
from seeds.demo.past.titles import Titles

LONGEST = 400
"""The trail keeps so much of a name."""


class Pen:
    """Rows get the ids after the last one that is there; ``last`` is the last given."""

    def __init__(self, session: Session, noun: type[Model], titles: Titles) -> None:
        self.noun, self.plan, self.titles = noun, plan_of(noun), titles
        self.rows, self.trail = Press(session.connection(), self.plan.table), Press(session.connection(), plan_of(AuditEntry).table)
        self.last: int = session.scalar(sa.select(sa.func.max(self.plan.table.c.id))) or 0
        defaults = {column.name: column.default for column in self.plan.table.columns}
        self.usual = {name: one.arg for name, one in defaults.items() if isinstance(one, sa.ColumnDefault) and one.is_scalar}

    def write(self, columns: Columns) -> None:
        """Write one row for each place in the columns."""
        count = max((len(values) for values in columns.values() if isinstance(values, list)), default=0)
        if not count:
            return
        now, ids = clock.now(), [*range(self.last + 1, self.last + count + 1)]
        self.last += count
        whole = self.usual | columns | {"id": ids, "version": 1, "created_at": now, "updated_at": now, "from_history": True}
        whole |= {name: [value and as_text(value) for value in values] for name, values in whole.items() if self._is_moments(name, values)}
        names = self.titles.of(self.plan, whole, count)
        self.titles.keep(self.noun, ids[0], names)
        self.rows.put(whole)
        entry = trail.entry(self.plan, None, Deed.CREATE)
        told = {"record_id": ids, "record_name": [name[:LONGEST] for name in names], "record_version": 1}
        self.trail.put(entry | told | {"changes": changes(self.plan, whole, self.titles, count)})

    def _is_moments(self, name: str, values: object) -> bool:
        return isinstance(values, list) and isinstance(self.plan.table.c[name].type, Utc)
