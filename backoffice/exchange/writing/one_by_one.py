"""Writes staged rows through the ORM, with every rule: rows that a rule looks at, and nouns that SQL alone cannot write.

Also tries rows out: the same in transactions that are taken back, for what a plan says of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from backoffice import access
from backoffice.declare import Model, Refused, Text, Verb, _
from backoffice.exchange.stage import CREATE, Part
from backoffice.exchange.staging.links import no_such
from backoffice.exchange.writing.names import Names
from backoffice.integrity import explain
from backoffice.plan import Field, plan_of

CHUNK = 100
StagedRow = RowMapping
_STALE = _("Somebody else has just changed this record.")
_UNSTORABLE = _("The database cannot store a value of this row.")
_NOT_YOURS = _("Written like this, the record would not be among those that you may change.")


@dataclass(frozen=True)
class Refusal:
    """Why a row cannot be written. ``value`` is as files have it."""

    row: int
    line: int
    field: Field | None
    value: str | None
    code: str
    why: Text


class OneByOne:
    """Writes rows of one noun into the open transaction of a session."""

    def __init__(self, session: Session, part: Part, person: Any, names: Names) -> None:
        self.session, self.part, self.plan, self.person, self.names = session, part, part.plan, person, names
        self.written: dict[int, Model] = {}
        self.refusals: list[Refusal] = []
        self.links = [(place, one.field) for place, one in enumerate(part.mapped.columns) if one.field.is_link]

    def write(self, rows: Sequence[StagedRow]) -> None:
        """Write staged rows, some at a time."""
        for start in range(0, len(rows), CHUNK):
            self._write(rows[start:start + CHUNK])

    def _write(self, rows: Sequence[StagedRow]) -> None:
        """Write these rows, or halve them until the one that cannot be written names itself."""
        if not rows:
            return
        try:
            with self.session.begin_nested():
                made = self._flush(rows)
        except (Refused, IntegrityError, DataError, StaleDataError) as error:
            if len(rows) == 1:
                self.refusals.append(self._refusal(rows[0], error))
                return
            middle = len(rows) // 2
            self._write(rows[:middle])
            self._write(rows[middle:])
        else:
            self.written |= made
            self.names.remember(self.plan, made)

    def _flush(self, rows: Sequence[StagedRow]) -> dict[int, Model]:
        known, linked = self._known(rows), self._linked(rows)
        made: dict[int, Model] = {}
        for row in rows:
            if row["verdict"] == CREATE:
                record = self.plan.model(from_history=row["is_history"])
                self.session.add(record)
            else:
                record = known[row["record_id"]]
            self._set(record, row, linked)
            made[row["row"]] = record
        self.session.flush()
        self._insist_on_own(list(made.values()))
        return made

    def _known(self, rows: Iterable[StagedRow]) -> dict[int, Model]:
        ids = {row["record_id"] for row in rows if row["verdict"] != CREATE}
        found = self.session.scalars(sa.select(self.plan.model).where(self.plan.model.id.in_(ids))) if ids else ()
        return {record.id: record for record in found}

    def _linked(self, rows: Sequence[StagedRow]) -> dict[type[Model], dict[int, Model]]:
        """The records at the end of the links of these rows, by noun and id: one query for each noun."""
        ids: dict[type[Model], set[int]] = {}
        for place, field in self.links:
            assert field.target is not None  # noqa: S101  # links have targets
            ids.setdefault(field.target, set()).update(value for row in rows if (value := row[f"c{place}"]) is not None)
        return {
            target: {record.id: record for record in self.session.scalars(sa.select(target).where(target.id.in_(wanted)))}
            for target, wanted in ids.items() if wanted
        }

    def _set(self, record: Model, row: StagedRow, linked: dict[type[Model], dict[int, Model]]) -> None:
        for place, column in enumerate(self.part.mapped.columns):
            one, value = column.field, row[f"c{place}"]
            if one.target is not None:
                other = self._other(row, one, value, row[f"t{place}"], linked)
                if self._is_said(row, place, other):
                    setattr(record, one.column, None if other is None else other.id)
                    set_committed_value(record, one.name, other)  # known to the rules, without waking the other side's lists
            elif self._is_said(row, place, value):
                setattr(record, one.column, value)

    @staticmethod
    def _is_said(row: StagedRow, place: int, value: Any) -> bool:
        """Whether the row has something to say about a column: a new record takes what is filled, a known one what changes."""
        return value is not None if row["verdict"] == CREATE else bool(row["changed"] >> place & 1)

    def _other(self, row: StagedRow, one: Field, value: int | None, text: str | None, linked: dict[type[Model], dict[int, Model]]) -> Model | None:
        assert one.target is not None  # noqa: S101  # asked of links
        if value is None and text is None:
            return None
        found = linked[one.target].get(value) if value is not None else self.names.find(self.session, plan_of(one.target), text or "")
        if found is None:
            raise Refused(no_such(plan_of(one.target)), field=one.name, code="unknown_link")
        return found

    def _insist_on_own(self, written: list[Model]) -> None:
        """What was made or changed must lie among the person's own rows."""
        if self.person is access.SYSTEM or not written:
            return
        ids = {record.id for record in written}
        query = access.scoped_query(self.person, self.plan, Verb.IMPORT, archived=None).where(self.plan.model.id.in_(ids))
        if len(set(self.session.scalars(query.with_only_columns(self.plan.model.id)))) < len(ids):
            raise Refused(_NOT_YOURS, code="not_yours")

    def _refusal(self, row: StagedRow, error: Exception) -> Refusal:
        if isinstance(error, IntegrityError):
            refused = explain(error, self.plan)
        elif isinstance(error, Refused):
            refused = error
        else:
            refused = Refused(_STALE if isinstance(error, StaleDataError) else _UNSTORABLE, code="unstorable")
        one = self.plan.fields.get(refused.field or "")
        place = self.part.place(one) if one else None
        return Refusal(row["row"], row["line"], one, self._text(row, place), refused.code, refused.why)

    def _text(self, row: StagedRow, place: int | None) -> str | None:
        if place is None:
            return None
        one, value = self.part.mapped.columns[place].field, row[f"c{place}"]
        if one.target is None:
            return None if value is None else one.kind.write(value)
        record = self.session.get(one.target, value) if value is not None else None
        return plan_of(one.target).key_of(record) if record is not None else row[f"t{place}"]
