"""The sentences of an undo, and the natural keys of many records at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.declare import Text, _
from backoffice.declare.journal import AuditEntry
from backoffice.declare.kinds import Instant
from backoffice.declare.text import series
from backoffice.plan import Field, Plan, plan_of

LASTING = _("It says what happened, and is not taken away again.")


def by_whom(session: Session, entry_id: int) -> dict[str, str]:
    """Who and when, for a sentence, as an entry of the trail says."""
    who, at = session.execute(select(AuditEntry.who, AuditEntry.at).where(AuditEntry.id == entry_id)).one()
    return {"who": who or str(_("the system")), "when": Instant().show(at)}


def edited(session: Session, entry_id: int) -> Text:
    """It was changed again."""
    return _("It was edited since, by {who}, {when}.", **by_whom(session, entry_id))


def archived(session: Session, entry_id: int) -> Text:
    """It is in the archive now."""
    return _("It was archived since, by {who}, {when}. Restore it first.", **by_whom(session, entry_id))


def removed(session: Session, entry_id: int) -> Text:
    """It is not there any more."""
    return _("It was removed for good since, by {who}, {when}.", **by_whom(session, entry_id))


def depended_on(plan: Plan, key: str, count: int) -> Text:
    """Records point at it."""
    if count == 1:
        return _("{noun} {key} depends on it.", noun=plan.resource.singular, key=key)
    return _("{count} records depend on it, {noun} {key} among them.", count=count, noun=plan.resource.singular, key=key)


def taken(fields: Iterable[Field], plan: Plan, key: str) -> Text:
    """Another record has its earlier value."""
    labels = series(one.label for one in fields)
    return _("Its earlier value is taken: {noun} {key} has this {fields} now.", noun=plan.resource.singular, key=key, fields=labels)


def tied(plan: Plan, key: str, reason: Any) -> Text:
    """It stands and falls with another record."""
    return _("It goes together with {noun} {key}: {reason}", noun=plan.resource.singular, key=key, reason=str(reason))


UNKNOWN_CHANGE = _("It was changed since, outside the audit trail.")
VANISHED = _("It is not there any more, and the audit trail does not say why.")
NOT_YOURS = _("It is not among the records that you may change.")
NO_RIGHT = _("You may not write a field that would get its earlier value back.")
SECRET = _("Its earlier value is secret and was kept nowhere.")
LINK_GONE = _("The record that it pointed to before is not there any more.")
NO_VALUE = _("Its earlier value cannot be stored any more.")
LEFT_BEFORE = _("A record that it goes together with was left as it is.")


def keys(session: Session, plan: Plan, ids: Iterable[int]) -> dict[int, str]:
    """The natural keys of stored records, as :meth:`Plan.key_of` writes them; one query for each noun that they are made of."""
    wanted = set(ids)
    if not wanted:
        return {}
    table = plan.table
    rows = session.execute(select(table.c.id, *(table.c[one.column] for one in plan.key)).where(table.c.id.in_(wanted))).all()
    parts = [_parts(session, one, [row[place + 1] for row in rows]) for place, one in enumerate(plan.key)]
    return {
        row[0]: "/".join("" if row[place + 1] is None else part[row[place + 1]] for place, part in enumerate(parts)) or str(row[0])
        for row in rows
    }


def _parts(session: Session, one: Field, values: list[Any]) -> dict[Any, str]:
    given = {value for value in values if value is not None}
    if one.target is not None:
        return keys(session, plan_of(one.target), given)
    return {value: one.kind.write(value) for value in given}
