"""The steps of handling a complaint (ISO 10002, domain.md 2.6): done, or with what they lack, and what the customer was told of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backoffice.declare import Step, Text, _
from models import telling
from models.complaint_states import OPEN, Status
from models.customer_notices import NoticeStep
from models.sla_words import moment

if TYPE_CHECKING:
    from models.complaint_endings import ComplaintEndings

_NO_WORDS = _("What the customer was told is not logged.", "尚未登记告知客户的内容。")


def steps_of(case: ComplaintEndings) -> Iterator[Step]:
    """From receipt to the end; a step that was taken back is open again."""
    yield Step(_("Received", "接收"), "received_at", is_done=True, missing=_("", ""))
    yield Step(
        _("Acknowledged to the customer", "向客户确认受理"), "acknowledged_at", case.acknowledged_at is not None,
        _("Tell the customer that somebody takes care.", "尚未告知客户已受理。"),
        *_told(case, NoticeStep.ACKNOWLEDGED, is_due=case.acknowledged_at is not None),
    )
    yield Step(_("Assessed", "初步评估"), "assessment", bool(case.assessment), _("How grave it is has to be assessed.", "尚未评估严重程度。"))
    yield Step(
        _("Investigated", "调查原因"), "cause", bool(case.cause), _("The cause is not known yet.", "根本原因尚未查明。"), *_told_meanwhile(case),
    )
    yield Step(
        _("Answered with a solution", "提出解决方案"), "decision", bool(case.decision),
        _("Measures, a time and the person responsible are missing.", "缺少措施、时间和责任人。"),
    )
    yield Step(
        _("Decision told to the customer", "将处理决定告知客户"), "communicated_at", case.communicated_at is not None,
        _("The customer has not been told of the decision.", "尚未将处理决定告知客户。"),
        *_told(case, NoticeStep.DECISION, is_due=case.communicated_at is not None),
    )
    yield Step(
        _("Confirmed by the customer", "客户回访确认"), "confirmed_at", case.confirmed_at is not None,
        _("The follow-up call with the customer's confirmation is missing.", "缺少回访及客户确认。"), *_told(case, NoticeStep.FOLLOW_UP),
    )
    yield Step(
        _("Closed", "关闭"), "closed_at", case.closed_at is not None, case.closing_says(),
        *_told(case, NoticeStep.CLOSED, is_due=case.status is Status.CLOSED),
    )


def _told(case: ComplaintEndings, *steps: NoticeStep, is_due: bool = False) -> tuple[Text | None, bool]:
    """When, how and by whom the customer was told; where it is due and no words are there, that they lack. Of old cases nobody asks."""
    notice = telling.told(case, *steps)
    if notice is None:
        return (_NO_WORDS, True) if is_due and not case.from_history else (None, False)
    who = notice.told_by.name if notice.told_by is not None else "–"
    return _("Told {when}, {how}: {who}", "已告知：{when} {how} {who}", when=moment(notice.told_at), how=notice.means.label, who=who), False


def _told_meanwhile(case: ComplaintEndings) -> tuple[Text | None, bool]:
    if NoticeStep.RAISED in telling.owed(case) and case.status in OPEN:
        return _("Tell the customer that a higher level is asked.", "尚未告知客户已请示上级。"), True
    return _told(case, NoticeStep.PROGRESS, NoticeStep.RAISED)
