"""Complaints: a customer's grievance, owed an answer by a deadline (S2, ISO 10002; domain.md 3.3, 3.5, Part 4 (o))."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Count,
    Day,
    Flag,
    LongText,
    Model,
    Moment,
    Money,
    Number,
    Refused,
    Resource,
    ShortText,
    Text,
    Whole,
    _,
    action,
    children,
    clock,
    column_of,
    field,
    link,
    transition,
)
from models import complaint_levels as levels
from models import waiting
from models.acting import fill, linked, me
from models.compensations import UNSETTLED, Compensation
from models.complaint_states import ENDED, OPEN, WORKING, Channel, EscalationStatus, PauseReason, Severity, Status, Subject
from models.customers import Customer
from models.deadlines import REOPEN_DAYS
from models.escalation_levels import CompensationKind, EscalationLevel
from models.orders import ServiceOrder, orders_here, own_orders
from models.roles import CRU, A, E, I, R, Role, rights
from models.scopes import of_person, of_store
from models.staff import Staff
from models.stores import Store
from models.vehicles import Vehicle

if TYPE_CHECKING:
    from models.escalations import Escalation

Rating = Annotated[int, column_of(Whole(least=1, most=10))]
HANDLERS = (Role.AGENT, Role.ADVISOR, Role.SUPERVISOR, Role.MANAGER)
HEADS = (Role.SUPERVISOR, Role.MANAGER)


def complaints_here(person: Any) -> ColumnElement[bool]:
    """Complaints of the person's store."""
    return of_store(Complaint.store_id)(person)


def own_complaints(person: Any) -> ColumnElement[bool]:
    """Complaints about the person's own orders (the workshop's are those of its store), and those the person took or owns."""
    orders = orders_here if person.role is Role.WORKSHOP else own_orders
    about = Complaint.order_id.in_(select(ServiceOrder.id).where(orders(person)))
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


class Complaint(Model):
    """Has an owner from the first contact on and closes only when nothing of the closing list is missing."""

    __tablename__ = "complaints"
    __table_args__ = (
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
        _("Complaint", "投诉"), _("Complaints", "投诉"), name="complaints", key=("complaint_no",), icon="exclamation-octagon",
        group=_("Complaints", "投诉"),
        columns=("complaint_no", "received_at", "customer", "vehicle", "category", "severity", "level", "owner", "status", "level_due_at"),
        search=("complaint_no", "category", "problem_type", "description", "customer.name", "customer.phone", "vehicle.vin", "vehicle.plate"),
        filters=("status", "level", "severity", "store", "owner", "channel", "category", "received_at", "overall_due_at"), order=("-received_at",),
        queues=waiting.COMPLAINTS,
        rights=rights(
            agent=CRU | A, advisor=CRU | A, workshop=R, supervisor=CRU | A | I | E, manager=CRU | A | I | E, admin=R | I | E, auditor=R | E,
            store=complaints_here, own=own_complaints, only_own=(Role.WORKSHOP,),
            change={Role.AGENT: handled_here, Role.ADVISOR: handled_by_owner, Role.SUPERVISOR: handled_here},
        ),
    )

    complaint_no: Mapped[Number] = field(_("Complaint no.", "投诉编号"), unique=True, numbered="TS", aliases=("ODINO",))
    source: Mapped[ShortText | None] = field(_("Source", "来源"))
    channel: Mapped[Channel | None] = field(_("Channel", "投诉渠道"))
    received_at: Mapped[Moment] = field(_("Received", "投诉时间"), default=clock.now, index=True, aliases=("投诉日期", "LDATE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id), index=True)
    customer: Mapped[Customer] = link(_("Customer", "客户"), aliases=("customer_code", "客户编号"))
    vehicle_id: Mapped[int] = mapped_column(ForeignKey(Vehicle.id), index=True)
    vehicle: Mapped[Vehicle] = link(_("Vehicle", "车辆"), aliases=("车架号",))
    order_id: Mapped[int | None] = mapped_column(ForeignKey(ServiceOrder.id), index=True)
    order: Mapped[ServiceOrder | None] = link(_("Service order", "维修工单"), aliases=("工单号", "委托书号", "维修单号"))
    store_id: Mapped[int] = mapped_column(ForeignKey(Store.id), index=True)
    store: Mapped[Store] = link(_("Store", "门店"), aliases=("dealer_code", "经销商代码"))
    subject: Mapped[Subject | None] = field(_("Subject class", "投诉类别"))
    category: Mapped[ShortText | None] = field(_("Category", "投诉问题"), needed=True, index=True, aliases=("COMPDESC",))
    subcategory: Mapped[ShortText | None] = field(_("Subcategory", "典型问题"))
    problem_type: Mapped[ShortText | None] = field(_("Problem type", "问题类型"), needed=True)
    severity: Mapped[Severity] = field(_("Severity", "严重程度"), default=Severity.ORDINARY, index=True)
    occurred_on: Mapped[Day | None] = field(_("Happened on", "发生日期"), aliases=("FAILDATE",))
    summary: Mapped[ShortText | None] = field(_("Summary", "问题简述"))
    description: Mapped[LongText | None] = field(
        _("In the customer's words", "投诉内容"), needed=True, aliases=("投诉简述", "CDESCR"), help=_("Kept to the letter.", "按客户原话记录。"),
    )
    remedy_sought: Mapped[LongText | None] = field(_("What the customer asks for", "客户诉求"))
    safety: Mapped[Flag] = field(_("Safety", "涉及安全"), default=False)
    media: Mapped[Flag] = field(_("Press or social media", "涉及媒体"), default=False)
    legal: Mapped[Flag] = field(_("Legal threat", "涉及法律"), default=False)
    vip: Mapped[Flag] = field(_("VIP customer", "贵宾客户"), default=False)
    repeat: Mapped[Flag] = field(_("Repeated complaint", "重复投诉"), default=False)

    status: Mapped[Status] = field(_("Status", "状态"), default=Status.RECEIVED, locked=True, index=True, aliases=("投诉状态",))
    level_id: Mapped[int | None] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    level: Mapped[EscalationLevel | None] = link(_("Level", "级别"), locked=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    owner: Mapped[Staff | None] = link(_("Owner", "负责人"), locked=True, foreign_keys=[owner_id])
    first_owner_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    first_owner: Mapped[Staff | None] = link(
        _("First owner", "首问负责人"), locked=True, foreign_keys=[first_owner_id],
        help=_("Whoever took the complaint stays responsible to the end (S0).", "首问负责制：首次接待者负责到底。"),
    )
    level_entered_at: Mapped[Moment | None] = field(_("On this level since", "进入本级时间"), locked=True)
    level_due_at: Mapped[Moment | None] = field(_("Due on this level", "本级到期时间"), locked=True, index=True)
    overall_due_at: Mapped[Moment | None] = field(_("Solution due", "解决到期时间"), locked=True, index=True)
    clock_stopped_at: Mapped[Moment | None] = field(_("Clocks stopped", "计时停止时间"), locked=True)
    level_breached_at: Mapped[Moment | None] = field(_("Level limit missed", "本级超时时间"), locked=True)
    overall_breached_at: Mapped[Moment | None] = field(_("Solution limit missed", "解决超时时间"), locked=True)
    breach_reason: Mapped[LongText | None] = field(_("Why a limit was missed", "超时原因"))
    acknowledged_at: Mapped[Moment | None] = field(_("Acknowledged at", "受理时间"), locked=True)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    acknowledged_by: Mapped[Staff | None] = link(_("Acknowledged by", "受理人"), locked=True, foreign_keys=[acknowledged_by_id])
    assessment: Mapped[LongText | None] = field(_("Assessment", "初步评估"), locked=True)
    pause_reason: Mapped[PauseReason | None] = field(_("Waits for", "暂停原因"), locked=True)
    paused_until: Mapped[Moment | None] = field(_("Paused until", "暂停至"), locked=True)
    cause: Mapped[LongText | None] = field(_("Cause", "根本原因"))
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    responsible: Mapped[Staff | None] = link(_("Person responsible", "责任人"), foreign_keys=[responsible_id])
    decision: Mapped[LongText | None] = field(_("Solution", "解决方案"), locked=True)
    promised_at: Mapped[Moment | None] = field(_("Promised for", "承诺完成时间"), locked=True)
    communicated_at: Mapped[Moment | None] = field(_("Customer told of the decision", "告知客户时间"), locked=True)
    accepted: Mapped[Flag | None] = field(_("Customer accepts", "客户是否接受"), locked=True)
    resolved_at: Mapped[Moment | None] = field(_("Resolved at", "解决时间"), locked=True)
    result: Mapped[LongText | None] = field(_("What was done", "处理结果"), locked=True)
    followed_up_at: Mapped[Moment | None] = field(_("Follow-up call", "回访时间"), locked=True)
    confirmed_at: Mapped[Moment | None] = field(_("Customer confirmed", "客户确认时间"), locked=True)
    satisfaction: Mapped[Rating | None] = field(_("Satisfaction (1–10)", "满意度（1–10）"), locked=True)
    follow_up_note: Mapped[LongText | None] = field(_("Said in the follow-up call", "回访记录"), locked=True)
    closed_at: Mapped[Moment | None] = field(_("Closed at", "关闭时间"), locked=True)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    closed_by: Mapped[Staff | None] = link(_("Closed by", "关闭人"), locked=True, foreign_keys=[closed_by_id])
    end_reason: Mapped[LongText | None] = field(_("Why it ended otherwise", "其他结束原因"), locked=True)
    reopened_count: Mapped[Count] = field(_("Reopened (times)", "重开次数"), default=0, locked=True)
    reopen_reason: Mapped[LongText | None] = field(_("Why reopened", "重开原因"), locked=True)

    escalations: Mapped[list[Escalation]] = children(_("Escalations", "投诉升级"), back="complaint", order_by="Escalation.sequence")
    compensations: Mapped[list[Compensation]] = children(_("Compensations", "补偿"), back="complaint")

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
            raise Refused(_too_early(missing))
        elif self.status is Status.PAUSED and not self.from_history and self.may_not_pause:
            raise Refused(_("A safety or press case does not wait at this level; resume it first.", "该级别的安全或媒体投诉不得暂停，请先恢复处理。"))

    def _take_from_order(self) -> None:
        order = linked(self, "order", ServiceOrder)
        for name in ("customer", "vehicle", "store") if order else ():
            if getattr(self, f"{name}_id") is None:
                fill(self, **{name: getattr(order, name)})

    @property
    def may_not_pause(self) -> bool:
        """Whether it is a safety or press case at a level where those never wait."""
        return self.level is not None and self.level.no_pause and (self.safety or self.media)

    def must_handle(self) -> None:
        """Refuse whoever is below the complaint's level."""
        person = me()
        if person is not None and self.level is not None and not self.level.owned_by(person):
            raise Refused(
                _("The complaint is at level {level}; only its owner or above works on it.", "该投诉处于{level}，须由该级及以上负责人处理。", level=self.level),
                code="not_the_level",
            )

    # From receipt to agreement

    @transition(_("Acknowledge", "受理"), Status.RECEIVED, to=Status.ACKNOWLEDGED, by=HANDLERS, bulk=True, tone="info", icon="check")
    def acknowledge(self, *, promised_at: Moment | None = None) -> None:
        """The customer knows that somebody takes care, and possibly until when."""
        self.must_handle()
        _must_lie_ahead(promised_at, "promised_at")
        self.acknowledged_at, self.acknowledged_by = clock.now(), me()
        self.promised_at = promised_at or self.promised_at
        fill(self, first_owner=me())
        fill(self, owner=self.first_owner)

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
        self.pause_reason, self.paused_until = waits_for, until
        levels.stop_clocks(self)

    @transition(_("Resume", "恢复处理"), Status.PAUSED, to=Status.INVESTIGATING, by=HANDLERS, icon="play")
    def resume(self) -> None:
        """The clocks run on with the time that was left."""
        self.must_handle()
        self.end_pause()

    def end_pause(self) -> None:
        """Back to the investigation, whoever or whatever ends the pause."""
        self.status, self.pause_reason, self.paused_until = Status.INVESTIGATING, None, None
        levels.run_clocks(self)

    @transition(_("Propose a solution", "提出方案"), Status.INVESTIGATING, to=Status.PROPOSAL_MADE, by=HANDLERS, tone="info", icon="lightbulb")
    def propose(self, *, decision: LongText, promised_at: Moment, responsible: Staff, cause: LongText | None = None) -> None:
        """Measures, timetable and the person responsible (S2)."""
        self.must_handle()
        _must_lie_ahead(promised_at, "promised_at")
        self.decision, self.promised_at, self.responsible = decision, promised_at, responsible
        self.cause = cause or self.cause
        self.accepted = self.communicated_at = None

    @action(_("Tell the customer", "告知客户"), by=HANDLERS, icon="telephone", when=lambda case: bool(case.decision) and not case.communicated_at,
            labels={"told_at": _("Told at", "告知时间")})
    def tell(self, *, told_at: Moment | None = None) -> None:
        """The decision has been told to the customer."""
        self.must_handle()
        if self.decision is None:
            raise Refused(_("There is no decision to tell yet.", "尚无处理决定可告知。"))
        if told_at is not None and told_at > clock.now():
            raise Refused(_("That moment is still to come.", "该时间尚未到来。"), field="told_at")
        self.communicated_at = told_at or clock.now()

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

    # From agreement to the end

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
        levels.stop_clocks(self)
        levels.end_escalation(self, EscalationStatus.RESOLVED)

    @transition(
        _("Confirm with the customer", "客户确认回访"), Status.RESOLVED, Status.FOLLOW_UP, to=(Status.FOLLOW_UP, Status.INVESTIGATING), by=HANDLERS,
        icon="telephone-outbound", labels={"satisfied": _("Customer confirms the solution", "客户确认已解决"), "note": _("Said in the follow-up call", "回访记录")},
    )
    def confirm(self, *, satisfied: Flag, satisfaction: Rating | None = None, note: LongText | None = None) -> None:
        """The follow-up call: a customer who does not confirm sends the complaint back, and the clocks run on."""
        self.must_handle()
        self.followed_up_at, self.satisfaction, self.follow_up_note = clock.now(), satisfaction, note
        if satisfied:
            self.confirmed_at, self.status = clock.now(), Status.FOLLOW_UP
        else:
            self._start_again()

    def missing_to_close(self) -> list[Text]:
        """What the closing list (Part 4 (o)) still asks for."""
        unsettled = any(one.status in UNSETTLED for one in self.compensations)
        breached = self.level_breached_at is not None or self.overall_breached_at is not None
        wanted = (
            (not self.cause, _("the cause", "根本原因")),
            (self.responsible is None, _("the person responsible", "责任人")),
            (self.communicated_at is None, _("the decision told to the customer", "将处理决定告知客户")),
            (unsettled, _("the settlement of every compensation", "补偿结清")),
            (self.confirmed_at is None, _("the follow-up call with the customer's confirmation", "回访并经客户确认")),
            (breached and not self.breach_reason, _("the reason why a time limit was missed", "超时原因")),
        )
        return [text for is_missing, text in wanted if is_missing]

    @transition(_("Close", "关闭"), Status.RESOLVED, Status.FOLLOW_UP, to=Status.CLOSED, by=HANDLERS, tone="good", icon="lock")
    def close(self, *, cause: LongText | None = None, responsible: Staff | None = None, breach_reason: LongText | None = None) -> None:
        """Nothing of the closing list may be missing; the sentence names all that is."""
        self.must_handle()
        before = self.cause, self.responsible, self.breach_reason
        self.cause, self.responsible = cause or self.cause, responsible or self.responsible
        self.breach_reason = breach_reason or self.breach_reason
        if missing := self.missing_to_close():
            self.cause, self.responsible, self.breach_reason = before
            raise Refused(_too_early(missing), code="not_closable")
        self._end()

    @transition(_("Not accepted", "不予受理"), Status.RECEIVED, Status.ACKNOWLEDGED, Status.ASSESSED, Status.INVESTIGATING, to=Status.REJECTED, by=HEADS,
                tone="bad", icon="x-circle", labels={"reason": _("Reason told to the customer", "告知客户的理由")})
    def reject(self, *, reason: LongText) -> None:
        """It is no complaint that the dealership answers for; the customer was told why."""
        self.must_handle()
        self.end_reason, self.communicated_at = reason, clock.now()
        self._end()

    @transition(_("Withdrawn by the customer", "客户撤回"), *WORKING, Status.PAUSED, to=Status.WITHDRAWN, by=HANDLERS, icon="arrow-return-left",
                labels={"reason": _("Reason", "原因")})
    def withdraw(self, *, reason: LongText) -> None:
        """The customer no longer complains."""
        self.must_handle()
        self.end_reason = reason
        self._end()

    @transition(_("Hand to an outside body", "转外部机构"), *WORKING, Status.PAUSED, to=Status.EXTERNAL, by=HEADS, tone="warn", icon="bank",
                labels={"reason": _("Which body, and why", "机构及原因")})
    def refer(self, *, reason: LongText) -> None:
        """The consumer hotline or a court decides now."""
        self.must_handle()
        self.end_reason, self.pause_reason, self.paused_until = reason, None, None
        levels.stop_clocks(self)

    @transition(_("Back from the outside body", "外部机构退回"), Status.EXTERNAL, to=Status.INVESTIGATING, by=HEADS, icon="arrow-left")
    def take_back(self) -> None:
        """The outside body has finished; the dealership goes on."""
        self.must_handle()
        self._start_again()

    def _end(self) -> None:
        levels.stop_clocks(self)
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
        self._start_again()

    def _start_again(self) -> None:
        """Back to the investigation: what was decided and confirmed no longer holds."""
        self.status, self.confirmed_at, self.communicated_at, self.accepted = Status.INVESTIGATING, None, None, None
        self.resolved_at = None
        if self.acknowledged_at is None:
            self.acknowledged_at, self.acknowledged_by = clock.now(), me()
        levels.run_clocks(self)

    # Levels, owners, compensation

    @action(
        _("Raise the level", "升级"), by=HANDLERS, tone="bad", icon="arrow-up", when=lambda case: case.status in OPEN,
        labels={"to": _("To level", "目标级别"), "reason": _("Reason", "升级原因")},
    )
    def raise_level(self, *, reason: LongText, to: EscalationLevel | None = None) -> None:
        """Ask a higher level; the next one unless another is named. Anybody who handles complaints may."""
        self._must_be_open()
        levels.raise_to(self, to, reason)

    @action(_("Accept", "接手"), by=HANDLERS, tone="good", icon="person-check", when=levels.waits)
    def accept(self) -> None:
        """The new level takes over; whoever accepts becomes the owner."""
        self._must_be_open()
        self.must_handle()
        levels.accept(self)

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

    def _must_be_open(self) -> None:
        if self.status not in OPEN:
            raise Refused(_("The complaint is no longer open.", "该投诉已结束。"), code="wrong_state")


def _must_lie_ahead(moment: Moment | None, name: str) -> None:
    if moment is not None and moment <= clock.now():
        raise Refused(_("The moment must lie ahead.", "时间必须晚于现在。"), field=name)


class _Listed(list[Text]):
    """Several texts as one, in the reader's language."""

    def __str__(self) -> str:
        return str(_(", ", "、")).join(map(str, self))


def _too_early(missing: list[Text]) -> Text:
    """The one sentence that names all that is missing."""
    return _("It cannot be closed yet. Missing: {missing}.", "暂不能关闭，还缺少：{missing}。", missing=_Listed(missing))
