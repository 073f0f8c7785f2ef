"""What the customer of a complaint has been told, and what is to be told next (ISO 10002: acknowledgment, progress, decision, closing)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backoffice.declare import Refused, _, clock
from models.acting import me
from models.complaint_states import Status
from models.customer_notices import CustomerNotice, Means, NoticeStep

if TYPE_CHECKING:
    from models.complaint_fields import ComplaintFields
    from models.staff import Staff

SAID = {"told": _("What the customer was told", "告知客户的内容"), "means": _("How", "告知方式")}
"""The labels in dialogs that ask for it beside other things."""
KNOWN = {NoticeStep.ACKNOWLEDGED: "acknowledged_at", NoticeStep.DECISION: "communicated_at"}
"""What a complaint itself tells of being told; the words may still be missing."""


def told(case: ComplaintFields, *steps: NoticeStep) -> CustomerNotice | None:
    """The last notice of one of these steps that still holds; of what was taken back (a decision, the closing) there is none."""
    found = [one for one in case.notices if one.step in steps and one.archived_at is None and _holds(case, one)]
    return max(found, key=lambda one: (one.told_at, one.id or 0), default=None)


def _holds(case: ComplaintFields, one: CustomerNotice) -> bool:
    match one.step:
        case NoticeStep.DECISION:
            return case.communicated_at is not None and one.told_at >= _minute(case.communicated_at)
        case NoticeStep.RAISED:
            return one.told_at >= _minute(raised_at(case) or case.received_at)
        case NoticeStep.FOLLOW_UP | NoticeStep.CLOSED:
            return case.resolved_at is not None and one.told_at >= _minute(case.resolved_at)
        case _:
            return True


def raised_at(case: ComplaintFields) -> datetime | None:
    """When a higher level was asked last."""
    return max((one.raised_at for one in case.escalations if one.from_level is None or one.to_level.rank > one.from_level.rank), default=None)


def owed(case: ComplaintFields) -> Iterator[NoticeStep]:
    """What the customer should have heard by now, and has not, in order."""
    due = (
        (NoticeStep.ACKNOWLEDGED, True), (NoticeStep.RAISED, raised_at(case) is not None), (NoticeStep.DECISION, case.decision is not None),
        (NoticeStep.FOLLOW_UP, case.resolved_at is not None and case.followed_up_at is None), (NoticeStep.CLOSED, case.status is Status.CLOSED),
    )
    for step, has_come in due:
        if has_come and told(case, step) is None and getattr(case, KNOWN.get(step, ""), None) is None:
            yield step


def begins(case: ComplaintFields) -> dict[str, Any]:
    """What the dialog begins with: the first step not yet told, now, by whoever is signed in."""
    return {"step": next(owed(case), NoticeStep.PROGRESS), "told_at": clock.now(), "told_by": me()}


def write_down(
    case: ComplaintFields, step: NoticeStep, means: Means, words: str | None, *, told_at: datetime | None = None, told_by: Staff | None = None,
    answer: str | None = None,
) -> datetime:
    """Keep what the customer was told, where there were words; gives the moment. Nothing is told in the future, or before the complaint came."""
    now = clock.now()
    moment = told_at or now
    if moment > now:
        raise Refused(_("That moment is still to come.", "该时间尚未到来。"), field="told_at")
    if moment < _minute(case.received_at):
        raise Refused(_("The complaint was not received by then.", "该时间早于投诉接收时间。"), field="told_at")
    if words:
        case.session.add(CustomerNotice(
            complaint=case, step=step, means=means, told_at=moment, told_by=told_by or me(), words=words, answer=answer,
        ))
    return moment


def _minute(moment: datetime) -> datetime:
    """A dialog knows no seconds."""
    return moment.replace(second=0, microsecond=0)
