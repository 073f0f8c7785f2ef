"""Callback issues: what a callback brought up, until the customer confirms that it is put right (S4, domain.md 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Choice,
    Flag,
    LongText,
    Model,
    Moment,
    Number,
    Refused,
    Resource,
    ShortText,
    _,
    clock,
    concerns,
    field,
    link,
    transition,
)
from models import waiting
from models.acting import fill, linked, me
from models.callback_codes import CallbackCode, IssueClass
from models.complaints import Complaint
from models.orders import ServiceOrder
from models.roles import CRU, A, E, I, R, Role, rights
from models.scopes import of_store, within
from models.staff import Staff
from models.stores import Store

if TYPE_CHECKING:
    from models.callbacks import CallbackTask

SOLVERS = (Role.AGENT, Role.SUPERVISOR, Role.MANAGER)


class Tone(Choice):
    """Whether the customer praised or criticized."""

    CRITICISM = "criticism", _("Criticism", "批评"), "warn"
    PRAISE = "praise", _("Praise", "表扬"), "good"


class IssueStatus(Choice):
    """How far an issue has come."""

    OPEN = "open", _("Open", "待分派"), "bad"
    ASSIGNED = "assigned", _("Assigned", "已分派"), "warn"
    IN_PROGRESS = "in_progress", _("In progress", "处理中"), "info"
    SOLVED = "solved", _("Solved", "已解决"), "good"
    CUSTOMER_CONFIRMED = "customer_confirmed", _("Confirmed by the customer", "客户已确认"), "good"
    CLOSED = "closed", _("Closed", "已关闭"), "neutral"
    REOPENED = "reopened", _("Reopened", "重新打开"), "bad"
    CONVERTED = "converted_to_complaint", _("Became a complaint", "已转投诉"), "warn"


UNSOLVED = (IssueStatus.OPEN, IssueStatus.ASSIGNED, IssueStatus.IN_PROGRESS, IssueStatus.REOPENED)


def issues_here(person: Any) -> ColumnElement[bool]:
    """Issues of the person's store."""
    return of_store(CallbackIssue.store_id)(person)


def own_issues(person: Any) -> ColumnElement[bool]:
    """Issues about the person's own orders."""
    from models.callbacks import CallbackTask, own_callbacks  # noqa: PLC0415  # callbacks import this noun

    return within(CallbackIssue.task_id, CallbackTask, own_callbacks)(person)


class CallbackIssue(Model):
    """Counted under its code; solved only with a measure and a result, closed only when the customer confirmed."""

    __tablename__ = "callback_issues"
    __table_args__ = (
        CheckConstraint("verbatim IS NOT NULL OR from_history", name="new_has_the_customers_words"),
        CheckConstraint("status IN ('open', 'converted_to_complaint', 'closed') OR owner_id IS NOT NULL OR from_history", name="beyond_open_has_owner"),
        CheckConstraint(
            "status NOT IN ('solved', 'customer_confirmed') OR (measure IS NOT NULL AND result IS NOT NULL) OR from_history", name="solved_says_how",
        ),
        CheckConstraint("(status = 'converted_to_complaint') = (complaint_id IS NOT NULL) OR from_history", name="converted_has_complaint"),
    )
    __resource__ = Resource(
        _("Callback issue", "回访问题"), _("Callback issues", "回访问题"), name="callback-issues", key=("issue_no",), icon="flag",
        group=_("Callbacks", "回访"), columns=("issue_no", "code", "task", "order", "verbatim", "owner", "due_at", "status"),
        search=("issue_no", "task.task_no", "order.order_no", "verbatim"), filters=("status", "code", "issue_class", "tone", "store", "owner", "due_at"),
        order=("-raised_at",),
        queues=waiting.ISSUES, contact=("task.customer.phone",),
        rights=rights(
            agent=CRU | A | E, advisor=R, supervisor=CRU | A | I | E, manager=CRU | A | I | E, admin=R | I | E, auditor=R | E,
            store=issues_here, own=own_issues, only_own=(Role.ADVISOR,),
        ),
    )

    issue_no: Mapped[Number] = field(_("Issue no.", "回访问题编号"), unique=True, numbered="HW")
    task_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id"), index=True)
    task: Mapped[CallbackTask] = link(_("Callback", "回访"), aliases=("回访编号",), back_populates="issues")
    order_id: Mapped[int | None] = mapped_column(ForeignKey(ServiceOrder.id), index=True)
    order: Mapped[ServiceOrder | None] = link(_("Service order", "维修工单"), aliases=("工单号", "委托书号"))
    store_id: Mapped[int | None] = mapped_column(ForeignKey(Store.id), index=True)
    store: Mapped[Store | None] = link(_("Store", "门店"), aliases=("dealer_code", "经销商代码"))
    raised_at: Mapped[Moment | None] = field(_("Raised at", "时间"), locked=True, index=True)
    code_id: Mapped[int] = mapped_column(ForeignKey(CallbackCode.id), index=True)
    code: Mapped[CallbackCode] = link(_("Issue code", "问题代码"))
    issue_class: Mapped[IssueClass | None] = field(_("Class of issue", "问题类别"), index=True)
    tone: Mapped[Tone] = field(_("Praise or criticism", "表扬/批评"), default=Tone.CRITICISM, index=True)
    verbatim: Mapped[LongText | None] = field(_("In the customer's words", "用户反映问题"), needed=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    owner: Mapped[Staff | None] = link(_("Owner", "负责人"), locked=True, foreign_keys=[owner_id])
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    responsible: Mapped[Staff | None] = link(_("Person responsible", "责任人"), foreign_keys=[responsible_id])
    due_at: Mapped[Moment | None] = field(_("Due", "解决期限"), index=True)
    status: Mapped[IssueStatus] = field(_("Status", "状态"), default=IssueStatus.OPEN, locked=True, index=True, waiting=UNSOLVED)
    measure: Mapped[LongText | None] = field(_("Measure or way to solve it", "解决问题措施或过程"), locked=True)
    result: Mapped[LongText | None] = field(_("Result", "处理结果"), locked=True)
    customer_signed: Mapped[Flag] = field(_("Signed by the customer", "用户签字"), locked=True, default=False)
    confirmed_at: Mapped[Moment | None] = field(_("Customer confirmed", "客户确认时间"), locked=True)
    closed_at: Mapped[Moment | None] = field(_("Closed at", "关闭时间"), locked=True)
    reopen_reason: Mapped[LongText | None] = field(_("Why reopened", "重开原因"), locked=True)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey(Complaint.id), index=True)
    complaint: Mapped[Complaint | None] = link(_("Complaint", "投诉"), locked=True)

    @concerns()
    def before_save(self, *, is_new: bool) -> None:
        """A new issue is about its callback's order and store, and of its code's class."""
        if not is_new:
            return
        from models.callbacks import CallbackTask  # noqa: PLC0415  # callbacks import this noun

        task, code = linked(self, "task", CallbackTask), linked(self, "code", CallbackCode)
        fill(self, issue_class=code and code.issue_class)
        for name in ("order", "store"):
            if getattr(self, f"{name}_id") is None:
                fill(self, **{name: getattr(task, name, None)})
        if not self.from_history:
            fill(self, raised_at=clock.now())

    @transition(
        _("Assign", "分派"), IssueStatus.OPEN, IssueStatus.ASSIGNED, IssueStatus.REOPENED, to=IssueStatus.ASSIGNED, by=SOLVERS, bulk=True,
        icon="person-plus",
    )
    def assign(self, *, owner: Staff, due_at: Moment | None = None) -> None:
        """Somebody puts it right, by a day."""
        if not owner.active:
            raise Refused(_("{person} no longer works here.", "{person}已离职。", person=owner), field="owner")
        if due_at is not None and due_at <= clock.now():
            raise Refused(_("The moment must lie ahead.", "时间必须晚于现在。"), field="due_at")
        self.owner, self.due_at = owner, due_at or self.due_at

    @transition(_("Start", "开始处理"), IssueStatus.ASSIGNED, IssueStatus.REOPENED, to=IssueStatus.IN_PROGRESS, by=SOLVERS, icon="play")
    def start(self) -> None:
        """The owner is at it."""

    @transition(_("Solve", "解决"), IssueStatus.IN_PROGRESS, to=IssueStatus.SOLVED, by=SOLVERS, tone="good", icon="check")
    def solve(self, *, measure: LongText, result: LongText) -> None:
        """What was done, and what came of it."""
        self.measure, self.result = measure, result

    @transition(_("Customer confirms", "客户确认"), IssueStatus.SOLVED, to=IssueStatus.CUSTOMER_CONFIRMED, by=SOLVERS, tone="good", icon="hand-thumbs-up")
    def confirm(self, *, customer_signed: Flag = False) -> None:
        """The customer says that it is put right, possibly by signature."""
        self.customer_signed, self.confirmed_at = customer_signed, clock.now()

    @transition(_("Close", "关闭"), IssueStatus.CUSTOMER_CONFIRMED, to=IssueStatus.CLOSED, by=SOLVERS, icon="lock")
    def close(self) -> None:
        """Nothing is left to do."""
        self.closed_at = clock.now()

    @transition(_("Take note of praise", "确认表扬"), IssueStatus.OPEN, to=IssueStatus.CLOSED, by=SOLVERS, tone="good", icon="heart",
                when=lambda issue: issue.tone is Tone.PRAISE)
    def take_note(self) -> None:
        """Praise asks for no measure."""
        if self.tone is not Tone.PRAISE:
            raise Refused(_("Criticism is solved, not noted.", "批评须解决，不能仅作确认。"))
        self.closed_at = clock.now()

    @transition(
        _("Reopen", "重新打开"), IssueStatus.SOLVED, IssueStatus.CUSTOMER_CONFIRMED, IssueStatus.CLOSED, to=IssueStatus.REOPENED, by=SOLVERS, tone="warn",
        icon="unlock", labels={"reason": _("Why reopened", "重开原因")},
    )
    def reopen(self, *, reason: LongText) -> None:
        """It was not put right after all."""
        self.reopen_reason, self.confirmed_at, self.closed_at, self.customer_signed = reason, None, None, False
        fill(self, owner=me())
        if self.owner is None:
            raise Refused(_("A person has to reopen it; sign in first.", "须由具体人员重新打开，请先登录。"))

    @transition(
        _("Turn into a complaint", "转为投诉"), *UNSOLVED, to=IssueStatus.CONVERTED, by=SOLVERS, tone="bad", icon="exclamation-octagon",
        labels={"category": _("Category", "投诉问题"), "problem_type": _("Problem type", "问题类型"), "reason": _("Reason", "原因")},
    )
    def convert_to_complaint(self, *, category: ShortText | None = None, problem_type: ShortText | None = None) -> None:
        """It goes on as a complaint in the customer's own words, with one owner."""
        from models.calls import complaint_from  # noqa: PLC0415  # calls import this noun

        complaint = complaint_from(
            self.task, self.verbatim or "", category=category, problem_type=problem_type, code=self.code, first_owner=self.owner or me(),
        )
        if self.task.complaint is None:
            self.task.complaint = complaint
        self.complaint = complaint

    def hand_over(self, complaint: Complaint) -> None:
        """The issue was a complaint from the start."""
        self.status, self.complaint = IssueStatus.CONVERTED, complaint
