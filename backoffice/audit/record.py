"""Writes the trail: by itself for every record that a session saves, by call for bulk paths and looks."""

from __future__ import annotations

import functools
from typing import Any, cast

from sqlalchemy import Table, event, insert, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import History
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE

from backoffice.audit import context
from backoffice.declare import Model, actor, clock
from backoffice.declare.journal import AuditEntry, Deed, ImportRun
from backoffice.plan import Field, Plan, plan_of
from backoffice.saving import is_modified

UNTRACKED = frozenset({"created_at", "updated_at", "archived_at"})
_INSERT = insert(cast(Table, AuditEntry.__table__))  # past the ORM, which would look at each entry
_PENDING = "audit_pending"


def register(sessions: Any) -> None:
    """Write an entry for each record that these sessions flush."""
    event.listen(sessions, "before_flush", _collect)
    event.listen(sessions, "after_flush", _write)


def entry(plan: Plan, record: Model | None, deed: Deed, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """One entry as a row, for a record that has its id; for bulk paths that insert many at once."""
    now, person, here = clock.now(), actor(), context.current()
    return {
        "at": now, "user_id": getattr(person, "id", None), "who": str(person) if person is not None else None, "deed": deed,
        "resource": plan.name, "record_id": record.id if record is not None else None,
        "record_name": str(record)[:400] if record is not None else None,
        "record_version": record.version if record is not None else None, "action": here.action, "source": here.source,
        "run_id": here.run_id, "merge_id": here.merge_id, "changes": changes or {}, "version": 1, "created_at": now, "updated_at": now, "from_history": False,
    }


def note(session: Session, plan: Plan, record: Model | None, deed: Deed, changes: dict[str, Any] | None = None) -> None:
    """Write an entry of something that changed no record: a look at personal data, an export, a login."""
    session.execute(_INSERT, [entry(plan, record, deed, changes)])


def _collect(session: Session, _context: Any, _instances: Any) -> None:
    """Before the flush the old values are still known; new ids and defaults are not yet."""
    pending: list[tuple[Model, Deed, dict[str, Any]]] = []
    session.info[_PENDING] = pending  # anew: what an earlier flush that failed had collected never happened
    pending.extend((record, Deed.CREATE, {}) for record in session.new if _is_tracked(record))
    dirty = [record for record in session.dirty if isinstance(record, Model) and _is_tracked(record) and is_modified(record)]
    pending.extend((record, _deed(record), _before(session, record)) for record in dirty)
    pending.extend((record, Deed.DELETE, _values(session, record)) for record in session.deleted if _is_tracked(record))


def _write(session: Session, _context: Any) -> None:
    rows = []
    for record, deed, before in session.info.pop(_PENDING, []):
        after = {} if deed is Deed.DELETE else _filled(session, record) if deed is Deed.CREATE else _values(session, record, before)
        changes = {name: [before.get(name), after.get(name)] for name in before | after if before.get(name) != after.get(name)}
        if changes or deed is not Deed.UPDATE:
            rows.append(entry(plan_of(record.__class__), record, deed, changes))
    if rows:
        session.connection().execute(_INSERT, rows)


def _is_tracked(record: object) -> bool:
    return isinstance(record, Model) and not isinstance(record, AuditEntry | ImportRun)


def _tracked_fields(record: Model) -> tuple[Field, ...]:
    return _tracked(record.__class__)


@functools.cache
def _tracked(model: type[Model]) -> tuple[Field, ...]:
    return tuple(one for one in plan_of(model).fields.values() if one.name not in UNTRACKED)


def _filled(session: Session, record: Model) -> dict[str, Any]:
    """What a record holds that was just written, dumped; asked of what is at hand, for there may be thousands."""
    values = record.__dict__
    return {one.name: _now(session, one, record, value) for one in _tracked(record.__class__) if (value := values.get(one.column)) is not None}


def _deed(record: Model) -> Deed:
    if not _history(record, "archived_at").has_changes():
        return Deed.UPDATE
    return Deed.RESTORE if record.archived_at is None else Deed.ARCHIVE


def _history(record: Model, attribute: str) -> History:
    return inspect(record).get_history(attribute, PASSIVE_NO_INITIALIZE)


def _values(session: Session, record: Model, only: Any = None) -> dict[str, Any]:
    """The values now, dumped; those that are empty are left out."""
    fields = [one for one in _tracked_fields(record) if only is None or one.name in only]
    values = ((one.name, _now(session, one, record, getattr(record, one.column))) for one in fields)
    return {name: value for name, value in values if value is not None}


def _before(session: Session, record: Model) -> dict[str, Any]:
    """The old values of the fields that may have changed, dumped."""
    before = {}
    for one in _tracked_fields(record):
        column = _history(record, one.column)
        if column.has_changes() or (one.is_link and _history(record, one.name).has_changes()):
            old = column.deleted or column.unchanged
            before[one.name] = _dump(session, one, old[0] if old else None)
    return before


def _now(session: Session, one: Field, record: Model, value: Any) -> Any:
    """The value of a field, dumped; a linked record that is at hand is not asked for again."""
    linked = record.__dict__.get(one.name) if one.is_link else None
    if linked is not None and linked.id == value:
        return one.dump(linked)
    return _dump(session, one, value)


def _dump(session: Session, one: Field, value: Any) -> Any:
    if value is None or one.secret:
        return None if value is None else "•"
    if one.target is not None:
        value = session.get(one.target, value)
    return one.dump(value)
