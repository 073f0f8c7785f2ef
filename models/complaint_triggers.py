"""What the triggers do with a complaint: they mark it, send it to the level they demand, and hold it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import complaint_levels as levels
from models.changes import changed, settle_links
from models.complaint_states import OPEN, Status
from models.signs import LOOKS_AT
from models.triggers import active

if TYPE_CHECKING:
    from models.complaint_steps import ComplaintSteps
    from models.triggers import Trigger

LINKS = ("vehicle", "customer")


def obey(case: ComplaintSteps, *, is_new: bool) -> None:
    """Ask the triggers about a complaint that is new or says something new; one of an old system is left as it is (Part 4 (p))."""
    if case.from_history or (case.status or Status.RECEIVED) not in OPEN or case.level is None:
        return
    known, met = active(case.session), []
    for sign, fields in LOOKS_AT.items():
        if is_new or changed(case, *fields):
            settle_links(case, *(name for name in fields if name in LINKS))
            met += [one for one in known if one.sign is sign and _marks(one, case)]
    highest = max(met, key=lambda one: one.level.rank, default=None)
    if highest is not None and highest.level.rank > case.level.rank:
        levels.raise_to(case, highest.level, str(highest.met_by(case)), rule=highest.code)


def _marks(trigger: Trigger, case: ComplaintSteps) -> bool:
    is_met = trigger.met_by(case) is not None
    if is_met and trigger.mark is not None:
        setattr(case, trigger.mark.value, True)
    return is_met
