"""Compensations: what a customer is given for a complaint, and on whose authority (S2, domain.md 3.5 and 3.9)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Choice,
    Flag,
    LongText,
    Model,
    Moment,
    Money,
    Number,
    Refused,
    Resource,
    _,
    children,
    clock,
    concerns,
    field,
    link,
    transition,
)
from models import granting, waiting
from models.acting import fill, keep, linked, me, somebody
from models.authority_limits import AuthorityLimit, CompensationKind
from models.changes import changed
from models.compensation_decisions import CompensationDecision, Verdict
from models.escalation_levels import EscalationLevel
from models.roles import A, C, E, R, Role, rights
from models.scopes import within
from models.staff import Staff
from models.stores import Store

if TYPE_CHECKING:
    from models.complaints import Complaint

DECIDERS = (Role.SUPERVISOR, Role.MANAGER)
FACTS = ("complaint", "complaint_id", "kind", "amount", "reason", "proposed_by", "proposed_by_id", "proposed_at")
DECISION = ("approved_by", "approved_by_id", "approved_at", "second_signed_by", "second_signed_by_id", "second_signed_at", "reject_reason")
COUNTED = ("status", "required_level", "required_level_id", "approved_at")
"""What decides in which budget it counts."""
WHY = {"reason": _("Reason", "理由")}


class CompensationStatus(Choice):
    """How far a compensation has come."""

    PENDING = "pending", _("Waits for approval", "待审批"), "warn"
    SECOND = "second_signature", _("Waits for a second signature", "待第二人签字"), "warn"
    APPROVED = "approved", _("Approved", "已批准"), "info"
    REJECTED = "rejected", _("Rejected", "已驳回"), "bad"
    ISSUED = "issued", _("Issued", "已发放"), "good"
    ACCEPTED = "accepted", _("Accepted", "客户已接受"), "good"
    CANCELLED = "cancelled", _("Called off", "已撤销"), "neutral"


WAITING = (CompensationStatus.PENDING, CompensationStatus.SECOND)
UNSETTLED = (*WAITING, CompensationStatus.APPROVED)
GRANTED = (CompensationStatus.SECOND, CompensationStatus.APPROVED, CompensationStatus.ISSUED, CompensationStatus.ACCEPTED)
"""What counts in the budget: from the first signature on, until it is refused or cancelled."""


def compensations_here(person: Any) -> ColumnElement[bool]:
    """Compensations of the complaints that the person reads."""
    from models.complaints import Complaint, complaints_here  # noqa: PLC0415  # complaints import compensations

    return within(Compensation.complaint_id, Complaint, complaints_here)(person)


class Compensation(Model):
    """Nobody approves an own proposal, and where the limit asks for it two people sign.

    Within the lower of the proposer's limit and the case's level it is granted at once; above it
    another person of the level that may decides. What the budget of a level does not cover goes to
    the next one. Every decision is written down with its reason.
    """

    __tablename__ = "compensations"
    __table_args__ = (
        Index("ix_compensations_required_level_id_approved_at", "required_level_id", "approved_at"),
        CheckConstraint("amount >= 0", name="nobody_is_fined"),
        CheckConstraint("within_authority OR approved_by_id <> proposed_by_id OR from_history", name="no_own_proposal_is_approved"),
        CheckConstraint("second_signed_by_id <> approved_by_id OR from_history", name="two_people_sign"),
        CheckConstraint("second_signed_by_id <> proposed_by_id OR from_history", name="no_own_proposal_is_signed"),
        CheckConstraint("status NOT IN ('approved', 'issued', 'accepted') OR approved_at IS NOT NULL OR from_history", name="approved_has_time"),
        CheckConstraint("status <> 'rejected' OR reject_reason IS NOT NULL OR from_history", name="rejected_has_reason"),
        CheckConstraint("status NOT IN ('issued', 'accepted') OR issued_at IS NOT NULL OR from_history", name="issued_has_time"),
        CheckConstraint("reason IS NOT NULL OR from_history", name="new_has_reason"),
    )
    __resource__ = Resource(
        _("Compensation", "补偿"), _("Compensations", "补偿"), name="compensations", key=("compensation_no",), icon="gift",
        group=_("Complaints", "投诉"), columns=("compensation_no", "complaint", "kind", "amount", "status", "required_level", "proposed_by"),
        search=("compensation_no", "complaint.complaint_no", "voucher_no"), filters=("status", "kind", "required_level", "proposed_by"),
        order=("-proposed_at",),
        queues=waiting.COMPENSATIONS, meters=granting.budget_meters,
        rights=rights(
            agent=C, advisor=C, supervisor=C | R | A, manager=C | R | A, admin=R, auditor=R | E,
            store=compensations_here,
        ),
    )

    compensation_no: Mapped[Number] = field(_("Compensation no.", "补偿编号"), unique=True, numbered="BC")
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    complaint: Mapped[Complaint] = link(_("Complaint", "投诉"), aliases=("投诉编号",), back_populates="compensations", active_history=True)
    kind: Mapped[CompensationKind] = field(_("Kind", "补偿类型"), index=True)
    amount: Mapped[Money] = field(_("Amount (CNY)", "金额（元）"))
    reason: Mapped[LongText | None] = field(_("Reason", "补偿原因"), needed=True)
    status: Mapped[CompensationStatus] = field(_("Status", "状态"), default=CompensationStatus.PENDING, locked=True, index=True)
    required_level_id: Mapped[int | None] = mapped_column(ForeignKey(EscalationLevel.id))
    required_level: Mapped[EscalationLevel | None] = link(_("Level that may grant it", "审批级别"), locked=True, active_history=True)
    within_authority: Mapped[Flag] = field(
        _("Granted at once", "权限内直接给予"), locked=True, default=False, help=_("It lay within the proposer's own authority.", "在申请人本人权限之内。"),
    )
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    proposed_by: Mapped[Staff | None] = link(_("Proposed by", "申请人"), locked=True, foreign_keys=[proposed_by_id], active_history=True)
    proposed_at: Mapped[Moment | None] = field(_("Proposed at", "申请时间"), locked=True, index=True)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    approved_by: Mapped[Staff | None] = link(_("Decided by", "审批人"), locked=True, foreign_keys=[approved_by_id], active_history=True)
    approved_at: Mapped[Moment | None] = field(_("Decided at", "审批时间"), locked=True)
    second_signed_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    second_signed_by: Mapped[Staff | None] = link(
        _("Second signature", "第二签字人"), locked=True, foreign_keys=[second_signed_by_id], active_history=True,
    )
    second_signed_at: Mapped[Moment | None] = field(_("Signed at", "签字时间"), locked=True)
    reject_reason: Mapped[LongText | None] = field(_("Why rejected", "驳回原因"), locked=True)
    voucher_no: Mapped[Number | None] = field(_("Voucher no.", "凭证号"), locked=True)
    issued_at: Mapped[Moment | None] = field(_("Issued at", "发放时间"), locked=True)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    issued_by: Mapped[Staff | None] = link(_("Issued by", "发放人"), locked=True, foreign_keys=[issued_by_id])

    decisions: Mapped[list[CompensationDecision]] = children(_("Decisions", "审批记录"), back="compensation", order_by="CompensationDecision.sequence")

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to decide or to sign."""
        return self.status in WAITING

    @property
    def is_granted(self) -> bool:
        """Whether it counts in a budget."""
        return self.status in GRANTED and self.approved_at is not None and self.archived_at is None and not self.from_history

    @property
    def store(self) -> Store | None:
        """The store whose budget it is granted on: that of the complaint."""
        from models.complaints import Complaint  # noqa: PLC0415  # complaints import compensations

        case = linked(self, "complaint", Complaint)
        return linked(case, "store", Store) if case is not None else None

    @concerns(*FACTS, *DECISION, *COUNTED, history=False)
    def before_save(self, *, is_new: bool) -> None:
        """A new proposal is weighed; what was proposed and decided stays as it is; budgets are counted anew."""
        if not is_new:
            keep(self, *FACTS, *DECISION, why=_("A proposal is not rewritten. Make another one.", "补偿申请不得改写，请另行提出。"))
        elif not self.from_history:
            self._weigh()
        if changed(self, *COUNTED):
            granting.recount(self)

    def _weigh(self) -> None:
        """Grant at once what the proposer may grant here; leave the rest to another person."""
        person, case = me(), self._case()
        fill(self, proposed_by=person, proposed_at=clock.now())
        way = granting.find(self)
        limit = min(person.level, case.level.authority) if person and case.level else 0
        self.required_level, self.within_authority = way.level, way.is_open and way.level.authority <= limit
        self._pass_by(way, self.reason)
        if self.within_authority:
            self._sign(person, way.limit)
        else:
            self.status = CompensationStatus.PENDING
        self._record(Verdict.GRANTED if self.within_authority else Verdict.ASKED, self.reason, way.left)

    def _case(self) -> Complaint:
        from models.complaint_states import OPEN  # noqa: PLC0415  # only a new proposal asks
        from models.complaints import Complaint  # noqa: PLC0415  # complaints import compensations

        case = linked(self, "complaint", Complaint)
        if case is None or case.status not in OPEN:
            raise Refused(_("The complaint is no longer open.", "该投诉已结束。"), field="complaint")
        return case

    def _sign(self, person: Staff | None, limit: AuthorityLimit) -> None:
        """The first signature; where two are needed the second is waited for."""
        self.approved_by, self.approved_at = person, clock.now()
        self.status = CompensationStatus.SECOND if limit.second_signature else CompensationStatus.APPROVED

    def _pass_by(self, way: granting.Way, reason: str | None) -> None:
        """Write down each level that cannot grant it now."""
        for level, left in way.passed:
            self._record(Verdict.PASSED, reason, left, level)

    def _record(self, verdict: Verdict, reason: str | None, left: Decimal | None = None, level: EscalationLevel | None = None) -> None:
        """Write down a decision."""
        self.session.add(CompensationDecision(
            compensation=self, sequence=len(self.decisions) + 1, verdict=verdict, level=level or self.required_level, decided_by=me(),
            decided_at=clock.now(), reason=reason, budget_left=left,
        ))

    def _decider(self) -> Staff:
        """The person who decides now: signed in, of the level that may, and not the proposer."""
        person = somebody()
        if person is self.proposed_by:
            raise Refused(_("Nobody approves an own proposal.", "不得审批本人提出的补偿。"), code="own_proposal")
        if self.required_level is not None and not self.required_level.owned_by(person):
            raise Refused(
                _("Only the owner of level {level} or above decides this.", "须由{level}及以上负责人审批。", level=self.required_level), code="not_the_level",
            )
        return person

    @transition(
        _("Approve", "批准"), CompensationStatus.PENDING, to=(CompensationStatus.APPROVED, CompensationStatus.SECOND, CompensationStatus.PENDING),
        by=DECIDERS, bulk=True, tone="good", icon="check-circle", labels=WHY, meters=True,
    )
    def approve(self, *, reason: LongText) -> None:
        """Grant it; where two signatures are asked for this is the first. What the budget does not cover is passed on to the next level."""
        person = self._decider()
        way = granting.find(self)
        if not way.is_open:
            raise Refused(granting.used_up(way), code="budget_used_up")
        self._pass_by(way, reason)
        self.required_level = way.level
        if way.level.owned_by(person):
            self._sign(person, way.limit)
            self._record(Verdict.APPROVED, reason, way.left)
        else:
            self._record(Verdict.ASKED, reason, way.left)

    @transition(
        _("Sign second", "第二人签字"), CompensationStatus.SECOND, to=CompensationStatus.APPROVED, by=DECIDERS, bulk=True, tone="good", icon="pen",
        labels=WHY, meters=True,
    )
    def sign_second(self, *, reason: LongText) -> None:
        """The second signature, by yet another person."""
        person = self._decider()
        if person is self.approved_by:
            raise Refused(_("The second signature is another person's.", "第二签字人不得与第一签字人相同。"), code="same_person")
        self.second_signed_by, self.second_signed_at = person, clock.now()
        self._record(Verdict.SIGNED, reason)

    @transition(
        _("Reject", "驳回"), *WAITING, to=CompensationStatus.REJECTED, by=DECIDERS, bulk=True, tone="bad", icon="x-circle",
        labels={"reason": _("Why rejected", "驳回原因")},
    )
    def reject(self, *, reason: LongText) -> None:
        """Say no, with the reason."""
        person = self._decider()
        if self.status is CompensationStatus.PENDING:
            self.approved_by, self.approved_at = person, clock.now()
        self.reject_reason = reason
        self._record(Verdict.REJECTED, reason)

    @transition(
        _("Call off", "撤销"), *UNSETTLED, to=CompensationStatus.CANCELLED, by=DECIDERS, tone="warn", icon="slash-circle",
        labels={"reason": _("Why called off", "撤销原因")},
    )
    def cancel(self, *, reason: LongText) -> None:
        """It is not needed any more, before anything was handed over; the budget gets it back."""
        person = somebody()
        if person is not self.proposed_by and self.required_level is not None and not self.required_level.owned_by(person):
            raise Refused(_("Whoever proposed it, or the owner of level {level} or above, calls it off.", "须由申请人或{level}及以上负责人撤销。",
                            level=self.required_level), code="not_the_level")
        self._record(Verdict.CANCELLED, reason)

    @transition(_("Issue", "发放"), CompensationStatus.APPROVED, to=CompensationStatus.ISSUED, by=DECIDERS, icon="gift")
    def issue(self, *, voucher_no: Number | None = None) -> None:
        """Hand it over to the customer."""
        self.voucher_no, self.issued_at, self.issued_by = voucher_no, clock.now(), me()

    @transition(_("Customer accepts", "客户接受"), CompensationStatus.ISSUED, to=CompensationStatus.ACCEPTED, by=DECIDERS, tone="good", icon="hand-thumbs-up")
    def accept(self) -> None:
        """The customer has taken it."""
