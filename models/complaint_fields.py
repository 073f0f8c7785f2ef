"""The fields of a complaint, without its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from backoffice.declare import (
    Count,
    Day,
    Flag,
    LongText,
    Model,
    Moment,
    Number,
    Refused,
    ShortText,
    Text,
    Whole,
    _,
    clock,
    column_of,
    field,
    link,
)
from models.acting import me
from models.complaint_states import OPEN, Channel, PauseReason, Severity, Status, Subject
from models.customers import Customer
from models.escalation_levels import EscalationLevel
from models.orders import ServiceOrder
from models.roles import Role
from models.staff import Staff
from models.stores import Store
from models.vehicles import Vehicle

if TYPE_CHECKING:
    from models.clock_segments import ClockSegment
    from models.compensations import Compensation
    from models.customer_notices import CustomerNotice
    from models.escalations import Escalation

Rating = Annotated[int, column_of(Whole(least=1, most=10))]
HANDLERS = (Role.AGENT, Role.ADVISOR, Role.SUPERVISOR, Role.MANAGER)
HEADS = (Role.SUPERVISOR, Role.MANAGER)


def to(noun: type[Model], label: Text, *, column: str | None = None, **more: Any) -> Any:
    """A link of an abstract class: made anew for the noun that inherits it; ``column`` tells it from others to the same noun."""

    def make(cls: type[Model]) -> Any:
        if column:
            more["foreign_keys"] = f"{cls.__name__}.{column}"
        return link(label, **more)

    make.__annotations__["return"] = Mapped[noun]  # type: ignore[valid-type]  # read at run time, where noun is a class
    return declared_attr(make)


class ComplaintFields(Model):
    """What is known of a complaint; what may be done with it stands in the classes that build on this one."""

    __abstract__ = True

    complaint_no: Mapped[Number] = field(_("Complaint no.", "投诉编号"), unique=True, numbered="TS", aliases=("ODINO",))
    source: Mapped[ShortText | None] = field(_("Source", "来源"))
    channel: Mapped[Channel | None] = field(_("Channel", "投诉渠道"))
    received_at: Mapped[Moment] = field(_("Received", "投诉时间"), default=clock.now, aliases=("投诉日期", "LDATE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id))
    customer: Mapped[Customer] = to(Customer, _("Customer", "客户"), aliases=("customer_code", "客户编号"), back_populates="complaints")
    vehicle_id: Mapped[int] = mapped_column(ForeignKey(Vehicle.id))
    vehicle: Mapped[Vehicle] = to(Vehicle, _("Vehicle", "车辆"), aliases=("车架号",), back_populates="complaints")
    order_id: Mapped[int | None] = mapped_column(ForeignKey(ServiceOrder.id), index=True)
    order: Mapped[ServiceOrder | None] = to(ServiceOrder, _("Service order", "维修工单"), aliases=("工单号", "委托书号", "维修单号"), back_populates="complaints")
    store_id: Mapped[int] = mapped_column(ForeignKey(Store.id))
    store: Mapped[Store] = to(Store, _("Store", "门店"), aliases=("dealer_code", "经销商代码"))
    subject: Mapped[Subject | None] = field(_("Subject class", "投诉类别"))
    category: Mapped[ShortText | None] = field(_("Category", "投诉问题"), needed=True, aliases=("COMPDESC",))
    subcategory: Mapped[ShortText | None] = field(_("Subcategory", "典型问题"))
    problem_type: Mapped[ShortText | None] = field(_("Problem type", "问题类型"), needed=True)
    severity: Mapped[Severity] = field(_("Severity", "严重程度"), default=Severity.ORDINARY)
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
    readers: Mapped[Count | None] = field(_("Readers of the post", "帖子阅读量"))
    departments: Mapped[Count | None] = field(_("Departments concerned", "涉及部门数"))
    asks_higher: Mapped[Flag] = field(_("Customer asks for a higher level", "客户要求升级"), default=False)

    status: Mapped[Status] = field(_("Status", "状态"), default=Status.RECEIVED, locked=True, aliases=("投诉状态",), waiting=OPEN)
    level_id: Mapped[int | None] = mapped_column(ForeignKey(EscalationLevel.id))
    level: Mapped[EscalationLevel | None] = to(EscalationLevel, _("Level", "级别"), locked=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id))
    owner: Mapped[Staff | None] = to(Staff, _("Owner", "负责人"), locked=True, column="owner_id")
    first_owner_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    first_owner: Mapped[Staff | None] = to(
        Staff, _("First owner", "首问负责人"), locked=True, column="first_owner_id",
        help=_("Whoever took the complaint stays responsible to the end (S0).", "首问负责制：首次接待者负责到底。"),
    )
    level_entered_at: Mapped[Moment | None] = field(_("On this level since", "进入本级时间"), locked=True)
    level_due_at: Mapped[Moment | None] = field(_("Due on this level", "本级到期时间"), locked=True, index=True)
    overall_due_at: Mapped[Moment | None] = field(_("Solution due", "解决到期时间"), locked=True, index=True)
    clock_stopped_at: Mapped[Moment | None] = field(_("Clocks stopped", "计时停止时间"), locked=True)
    level_breached_at: Mapped[Moment | None] = field(_("Level limit missed", "本级超时时间"), locked=True)
    overall_breached_at: Mapped[Moment | None] = field(_("Solution limit missed", "解决超时时间"), locked=True)
    reply_due_at: Mapped[Moment | None] = field(_("First public reply due", "首次公开回应到期"), locked=True)
    plan_due_at: Mapped[Moment | None] = field(_("Plan due", "方案到期"), locked=True)
    replied_at: Mapped[Moment | None] = field(_("Replied in public at", "公开回应时间"), locked=True)
    reply: Mapped[LongText | None] = field(_("What was replied", "回应内容"), locked=True)
    level_warned: Mapped[Count] = mapped_column(default=0)
    overall_warned: Mapped[Count] = mapped_column(default=0)
    """Percent of the limit of the present level, and of the promise of a solution, that people were warned of."""
    accept_due_at: Mapped[Moment | None] = mapped_column()
    """Until when somebody has to accept the present level; empty where nobody is asked."""
    reply_breached_at: Mapped[Moment | None] = mapped_column()
    plan_breached_at: Mapped[Moment | None] = mapped_column()
    """When the public reply or the plan that a crisis owes was missed, for good."""
    clock_next_at: Mapped[Moment | None] = mapped_column(index=True)
    """When something about the clocks is to be done next, for whoever asks what is due; empty while they stand still."""
    breach_reason: Mapped[LongText | None] = field(_("Why a limit was missed", "超时原因"))
    acknowledged_at: Mapped[Moment | None] = field(_("Acknowledged at", "受理时间"), locked=True)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    acknowledged_by: Mapped[Staff | None] = to(Staff, _("Acknowledged by", "受理人"), locked=True, column="acknowledged_by_id")
    assessment: Mapped[LongText | None] = field(_("Assessment", "初步评估"), locked=True)
    pause_reason: Mapped[PauseReason | None] = field(_("Waits for", "暂停原因"), locked=True)
    paused_until: Mapped[Moment | None] = field(_("Paused until", "暂停至"), locked=True)
    cause: Mapped[LongText | None] = field(_("Cause", "根本原因"))
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    responsible: Mapped[Staff | None] = to(Staff, _("Person responsible", "责任人"), column="responsible_id")
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
    closed_by: Mapped[Staff | None] = to(Staff, _("Closed by", "关闭人"), locked=True, column="closed_by_id")
    end_reason: Mapped[LongText | None] = field(_("Why it ended otherwise", "其他结束原因"), locked=True)
    reopened_count: Mapped[Count] = field(_("Reopened (times)", "重开次数"), default=0, locked=True)
    reopen_reason: Mapped[LongText | None] = field(_("Why reopened", "重开原因"), locked=True)

    if TYPE_CHECKING:
        escalations: Mapped[list[Escalation]]
        compensations: Mapped[list[Compensation]]
        notices: Mapped[list[CustomerNotice]]
        segments: Mapped[list[ClockSegment]]

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

    def _must_be_open(self) -> None:
        if self.status not in OPEN:
            raise Refused(_("The complaint is no longer open.", "该投诉已结束。"), code="wrong_state")
