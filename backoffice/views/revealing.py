"""Looks at personal data in full: each is asked for, allowed, and noted in the trail of whoever the data is about."""

from __future__ import annotations

from backoffice.access import may_reveal, right
from backoffice.audit.record import note
from backoffice.db import db, writing
from backoffice.declare import Model, Personal
from backoffice.declare.journal import Deed
from backoffice.errors import Denied, NotFound
from backoffice.plan import Plan
from backoffice.views.common import person
from backoffice.views.contacts import contacts
from backoffice.views.showing import personal


def looked_at(plan: Plan, record: Model) -> frozenset[str]:
    """The personal fields that the person sees in full by opening the record; a note tells of it. Inside a request that reads."""
    masked = personal(plan, record)
    if not masked or right(person(), plan).personal is not Personal.LOGGED:
        return frozenset()
    with writing():
        note(db.session(), plan, record, Deed.REVEAL, {name: [None, None] for name in masked})
    return frozenset(masked)


def reveal(plan: Plan, record: Model, field: str) -> None:
    """Let one masked field be seen, of the record or of whom it is about; raises NotFound or Denied. The note is committed."""
    contact = next((one for one in contacts(plan, record) if one.name == field), None)
    if contact is None and field not in personal(plan, record):
        raise NotFound
    owned, owner, name = (contact.plan, contact.record, contact.field.name) if contact else (plan, record, field)
    if not may_reveal(db.session(), person(), owned, owner):
        raise Denied
    note(db.session(), owned, owner, Deed.REVEAL, {name: [None, None]})
    db.session.commit()
