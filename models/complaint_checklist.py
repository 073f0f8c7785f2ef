"""The steps of handling a complaint (ISO 10002, domain.md 2.6): done, or with what they lack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backoffice.declare import Step, _

if TYPE_CHECKING:
    from models.complaint_endings import ComplaintEndings


def steps_of(case: ComplaintEndings) -> Iterator[Step]:
    """From receipt to the end; a step that was taken back is open again."""
    yield Step(_("Received", "接收"), "received_at", is_done=True, missing=_("", ""))
    yield Step(
        _("Acknowledged to the customer", "向客户确认受理"), "acknowledged_at", case.acknowledged_at is not None,
        _("Tell the customer that somebody takes care.", "尚未告知客户已受理。"),
    )
    yield Step(_("Assessed", "初步评估"), "assessment", bool(case.assessment), _("How grave it is has to be assessed.", "尚未评估严重程度。"))
    yield Step(_("Investigated", "调查原因"), "cause", bool(case.cause), _("The cause is not known yet.", "根本原因尚未查明。"))
    yield Step(
        _("Answered with a solution", "提出解决方案"), "decision", bool(case.decision),
        _("Measures, a time and the person responsible are missing.", "缺少措施、时间和责任人。"),
    )
    yield Step(
        _("Decision told to the customer", "将处理决定告知客户"), "communicated_at", case.communicated_at is not None,
        _("The customer has not been told of the decision.", "尚未将处理决定告知客户。"),
    )
    yield Step(
        _("Confirmed by the customer", "客户回访确认"), "confirmed_at", case.confirmed_at is not None,
        _("The follow-up call with the customer's confirmation is missing.", "缺少回访及客户确认。"),
    )
    yield Step(_("Closed", "关闭"), "closed_at", case.closed_at is not None, case.closing_says())
