"""An export that comes back: what its records held when it was made, so that only cells which a person touched count as changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backoffice.declare.journal import AuditEntry, Deed
from backoffice.exchange.tables import ExportRun
from backoffice.plan import Field, Plan

MANY = 2_000
CHANGES = (Deed.CREATE, Deed.UPDATE, Deed.ARCHIVE, Deed.RESTORE)


def find(session: Session, plan: Plan, token: str | None) -> ExportRun | None:
    """The export of this noun that a file once was; None where there is none, or where it never got as far as reading."""
    if not token:
        return None
    query = select(ExportRun).where(ExportRun.token == token, ExportRun.resource == plan.name, ExportRun.mark.is_not(None))
    return session.scalars(query).first()


def at_export(session: Session, plan: Plan, export: ExportRun, record_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """For each of the records that changed since, the values at the time of the export of the fields that changed: typed, links as ids."""
    found: dict[int, dict[str, Any]] = {}
    for some in _batches(sorted(set(record_ids)), MANY):
        query = select(AuditEntry.record_id, AuditEntry.changes).where(
            AuditEntry.resource == plan.name, AuditEntry.record_id.in_(some), AuditEntry.deed.in_(CHANGES), _since(export),
        )
        for record_id, changes in session.execute(query.order_by(AuditEntry.id)):
            values = found.setdefault(record_id, {})
            for name, value in _before(plan, changes):
                values.setdefault(name, value)
    return {record_id: values for record_id, values in found.items() if values}


def _since(export: ExportRun) -> ColumnElement[bool]:
    """The entries that the export did not see."""
    return or_(AuditEntry.id > (export.mark or 0), *(AuditEntry.id.between(first, last) for first, last in export.gaps))


def _before(plan: Plan, changes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, change in changes.items():
        one = plan.fields.get(name)
        if one is not None and not one.secret:
            yield name, _loaded(one, change[0])


def _loaded(one: Field, stored: Any) -> Any:
    """A value out of the trail."""
    if one.is_link:
        return stored["id"] if stored is not None else None
    return one.kind.load(stored)


def _batches(values: list[int], most: int) -> Iterable[list[int]]:
    return (values[start:start + most] for start in range(0, len(values), most))
