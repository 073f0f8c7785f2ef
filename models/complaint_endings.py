"""How a complaint ends: closed by the closing list (domain.md Part 4 (o)) or otherwise, and how it is reopened."""

from __future__ import annotations

from datetime import timedelta

from backoffice.declare import LongText, Refused, Text, _, clock, transition
from backoffice.declare.text import series
from models import complaint_clocks as clocks
from models import complaint_levels as levels
from models import telling
from models.acting import me
from models.clock_segments import Turn
from models.compensations import UNSETTLED
from models.complaint_fields import HANDLERS, HEADS
from models.complaint_states import ENDED, WORKING, EscalationStatus, Status
from models.complaint_steps import ComplaintSteps
from models.customer_notices import Means, NoticeStep
from models.deadlines import REOPEN_DAYS
from models.offering import said
from models.staff import Staff
from models.standard_phrases import Situation


class ComplaintEndings(ComplaintSteps):
    """Closes only when nothing of the closing list is missing; what ended may go on within 30 days."""

    __abstract__ = True

    def missing_to_close(self) -> list[Text]:
        """What the closing list (Part 4 (o)) still asks for."""
        unsettled = any(one.status in UNSETTLED for one in self.compensations)
        breached = any(one is not None for one in (self.level_breached_at, self.overall_breached_at, self.reply_breached_at, self.plan_breached_at))
        wanted = (
            (not self.cause, _("the cause", "根本原因")),
            (self.responsible is None, _("the person responsible", "责任人")),
            (self.communicated_at is None, _("the decision told to the customer", "将处理决定告知客户")),
            (unsettled, _("the settlement of every compensation", "补偿结清")),
            (self.confirmed_at is None, _("the follow-up call with the customer's confirmation", "回访并经客户确认")),
            (breached and not self.breach_reason, _("the reason why a time limit was missed", "超时原因")),
        )
        return [text for is_missing, text in wanted if is_missing]

    def closing_says(self) -> Text:
        """What the closing list still asks for, in a sentence."""
        missing = self.missing_to_close()
        return _("Missing: {missing}.", "还缺少：{missing}。", missing=_Listed(missing)) if missing else _("Nothing is missing any longer.", "已具备关闭条件。")

    @transition(_("Close", "关闭"), Status.RESOLVED, Status.FOLLOW_UP, to=Status.CLOSED, by=HANDLERS, tone="good", icon="lock",
                labels=telling.SAID, offers={"told": said(Situation.CLOSE)})
    def close(
        self, *, cause: LongText | None = None, responsible: Staff | None = None, breach_reason: LongText | None = None, told: LongText | None = None,
        means: Means = Means.PHONE,
    ) -> None:
        """Nothing of the closing list may be missing; the sentence names all that is."""
        self.must_handle()
        before = self.cause, self.responsible, self.breach_reason
        self.cause, self.responsible = cause or self.cause, responsible or self.responsible
        self.breach_reason = breach_reason or self.breach_reason
        if missing := self.missing_to_close():
            self.cause, self.responsible, self.breach_reason = before
            raise Refused(too_early(missing), code="not_closable")
        telling.write_down(self, NoticeStep.CLOSED, means, told)
        self._end(Turn.CLOSED)

    @transition(_("Not accepted", "不予受理"), Status.RECEIVED, Status.ACKNOWLEDGED, Status.ASSESSED, Status.INVESTIGATING, to=Status.REJECTED, by=HEADS,
                tone="bad", icon="x-circle", offers={"reason": said(Situation.APOLOGIZE)},
                labels={"reason": _("Reason told to the customer", "告知客户的理由"), "means": _("How", "告知方式")})
    def reject(self, *, reason: LongText, means: Means = Means.PHONE) -> None:
        """It is no complaint that the dealership answers for; the customer was told why."""
        self.must_handle()
        self._insist_on_settlement()
        self.end_reason, self.communicated_at = reason, telling.write_down(self, NoticeStep.DECISION, means, reason)
        self._end(Turn.REJECTED)

    @transition(_("Withdrawn by the customer", "客户撤回"), *WORKING, Status.PAUSED, to=Status.WITHDRAWN, by=HANDLERS, icon="arrow-return-left",
                labels={"reason": _("Reason", "原因")})
    def withdraw(self, *, reason: LongText) -> None:
        """The customer no longer complains."""
        self.must_handle()
        self._insist_on_settlement()
        self.end_reason = reason
        self._end(Turn.WITHDRAWN)

    @transition(_("Hand to an outside body", "转外部机构"), *WORKING, Status.PAUSED, to=Status.EXTERNAL, by=HEADS, tone="warn", icon="bank",
                labels={"reason": _("Which body, and why", "机构及原因")})
    def refer(self, *, reason: LongText) -> None:
        """The consumer hotline or a court decides now."""
        self.must_handle()
        self.end_reason, self.pause_reason, self.paused_until = reason, None, None
        clocks.stop(self, Turn.EXTERNAL)

    @transition(_("Back from the outside body", "外部机构退回"), Status.EXTERNAL, to=Status.INVESTIGATING, by=HEADS, icon="arrow-left")
    def take_back(self) -> None:
        """The outside body has finished; the dealership goes on."""
        self.must_handle()
        self.start_again()

    def _insist_on_settlement(self) -> None:
        """Nothing is granted or handed out on a complaint that is over."""
        if any(one.status in UNSETTLED for one in self.compensations):
            why = _("A compensation of it is not settled; hand it out, reject it or call it off first.", "该投诉有未结清的补偿，请先发放、驳回或撤销。")
            raise Refused(why, code="not_settled")

    def _end(self, why: Turn) -> None:
        clocks.stop(self, why)
        levels.end_escalation(self, EscalationStatus.RESOLVED)
        self.closed_at, self.closed_by, self.pause_reason, self.paused_until = clock.now(), me(), None, None

    @transition(_("Reopen", "重新打开"), *ENDED, to=Status.INVESTIGATING, by=HANDLERS, tone="warn", icon="unlock", labels={"reason": _("Why reopened", "重开原因")})
    def reopen(self, *, reason: LongText) -> None:
        """Within 30 days it goes on under its number, with its clocks; the time closed does not count."""
        self.must_handle()
        if self.closed_at is None:
            raise Refused(_("It is not known when it was closed. Take a new complaint.", "关闭时间不详，请新建投诉。"), code="too_late")
        zone = clock.zone()
        if clock.today() - self.closed_at.astimezone(zone).date() > timedelta(days=REOPEN_DAYS):
            raise Refused(_("It was closed more than {days} days ago. Take a new complaint.", "关闭已超过{days}天，请新建投诉。", days=REOPEN_DAYS), code="too_late")
        self.reopened_count, self.reopen_reason = self.reopened_count + 1, reason
        self.closed_at = self.closed_by = self.end_reason = None
        self.start_again()


class _Listed(list[Text]):
    """Several texts as one, in the reader's language."""

    def __str__(self) -> str:
        return series(self)


def too_early(missing: list[Text]) -> Text:
    """The one sentence that names all that is missing."""
    return _("It cannot be closed yet. Missing: {missing}.", "暂不能关闭，还缺少：{missing}。", missing=_Listed(missing))
