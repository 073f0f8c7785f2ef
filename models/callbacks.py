"""Callbacks: after a service the customer is called; every outcome sets what comes next (S4, domain.md 3.3 and 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Choice,
    Count,
    Flag,
    LongText,
    Mobile,
    Model,
    Moment,
    Number,
    Refused,
    Resource,
    ShortText,
    _,
    action,
    children,
    clock,
    concerns,
    field,
    link,
    transition,
)
from backoffice.declare.fields import flagged, listed
from models import beware, waiting
from models.acting import fill, linked
from models.callback_codes import CallbackCode
from models.callback_plans import CallbackPlan, Trigger
from models.complaint_fields import Rating
from models.complaints import Complaint
from models.customers import Customer
from models.deadlines import due_after
from models.orders import ServiceOrder, own_orders
from models.recall import Outcome
from models.roles import CRU, A, E, I, R, Role, rights
from models.scopes import of_store, within
from models.staff import Staff
from models.stores import Store
from models.vehicles import Vehicle

if TYPE_CHECKING:
    from models.callback_answers import Answer
    from models.callback_attempts import CallAttempt
    from models.callback_issues import CallbackIssue

CALLERS = (Role.AGENT, Role.SUPERVISOR, Role.MANAGER)


class TaskStatus(Choice):
    """Where a callback stands."""

    PLANNED = "planned", _("Planned", "已计划"), "neutral"
    DUE = "due", _("Due", "待回访"), "warn", ("未回访",)
    CLAIMED = "claimed", _("Claimed", "已领取"), "info"
    RETRY_WAIT = "retry_wait", _("To be tried again", "待重拨"), "neutral"
    RESCHEDULED = "rescheduled", _("Time agreed", "已改约"), "info"
    COMPLETED = "completed", _("Completed", "已完成"), "good", ("已回访",)
    REFUSED = "refused", _("Refused", "拒访"), "bad"
    UNREACHABLE = "unreachable", _("Unreachable", "联系不上"), "bad"
    EXPIRED = "expired", _("Expired", "已过期"), "bad"
    CANCELLED = "cancelled", _("Cancelled", "已取消"), "neutral"


WAITING = (TaskStatus.PLANNED, TaskStatus.DUE, TaskStatus.RETRY_WAIT, TaskStatus.RESCHEDULED)
CALLABLE = (*WAITING, TaskStatus.CLAIMED)
ANSWERABLE = (*CALLABLE, TaskStatus.COMPLETED)
"""The states in which answers and issues are written down: while there may be a talk, and after it."""
ENDS = (TaskStatus.COMPLETED, TaskStatus.REFUSED, TaskStatus.UNREACHABLE)


class RefusalScope(Choice):
    """What a customer who refuses does not want."""

    THIS_TIME = "this_time", _("This call only", "仅本次")
    PURPOSE = "purpose", _("Calls for this purpose", "此类回访")
    ALL = "all", _("All calls", "所有来电")


def callbacks_here(person: Any) -> ColumnElement[bool]:
    """Callbacks of the person's store."""
    return of_store(CallbackTask.store_id)(person)


def own_callbacks(person: Any) -> ColumnElement[bool]:
    """Callbacks about the person's own orders; an advisor reads them and never calls."""
    return within(CallbackTask.order_id, ServiceOrder, own_orders)(person)


class CallbackTask(Model):
    """One customer to be called about one order. The serving advisor never calls back the own order."""

    __tablename__ = "callbacks"
    __table_args__ = (
        *listed("callbacks", "status", "plan_id", "store_id", "assignee_id", by="due_at"),
        *flagged("callbacks", "urgent", "angry", by="due_at"),
        UniqueConstraint("plan_id", "order_id"),
        CheckConstraint("hard_due_at >= due_at", name="target_comes_before_the_limit"),
        CheckConstraint("status <> 'claimed' OR (claimed_by_id IS NOT NULL AND claimed_until IS NOT NULL) OR from_history", name="claimed_by_somebody"),
        CheckConstraint("status <> 'rescheduled' OR next_attempt_at IS NOT NULL OR from_history", name="rescheduled_has_time"),
        CheckConstraint("status NOT IN ('completed', 'refused', 'unreachable') OR ended_at IS NOT NULL OR from_history", name="ended_has_time"),
        CheckConstraint("status <> 'cancelled' OR cancel_reason IS NOT NULL OR from_history", name="cancelled_has_reason"),
        CheckConstraint("score BETWEEN 1 AND 10", name="score_is_1_to_10"),
    )
    __resource__ = Resource(
        _("Callback", "回访"), _("Callbacks", "回访"), name="callbacks", key=("task_no",), linked_as="task_no", icon="telephone-outbound",
        group=_("Callbacks", "回访"),
        columns=("task_no", "plan", "customer", "vehicle", "order", "due_at", "next_attempt_at", "assignee", "status", "score"),
        search=("task_no", "customer.name", "customer.phone", "vehicle.vin", "vehicle.plate", "order.order_no"),
        filters=("status", "plan", "store", "assignee", "due_at", "hard_due_at", "urgent", "angry"), order=("due_at",),
        queues=waiting.CALLBACKS, contact=("customer.phone",), alerts=beware.CALLBACKS,
        rights=rights(
            agent=CRU | A | E, advisor=R, supervisor=CRU | A | I | E, manager=CRU | A | I | E, admin=R | I | E, auditor=R | E,
            store=callbacks_here, own=own_callbacks, only_own=(Role.ADVISOR,),
        ),
    )

    task_no: Mapped[Number] = field(_("Callback no.", "回访编号"), unique=True, numbered="HF")
    plan_id: Mapped[int] = mapped_column(ForeignKey(CallbackPlan.id))
    plan: Mapped[CallbackPlan] = link(_("Plan", "回访计划"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey(ServiceOrder.id), index=True)
    order: Mapped[ServiceOrder | None] = link(_("Service order", "维修工单"), aliases=("工单号", "委托书号"), back_populates="callbacks")
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id), index=True)
    customer: Mapped[Customer] = link(_("Customer", "客户"), aliases=("customer_code", "客户编号"), back_populates="callbacks")
    vehicle_id: Mapped[int] = mapped_column(ForeignKey(Vehicle.id), index=True)
    vehicle: Mapped[Vehicle] = link(_("Vehicle", "车辆"), aliases=("车架号",), back_populates="callbacks")
    store_id: Mapped[int] = mapped_column(ForeignKey(Store.id))
    store: Mapped[Store] = link(_("Store", "门店"), aliases=("dealer_code", "经销商代码"))
    due_at: Mapped[Moment] = field(_("Due", "应回访时间"))
    hard_due_at: Mapped[Moment] = field(_("Void after", "最迟回访时间"), index=True)
    next_attempt_at: Mapped[Moment | None] = field(_("Next attempt", "下次拨打时间"), locked=True, index=True)
    promised: Mapped[Flag] = field(_("Time promised to the customer", "已与客户约定时间"), locked=True, default=False)
    priority: Mapped[Count] = field(_("Priority", "优先级"), default=0)
    urgent: Mapped[Flag] = field(_("Urgent", "紧急"), default=False)
    angry: Mapped[Flag] = field(_("Customer is angry", "用户生气"), default=False)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id))
    assignee: Mapped[Staff | None] = link(_("Caller", "回访员"), foreign_keys=[assignee_id])
    other_number: Mapped[Mobile | None] = field(_("Other number given", "他人提供的号码"))
    status: Mapped[TaskStatus] = field(_("Status", "状态"), default=TaskStatus.PLANNED, locked=True, aliases=("回访状态",), waiting=CALLABLE)
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    claimed_by: Mapped[Staff | None] = link(_("Claimed by", "领取人"), locked=True, foreign_keys=[claimed_by_id])
    claimed_until: Mapped[Moment | None] = field(_("Claimed until", "领取有效至"), locked=True)
    ended_at: Mapped[Moment | None] = field(_("Ended", "结束时间"), locked=True)
    score: Mapped[Rating | None] = field(_("Score (1–10)", "总体评分（1–10）"), locked=True)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey(Complaint.id), index=True)
    complaint: Mapped[Complaint | None] = link(_("Complaint", "投诉"), locked=True)
    cancel_reason: Mapped[ShortText | None] = field(_("Why cancelled", "取消原因"), locked=True)

    attempts: Mapped[list[CallAttempt]] = children(_("Attempts", "拨打记录"), back="task", order_by="CallAttempt.attempt_no")
    answers: Mapped[list[Answer]] = children(_("Answers", "回访答案"), back="task", order_by="Answer.id")
    issues: Mapped[list[CallbackIssue]] = children(_("Issues", "回访问题"), back="task")

    @concerns()
    def before_save(self, *, is_new: bool) -> None:
        """A new callback takes customer, car and store from its order, and its times from its plan."""
        if not is_new:
            return
        plan, order = linked(self, "plan", CallbackPlan), linked(self, "order", ServiceOrder)
        for name in ("customer", "vehicle", "store") if order else ():
            if getattr(self, f"{name}_id") is None:
                fill(self, **{name: getattr(order, name)})
        start = (order.completed_at if order else None) or clock.now()
        if plan is not None:
            fill(self, due_at=due_after(start, plan.due_hours), hard_due_at=due_after(start, plan.hard_limit_hours))

    @transition(
        _("Claim", "领取"), *CALLABLE, to=TaskStatus.CLAIMED, by=CALLERS, tone="info", icon="hand-index", when=lambda task: not calls.is_held(task),
    )
    def claim(self) -> None:
        """Nobody else calls this customer for a quarter of an hour."""
        calls.may_call(self)
        calls.hold(self)

    @transition(_("Release", "释放"), TaskStatus.CLAIMED, to=WAITING, by=CALLERS, icon="unlock")
    def release(self) -> None:
        """Others may call again; only the holder or a head gives a claim back."""
        calls.give_back(self)

    @transition(
        _("Log a call", "记录通话"), *CALLABLE, to=(*ENDS, TaskStatus.RETRY_WAIT, TaskStatus.RESCHEDULED), by=CALLERS, tone="good", icon="telephone",
        labels={
            "outcome": _("Outcome", "通话结果"), "note": _("Note", "通话记录"), "next_at": _("Call again at", "再次致电时间"),
            "code": _("Issue code", "问题代码"), "criticism": _("Criticism, word for word", "批评（原话）"), "praise": _("Praise, word for word", "表扬（原话）"),
            "refusal": _("What the customer refuses", "拒访范围"), "other_number": _("Other number given", "他人提供的号码"),
            "seconds": _("Length of the call (seconds)", "通话时长（秒）"), "category": _("Complaint: category", "投诉：投诉问题"),
            "problem_type": _("Complaint: problem type", "投诉：问题类型"),
        },
    )
    def log_call(
        self, *, outcome: Outcome, note: LongText | None = None, next_at: Moment | None = None, score: Rating | None = None,
        code: CallbackCode | None = None, criticism: LongText | None = None, praise: LongText | None = None, refusal: RefusalScope | None = None,
        other_number: Mobile | None = None, seconds: Count | None = None, category: ShortText | None = None, problem_type: ShortText | None = None,
        urgent: Flag = False, angry: Flag = False,
    ) -> None:
        """What came of the call. The outcome decides when the customer is called again, if at all."""
        call = calls.Details(
            outcome, note, next_at, score, code, criticism, praise, refusal, other_number, seconds, category, problem_type, urgent=urgent, angry=angry,
        )
        calls.may_call(self)
        calls.check(self, call)
        calls.log(self, call)

    @action(
        _("Record an answer", "记录答案"), by=CALLERS, icon="chat-left-text", when=lambda task: task.status in ANSWERABLE,
        labels={
            "question": _("Question", "问题"), "text": _("Answer in words", "文字回答"), "yes_no": _("Yes or no", "是/否"), "code": _("Issue code", "问题代码"),
        },
    )
    def record_answer(
        self, *, question: ShortText, score: Rating | None = None, text: LongText | None = None, yes_no: Flag | None = None, code: CallbackCode | None = None,
    ) -> None:
        """One question, one answer; asked again, the answer is replaced. A low score raises an issue."""
        calls.must_not_be_own(self)
        calls.answer(self, question, score, text, yes_no, code)

    @action(
        _("Raise an issue", "登记问题"), by=CALLERS, tone="warn", icon="flag", when=lambda task: task.status in ANSWERABLE,
        labels={"code": _("Issue code", "问题代码"), "verbatim": _("In the customer's words", "用户反映问题"), "responsible": _("Person responsible", "责任人")},
    )
    def raise_issue(self, *, code: CallbackCode, verbatim: LongText, responsible: Staff | None = None) -> None:
        """Something to be put right, under one of the codes A to G."""
        calls.must_not_be_own(self)
        if self.status not in ANSWERABLE:
            raise Refused(_("The callback has ended without a talk.", "该回访未与客户通话即已结束。"), code="wrong_state")
        calls.raise_issue(self, code, verbatim, responsible)

    @transition(
        _("Cancel the callback", "取消回访"), *CALLABLE, to=TaskStatus.CANCELLED, by=(Role.SUPERVISOR, Role.MANAGER), bulk=True, tone="warn", icon="x",
        labels={"reason": _("Reason", "原因")},
    )
    def cancel(self, *, reason: ShortText) -> None:
        """The customer is not called: the order is void, the customer opted out or was merged."""
        calls.end(self)
        self.cancel_reason = reason

    @transition(_("Expire", "过期"), *CALLABLE, to=TaskStatus.EXPIRED, by=(Role.SUPERVISOR, Role.MANAGER), bulk=True, tone="warn", icon="hourglass-bottom")
    def expire(self) -> None:
        """The hard limit has passed."""
        if clock.now() <= self.hard_due_at:
            raise Refused(_("The hard limit has not passed yet.", "尚未超过最迟回访时间。"))
        calls.end(self)


def schedule_after_delivery(order: ServiceOrder) -> list[CallbackTask]:
    """Plan the callbacks that a delivery asks for, once; a customer who opted out gets them cancelled, and history none."""
    if order.from_history:
        return []
    session = order.session
    session.flush()
    plans = session.scalars(select(CallbackPlan).where(CallbackPlan.trigger == Trigger.ORDER, CallbackPlan.active, CallbackPlan.archived_at.is_(None)))
    done = set(session.scalars(select(CallbackTask.plan_id).where(CallbackTask.order_id == order.id)))
    tasks = [CallbackTask(plan=plan, order=order, customer=order.customer, vehicle=order.vehicle, store=order.store) for plan in plans if plan.id not in done]
    session.add_all(tasks)
    for task in tasks:
        if calls.opt_out(task) is not None:
            task.status, task.cancel_reason = TaskStatus.CANCELLED, str(_("The customer does not want to be called.", "客户不希望接到此类电话。"))
    return tasks


from models import calls  # noqa: E402  # the rules of calling import this noun
