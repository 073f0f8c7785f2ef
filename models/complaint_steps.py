"""The way of a complaint from receipt to the follow-up call: listen, apologize, propose, follow up (S2; domain.md 3.3)."""

from __future__ import annotations

from datetime import timedelta

from backoffice.declare import Flag, LongText, Moment, Refused, _, action, clock, transition
from models import complaint_clocks as clocks
from models import complaint_levels as levels
from models import complaint_promises as promises
from models import telling
from models.acting import fill, me
from models.clock_segments import Turn
from models.complaint_fields import HANDLERS, ComplaintFields, Rating
from models.complaint_states import EscalationStatus, PauseReason, Severity, Status
from models.customer_notices import Means, NoticeStep
from models.offering import at_step, said
from models.staff import Staff
from models.standard_phrases import Situation


class ComplaintSteps(ComplaintFields):
    """Each step is for whoever is of the complaint's level; the clocks stand still only in a pause and once it is resolved."""

    __abstract__ = True

    @transition(_("Acknowledge", "受理"), Status.RECEIVED, to=Status.ACKNOWLEDGED, by=HANDLERS, bulk=True, tone="info", icon="check",
                labels=telling.SAID, offers={"told": said(Situation.ACKNOWLEDGE, Situation.APOLOGIZE)})
    def acknowledge(self, *, promised_at: Moment | None = None, told: LongText | None = None, means: Means = Means.PHONE) -> None:
        """The customer knows that somebody takes care, and possibly until when."""
        self.must_handle()
        _must_lie_ahead(promised_at, "promised_at")
        self.acknowledged_at, self.acknowledged_by = clock.now(), me()
        self.promised_at = promised_at or self.promised_at
        fill(self, first_owner=me())
        fill(self, owner=self.first_owner)
        telling.write_down(self, NoticeStep.ACKNOWLEDGED, means, told)

    @transition(_("Assess", "评估"), Status.ACKNOWLEDGED, to=Status.ASSESSED, by=HANDLERS, icon="clipboard")
    def assess(
        self, *, severity: Severity, assessment: LongText, safety: Flag = False, media: Flag = False, legal: Flag = False, vip: Flag = False,
        repeat: Flag = False,
    ) -> None:
        """How grave it is, and what marks it bears; a mark once set is not taken away here."""
        self.must_handle()
        self.severity, self.assessment = severity, assessment
        self.safety, self.media, self.legal = self.safety or safety, self.media or media, self.legal or legal
        self.vip, self.repeat = self.vip or vip, self.repeat or repeat

    @transition(_("Investigate", "开始调查"), Status.ACKNOWLEDGED, Status.ASSESSED, to=Status.INVESTIGATING, by=HANDLERS, icon="search")
    def investigate(self) -> None:
        """Somebody finds out what happened."""
        self.must_handle()

    @transition(
        _("Pause", "暂停"), Status.INVESTIGATING, to=Status.PAUSED, by=HANDLERS, tone="warn", icon="pause",
        labels={"waits_for": _("Waits for", "暂停原因"), "until": _("Until", "暂停至")},
    )
    def pause(self, *, waits_for: PauseReason, until: Moment) -> None:
        """Both clocks stand still while the customer, the manufacturer or parts are waited for."""
        self.must_handle()
        _must_lie_ahead(until, "until")
        if self.may_not_pause:
            raise Refused(_("A safety or press case does not wait at this level.", "该级别的安全或媒体投诉不得暂停。"), code="no_pause")
        self._insist_on_longest_pause(until)
        self.pause_reason, self.paused_until = waits_for, until
        clocks.stop(self, Turn[waits_for.name])

    def _insist_on_longest_pause(self, until: Moment) -> None:
        hours = self.level.pause_hours if self.level is not None else None
        if hours is not None and until > clock.now() + timedelta(hours=hours):
            why = _("A pause on this level lasts at most {hours} hours.", "本级别单次暂停最长{hours}小时。", hours=hours)
            raise Refused(why, field="until", code="pause_too_long")

    @transition(_("Resume", "恢复处理"), Status.PAUSED, to=Status.INVESTIGATING, by=HANDLERS, icon="play")
    def resume(self) -> None:
        """The clocks run on with the time that was left."""
        self.must_handle()
        self.end_pause()

    def end_pause(self) -> None:
        """Back to the investigation, whoever or whatever ends the pause."""
        self.status, self.pause_reason, self.paused_until = Status.INVESTIGATING, None, None
        clocks.run(self, Turn.RESUMED)

    @transition(_("Propose a solution", "提出方案"), Status.INVESTIGATING, to=Status.PROPOSAL_MADE, by=HANDLERS, tone="info", icon="lightbulb")
    def propose(self, *, decision: LongText, promised_at: Moment, responsible: Staff, cause: LongText | None = None) -> None:
        """Measures, timetable and the person responsible (S2)."""
        self.must_handle()
        _must_lie_ahead(promised_at, "promised_at")
        promises.latch(self)
        self.decision, self.promised_at, self.responsible = decision, promised_at, responsible
        self.cause = cause or self.cause
        self.accepted = self.communicated_at = None

    @action(
        _("Record the public reply", "登记公开回应"), by=HANDLERS, icon="megaphone", when=lambda case: case.reply_due_at is not None and case.replied_at is None,
        labels={"reply": _("What was replied, and where", "回应内容及发布渠道")}, offers={"reply": said(Situation.APOLOGIZE, Situation.ACKNOWLEDGE)},
    )
    def reply_publicly(self, *, reply: LongText) -> None:
        """The public has been answered; careful with apologies (S2: an apology is no admission)."""
        self.must_handle()
        promises.latch(self)
        self.replied_at, self.reply = clock.now(), reply

    @action(
        _("Log what the customer was told", "登记客户告知"), by=HANDLERS, icon="chat-left-text", begins=telling.begins, offers={"words": at_step("step")},
        labels={
            "step": _("Step", "告知环节"), "means": _("How", "告知方式"), "words": _("What was said", "告知内容"),
            "answer": _("What the customer answered", "客户答复"), "told_at": _("Told at", "告知时间"), "told_by": _("Told by", "告知人"),
        },
    )
    def tell(
        self, *, step: NoticeStep, means: Means = Means.PHONE, words: LongText, answer: LongText | None = None, told_at: Moment | None = None,
        told_by: Staff | None = None,
    ) -> None:
        """What the customer was told, at any step and as often as needed; a decision counts as told from then on."""
        self.must_handle()
        if step is NoticeStep.DECISION and self.decision is None and self.communicated_at is None:
            raise Refused(_("There is no decision to tell yet.", "尚无处理决定可告知。"), field="step")
        moment = telling.write_down(self, step, means, words, told_at=told_at, told_by=told_by, answer=answer)
        if step is NoticeStep.DECISION:
            self.communicated_at = min(self.communicated_at or moment, moment)

    @transition(_("Customer agrees", "客户同意"), Status.PROPOSAL_MADE, to=Status.AGREED, by=HANDLERS, tone="good", icon="hand-thumbs-up")
    def agree(self) -> None:
        """The customer was told and accepts."""
        self.must_handle()
        self.accepted, self.communicated_at = True, self.communicated_at or clock.now()

    @transition(
        _("Customer declines", "客户不同意"), Status.PROPOSAL_MADE, to=Status.INVESTIGATING, by=HANDLERS, tone="warn", icon="hand-thumbs-down",
        labels={"reason": _("What the customer asks for", "客户诉求")},
    )
    def decline(self, *, reason: LongText) -> None:
        """The customer was told and wants something else; another proposal is due."""
        self.must_handle()
        self.accepted, self.communicated_at, self.remedy_sought = False, self.communicated_at or clock.now(), reason

    @transition(_("Carry out", "执行方案"), Status.AGREED, to=Status.IMPLEMENTING, by=HANDLERS, icon="tools")
    def implement(self) -> None:
        """What was agreed is being done."""
        self.must_handle()

    @transition(_("Resolve", "解决"), Status.AGREED, Status.IMPLEMENTING, to=Status.RESOLVED, by=HANDLERS, tone="good", icon="check-circle")
    def resolve(self, *, result: LongText, cause: LongText | None = None, responsible: Staff | None = None) -> None:
        """It is done; the clocks stop, and the customer is asked in a follow-up call."""
        self.must_handle()
        self.result, self.resolved_at = result, clock.now()
        self.cause, self.responsible = cause or self.cause, responsible or self.responsible
        clocks.stop(self, Turn.RESOLVED)
        levels.end_escalation(self, EscalationStatus.RESOLVED)

    @transition(
        _("Confirm with the customer", "客户确认回访"), Status.RESOLVED, Status.FOLLOW_UP, to=(Status.FOLLOW_UP, Status.INVESTIGATING), by=HANDLERS,
        icon="telephone-outbound", offers={"told": said(Situation.CLOSE)},
        labels={
            "satisfied": _("Customer confirms the solution", "客户确认已解决"), "note": _("Said in the follow-up call", "回访记录"), **telling.SAID,
        },
    )
    def confirm(
        self, *, satisfied: Flag, satisfaction: Rating | None = None, note: LongText | None = None, told: LongText | None = None, means: Means = Means.PHONE,
    ) -> None:
        """The follow-up call: a customer who does not confirm sends the complaint back, and the clocks run on."""
        self.must_handle()
        self.followed_up_at, self.satisfaction, self.follow_up_note = clock.now(), satisfaction, note
        telling.write_down(self, NoticeStep.FOLLOW_UP, means, told, answer=note)
        if satisfied:
            self.confirmed_at, self.status = clock.now(), Status.FOLLOW_UP
        else:
            self.start_again()

    def start_again(self) -> None:
        """Back to the investigation: what was decided and confirmed no longer holds."""
        self.status, self.confirmed_at, self.communicated_at, self.accepted = Status.INVESTIGATING, None, None, None
        self.resolved_at = None
        if self.acknowledged_at is None:
            self.acknowledged_at, self.acknowledged_by = clock.now(), me()
        clocks.run(self, Turn.REOPENED)


def _must_lie_ahead(moment: Moment | None, name: str) -> None:
    if moment is not None and moment <= clock.now():
        raise Refused(_("The moment must lie ahead.", "时间必须晚于现在。"), field=name)
