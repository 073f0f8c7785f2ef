"""Complaints: a customer's grievance, owed an answer by a deadline (S2, ISO 10002; domain.md 3.3, 3.5, Part 4 (o))."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, or_
from sqlalchemy.orm import Mapped

from backoffice.declare import (
    LongText,
    Money,
    Refused,
    Resource,
    Timeline,
    _,
    action,
    children,
    clock,
    refuses,
)
from backoffice.declare.fields import listed
from models import beware, telling, waiting
from models import complaint_clocks as clocks
from models import complaint_levels as levels
from models import complaint_triggers as triggers
from models.acting import fill, linked, me, somebody
from models.authority_limits import CompensationKind
from models.compensations import Compensation
from models.complaint_board import BOARD
from models.complaint_checklist import steps_of
from models.complaint_endings import ComplaintEndings, too_early
from models.complaint_fields import HANDLERS, HEADS
from models.complaint_meters import clock_meters
from models.complaint_reports import COMPLAINTS as REPORT
from models.complaint_states import OPEN, Status
from models.customer_notices import Means, NoticeStep
from models.escalation_levels import EscalationLevel
from models.offering import said
from models.orders import ServiceOrder, orders_here, own_orders
from models.roles import CRU, A, E, I, R, Role, rights
from models.scopes import met, of_person, of_store
from models.staff import Staff
from models.standard_phrases import Situation

if TYPE_CHECKING:
    from models.clock_segments import ClockSegment
    from models.customer_notices import CustomerNotice
    from models.escalations import Escalation


def complaints_here(person: Any) -> ColumnElement[bool]:
    """Complaints of the person's store."""
    return of_store(Complaint.store_id)(person)


def own_complaints(person: Any) -> ColumnElement[bool]:
    """Complaints about the person's own orders (the workshop's are those of its store), and those the person took or owns."""
    orders = orders_here if person.role is Role.WORKSHOP else own_orders
    about = met(Complaint.order_id, ServiceOrder.id, orders(person))
    return or_(about, of_person(Complaint.owner_id)(person), of_person(Complaint.first_owner_id)(person))


def _at_own_level(person: Any) -> ColumnElement[bool]:
    """Complaints at a level that the person's authority covers."""
    return Complaint.level_id.is_(None) | Complaint.level.has(EscalationLevel.authority <= person.level)


def handled_here(person: Any) -> ColumnElement[bool]:
    """Complaints of the person's store up to the person's level."""
    return complaints_here(person) & _at_own_level(person)


def handled_by_owner(person: Any) -> ColumnElement[bool]:
    """The person's own complaints up to the person's level."""
    return own_complaints(person) & _at_own_level(person)


class Complaint(ComplaintEndings):
    """Has an owner from the first contact on and closes only when nothing of the closing list is missing."""

    __tablename__ = "complaints"
    __table_args__ = (
        *listed("complaints", "status", "level_id", "severity", "store_id", "owner_id", "channel", "category", "customer_id", "vehicle_id", by="received_at"),
        CheckConstraint("description IS NOT NULL OR from_history", name="new_has_description"),
        CheckConstraint("category IS NOT NULL OR from_history", name="new_has_category"),
        CheckConstraint("problem_type IS NOT NULL OR from_history", name="new_has_problem_type"),
        CheckConstraint("level_id IS NOT NULL OR from_history", name="new_has_level"),
        CheckConstraint(
            "status IN ('received', 'rejected', 'withdrawn', 'external') OR acknowledged_at IS NOT NULL OR from_history",
            name="beyond_receipt_was_acknowledged",
        ),
        CheckConstraint("status <> 'paused' OR (pause_reason IS NOT NULL AND paused_until IS NOT NULL) OR from_history", name="paused_says_why"),
        CheckConstraint("status NOT IN ('closed', 'rejected', 'withdrawn') OR closed_at IS NOT NULL OR from_history", name="ended_has_time"),
        CheckConstraint(
            "status <> 'closed' OR (cause IS NOT NULL AND responsible_id IS NOT NULL AND communicated_at IS NOT NULL"
            " AND confirmed_at IS NOT NULL) OR from_history",
            name="closed_lacks_nothing",
        ),
        CheckConstraint(
            "status <> 'closed' OR breach_reason IS NOT NULL OR (level_breached_at IS NULL AND overall_breached_at IS NULL) OR from_history",
            name="closed_explains_a_breach",
        ),
        CheckConstraint("status NOT IN ('rejected', 'withdrawn', 'external') OR end_reason IS NOT NULL OR from_history", name="ended_says_why"),
        CheckConstraint("satisfaction BETWEEN 1 AND 10", name="satisfaction_is_1_to_10"),
        CheckConstraint("reopened_count >= 0", name="reopenings_count_up"),
    )
    __resource__ = Resource(
        _("Complaint", "投诉"), _("Complaints", "投诉"), name="complaints", key=("complaint_no",), linked_as="complaint_no", icon="exclamation-octagon",
        group=_("Complaints", "投诉"),
        columns=("complaint_no", "received_at", "customer", "vehicle", "category", "severity", "level", "owner", "status", "level_due_at"),
        search=("complaint_no", "category", "problem_type", "description", "customer.name", "customer.phone", "vehicle.vin", "vehicle.plate"),
        filters=("status", "level", "severity", "store", "owner", "channel", "category", "received_at", "overall_due_at"), order=("-received_at",),
        queues=waiting.COMPLAINTS, contact=("customer.phone",),
        alerts=beware.COMPLAINTS, meters=clock_meters, report=REPORT, board=BOARD, checklist=steps_of, dossier=_("Dossier", "投诉档案"),
        timeline=Timeline(
            of=("customer", "vehicle", "order"), at=("received_at",),
            shows=("status", "severity", "customer", "vehicle", "category", "level", "owner", "description"),
        ),
        rights=rights(
            agent=CRU | A, advisor=CRU | A, workshop=R, supervisor=CRU | A | I | E, manager=CRU | A | I | E, admin=R | I | E, auditor=R | E,
            store=complaints_here, own=own_complaints, only_own=(Role.WORKSHOP,),
            change={Role.AGENT: handled_here, Role.ADVISOR: handled_by_owner, Role.SUPERVISOR: handled_here},
        ),
    )

    escalations: Mapped[list[Escalation]] = children(_("Escalations", "投诉升级"), back="complaint", order_by="Escalation.sequence")
    compensations: Mapped[list[Compensation]] = children(_("Compensations", "补偿"), back="complaint")
    notices: Mapped[list[CustomerNotice]] = children(
        _("What the customer was told", "客户告知"), back="complaint", order_by="(CustomerNotice.told_at, CustomerNotice.id)",
    )
    segments: Mapped[list[ClockSegment]] = children(_("Clock segments", "计时段"), back="complaint", order_by="ClockSegment.sequence", cascade="all, delete-orphan")

    @refuses("new", "change")
    def before_save(self, *, is_new: bool) -> None:
        """A new complaint takes what its order knows, its first owner and its clocks; a closed one keeps lacking nothing."""
        if is_new:
            self._take_from_order()
            fill(self, received_at=clock.now())
            if not self.from_history:
                fill(self, first_owner=me())
                fill(self, owner=self.first_owner)
            levels.start_clocks(self)
        elif self.status is Status.CLOSED and not self.from_history and (missing := self.missing_to_close()):
            raise Refused(too_early(missing))
        elif self.status is Status.PAUSED and not self.from_history and self.may_not_pause:
            raise Refused(_("A safety or press case does not wait at this level; resume it first.", "该级别的安全或媒体投诉不得暂停，请先恢复处理。"))
        triggers.obey(self, is_new=is_new)
        if self.clock_next_at != (moment := clocks.next_moment(self)):
            self.clock_next_at = moment

    def _take_from_order(self) -> None:
        order = linked(self, "order", ServiceOrder)
        for name in ("customer", "vehicle", "store") if order else ():
            if getattr(self, f"{name}_id") is None:
                fill(self, **{name: getattr(order, name)})
        if order and self.from_history:
            fill(self, received_at=order.checked_in_at)  # an old complaint without a date is as old as its visit

    @action(
        _("Raise the level", "升级"), by=HANDLERS, tone="bad", icon="arrow-up", when=lambda case: case.status in OPEN,
        labels={"to": _("To level", "目标级别"), "reason": _("Reason", "升级原因"), **telling.SAID}, offers={"told": said(Situation.RAISE)},
    )
    def raise_level(
        self, *, reason: LongText, to: EscalationLevel | None = None, told: LongText | None = None, means: Means = Means.PHONE,
    ) -> None:
        """Ask a higher level; the next one unless another is named. Anybody who handles complaints may. The customer is told of it (S2)."""
        self._must_be_open()
        levels.raise_to(self, to, reason)
        telling.write_down(self, NoticeStep.RAISED, means, told)

    @action(_("Accept", "接手"), by=HANDLERS, bulk=True, tone="good", icon="person-check", when=levels.waits)
    def accept(self) -> None:
        """The new level takes over; whoever accepts becomes the owner."""
        self._must_be_open()
        self.must_handle()
        levels.accept(self)

    @action(_("Take over", "接管"), by=HANDLERS, bulk=True, icon="person-down", when=lambda case: case.status in OPEN)
    def take_over(self) -> None:
        """Whoever acts becomes the owner; a raised level that waits is accepted by that. The first owner stays named."""
        self._must_be_open()
        self.must_handle()
        person = somebody()
        if levels.waits(self):
            levels.accept(self)
            return
        if self.owner is person:
            raise Refused(_("You own it already.", "您已是负责人。"))
        self.owner = person
        fill(self, first_owner=person)

    @action(
        _("Lower the level", "降级"), by=HEADS, tone="warn", icon="arrow-down", when=lambda case: case.status in OPEN,
        labels={"to": _("To level", "目标级别"), "reason": _("Reason", "降级原因")},
    )
    def lower_level(self, *, reason: LongText, to: EscalationLevel | None = None) -> None:
        """Only the level's owner or above, with a reason, and never below what the marks demand."""
        self._must_be_open()
        self.must_handle()
        levels.lower_to(self, to, reason)

    @action(_("Assign", "指派"), by=HEADS, bulk=True, icon="person-plus", when=lambda case: case.status in OPEN)
    def assign(self, *, owner: Staff) -> None:
        """Another colleague of the level works on it; the first owner stays named."""
        self._must_be_open()
        self.must_handle()
        if self.level is not None and not self.level.owned_by(owner):
            raise Refused(_("{person} is not of this level.", "{person}不属于该级别。", person=owner), field="owner")
        self.owner = owner
        fill(self, first_owner=owner)

    @action(
        _("Propose compensation", "申请补偿"), by=HANDLERS, icon="gift", when=lambda case: case.status in OPEN,
        labels={"kind": _("Kind", "补偿类型"), "amount": _("Amount (CNY)", "金额（元）"), "reason": _("Reason", "补偿原因")},
    )
    def propose_compensation(self, *, kind: CompensationKind, amount: Money, reason: LongText) -> None:
        """Granted at once within the lower of one's own limit and the level's; above it another person decides."""
        self._must_be_open()
        self.session.add(Compensation(complaint=self, kind=kind, amount=amount, reason=reason))
