"""Who may merge, and which two records can be merged at all."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backoffice import access
from backoffice.declare import Model, Refused, Verb, _
from backoffice.declare.merging import Merge
from backoffice.errors import Denied, NotFound
from backoffice.merging.past import into
from backoffice.plan import Plan


def declared(plan: Plan) -> Merge:
    """How the noun's records are merged; raises :class:`NotFound` where they are not."""
    if plan.resource.merge is None:
        raise NotFound
    return plan.resource.merge


def may_merge(person: Any, plan: Plan) -> bool:
    """Whether the person's role merges records of the noun."""
    given = plan.resource.merge
    if given is None:
        return False
    return person is access.SYSTEM or (getattr(person, "role", None) in given.by and access.can(person, Verb.UPDATE, plan))


def insist(session: Session, person: Any, plan: Plan, kept: Model, gone: Model) -> None:
    """Raise :class:`Denied` or :class:`Refused` unless the person may merge these two now."""
    insist_role(person, plan)
    for record in (kept, gone):
        if not access.reaches(session, person, plan, record, Verb.UPDATE):
            raise Denied
    if kept.id == gone.id:
        raise Refused(_("A record cannot be merged into itself. Choose another one."), code="same_record", field="other")
    for record in (kept, gone):
        if (other := into(session, plan, record)) is not None:
            raise Refused(_("{name} has been merged into {other} already.", name=record, other=other), code="merged", field="other")
        if record.archived_at is not None:
            raise Refused(_("{name} is archived. Restore it first.", name=record), code="archived", field="other")


def insist_role(person: Any, plan: Plan) -> None:
    """Raise :class:`Denied` unless the person's role merges records of the noun."""
    declared(plan)
    if not may_merge(person, plan):
        raise Denied
