"""What some levels owe beside the solution: a first public reply and a plan (a crisis: within 2 and 24 hours, S2; domain.md 1.13)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backoffice.declare import clock

if TYPE_CHECKING:
    from models.complaint_fields import ComplaintFields

REPLY, PLAN = "reply", "plan"
PROMISES = (REPLY, PLAN)


def owe(case: ComplaintFields, entered: datetime) -> None:
    """Entering a level that owes a reply or a plan; what was owed before keeps its moment."""
    if case.level is None:
        return
    for name, hours in ((REPLY, case.level.first_reply_hours), (PLAN, case.level.plan_hours)):
        if hours and not is_kept(case, name) and due(case, name) is None:
            setattr(case, f"{name}_due_at", entered + timedelta(hours=hours))


def due(case: ComplaintFields, name: str) -> datetime | None:
    """When it is owed; None where it is not."""
    moment: datetime | None = getattr(case, f"{name}_due_at")
    return moment


def is_kept(case: ComplaintFields, name: str) -> bool:
    """Whether there is a reply, or a plan that the customer was offered."""
    return (case.replied_at if name == REPLY else case.decision) is not None


def is_missed(case: ComplaintFields, name: str) -> bool:
    """Whether it came late, or is late."""
    return getattr(case, f"{name}_breached_at") is not None


def pending(case: ComplaintFields) -> dict[str, datetime]:
    """What is still owed and not late yet: name → due moment."""
    return {name: moment for name in PROMISES if (moment := due(case, name)) and not is_kept(case, name) and not is_missed(case, name)}


def latch(case: ComplaintFields) -> list[str]:
    """Remember for good what is late now; the names of what is so for the first time."""
    late = [name for name, moment in pending(case).items() if clock.now() > moment]
    for name in late:
        setattr(case, f"{name}_breached_at", due(case, name))
    return late
