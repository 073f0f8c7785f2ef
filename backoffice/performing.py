"""Running a method of a record that people are offered, with typed values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from backoffice.audit.context import circumstances
from backoffice.declare import Model, Refused, _
from backoffice.integrity import flush
from backoffice.plan import Action, Plan


def perform(session: Session, plan: Plan, action: Action, record: Model, details: Mapping[str, Any]) -> Any:
    """Run the method, write what it changed, and give what it answers; raises :class:`Refused`, and then nothing may be kept."""
    spec = action.spec
    is_in_state = not spec.sources or getattr(record, spec.field) in spec.sources
    if is_in_state and not spec.fits(record):  # from a wrong state the method says no by itself
        raise Refused(_("“{action}” is not possible for this record as it is now.", action=spec.label), code="wrong_state")
    with circumstances(action=action.name):
        answer = getattr(record, action.name)(**details)
        flush(session, plan)
    return answer
