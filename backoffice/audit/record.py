"""Writes the trail: by itself for every record that a session saves, by call for bulk paths and looks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session

from backoffice.audit import context
from backoffice.declare import Model, actor, clock
from backoffice.declare.journal import AuditEntry, Deed, ImportRun
from backoffice.plan import Field, Plan, plan_of

UNTRACKED = frozenset({"created_at", "updated_at", "archived_at"})
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
        "run_id": here.run_id, "changes": changes or {}, "version": 1, "created_at": now, "updated_at": now, "from_history": False,
    }


def note(session: Session, plan: Plan, record: Model | None, deed: Deed, changes: dict[str, Any] | None = None) -> None:
    """Write an entry of something that changed no record: a look at personal data, an export, a login."""
    session.execute(insert(AuditEntry), [entry(plan, record, deed, changes)])


def _collect(session: Session, _context: Any, _instances: Any) -> None:
    """Before the flush the old values are still known; new ids are not yet."""
    pending: list[tuple[Model, Deed, dict[str, Any]]] = session.info.setdefault(_PENDING, [])
    for record in session.new:
        if _is_tracked(record):
            pending.append((record, Deed.CREATE, _initial(record)))
    for record in session.dirty:
        if _is_tracked(record) and session.is_modified(record) and (found := _changes(record)) is not None:
            pending.append((record, *found))
    pending.extend((record, Deed.DELETE, _final(record)) for record in session.deleted if _is_tracked(record))


def _write(session: Session, _context: Any) -> None:
    pending = session.info.pop(_PENDING, [])
    if pending:
        rows = [entry(plan_of(type(record)), record, deed, changes) for record, deed, changes in pending]
        session.execute(insert(AuditEntry), rows)


def _is_tracked(record: object) -> bool:
    return isinstance(record, Model) and not isinstance(record, AuditEntry | ImportRun)


def _fields(record: Model) -> list[Field]:
    return [one for one in plan_of(type(record)).fields.values() if one.name not in UNTRACKED]


def _initial(record: Model) -> dict[str, Any]:
    values = ((one, getattr(record, one.name)) for one in _fields(record))
    return {one.name: [None, _dump(one, value)] for one, value in values if value is not None}


def _final(record: Model) -> dict[str, Any]:
    return {name: [after, None] for name, (_nothing, after) in _initial(record).items()}


def _changes(record: Model) -> tuple[Deed, dict[str, Any]] | None:
    """The deed and the fields that really differ; None where nothing did but bookkeeping."""
    deed = Deed.UPDATE
    archived = inspect(record).attrs.archived_at.history
    if archived.has_changes():
        deed = Deed.ARCHIVE if record.archived_at is not None else Deed.RESTORE
    changes = {one.name: pair for one in _fields(record) if (pair := _pair(record, one)) is not None}
    return (deed, changes) if changes or deed is not Deed.UPDATE else None


def _pair(record: Model, one: Field) -> list[Any] | None:
    """Before and after, or None where the field did not change."""
    state = inspect(record)
    if one.is_link:
        return _linked_pair(record, one)
    history = state.attrs[one.name].history
    if not history.has_changes():
        return None
    before, after = (history.deleted[0] if history.deleted else None), getattr(record, one.name)
    return None if before == after else [_dump(one, before), _dump(one, after)]


def _linked_pair(record: Model, one: Field) -> list[Any] | None:
    state, session = inspect(record), inspect(record).session
    by_object, by_id = state.attrs[one.name].history, state.attrs[one.column].history
    if not by_object.has_changes() and not by_id.has_changes():
        return None
    if by_object.has_changes():
        before = by_object.deleted[0] if by_object.deleted else None
        after = by_object.added[0] if by_object.added else None
        if before is None and state.committed_state.get(one.column):
            before = _find(session, one, state.committed_state[one.column])
    else:
        before, after = (_find(session, one, value[0] if value else None) for value in (by_id.deleted, by_id.added))
    return None if before is after else [_dump(one, before), _dump(one, after)]


def _find(session: Session | None, one: Field, record_id: Any) -> Any:
    if session is None or not isinstance(record_id, int) or one.target is None:
        return None
    return session.get(one.target, record_id)


def _dump(one: Field, value: Any) -> Any:
    return "•" if one.secret and value is not None else one.dump(value)
