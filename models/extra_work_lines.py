"""Extra work lines: each piece of extra work, with its price and the customer's decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Count, Day, LongText, Model, Moment, Money, Resource, ShortText, _, children, field, link
from models.extra_work import ExtraWorkRequest, own_requests, requests_here
from models.roles import CRU, A, E, I, R, Role, rights
from models.scopes import within
from models.types import Kilometres

if TYPE_CHECKING:
    from models.authorizations import Authorization
    from models.order_lines import OrderLine


class Urgency(Choice):
    """How much the car needs it."""

    SAFETY = "safety", _("Safety", "安全"), "bad"
    RECOMMENDED = "recommended", _("Recommended", "建议"), "warn"
    OPTIONAL = "optional", _("Optional", "可选"), "neutral"


class LineStatus(Choice):
    """What became of the line."""

    PENDING = "pending", _("Pending", "待确认"), "warn"
    APPROVED = "approved", _("Approved", "已同意"), "good"
    DECLINED = "declined", _("Declined", "已拒绝"), "bad"
    DEFERRED = "deferred", _("Deferred", "暂缓"), "neutral"
    DONE = "done", _("Done", "已完工"), "good"
    CONVERTED = "converted", _("Moved to a later order", "已转入后续工单"), "good"
    CLOSED = "closed", _("Closed", "已关闭"), "neutral"
    VOID = "void", _("Void", "已作废"), "neutral"


PRICES = ("labor_amount", "parts_amount", "amount")


def extra_lines_here(person: Any) -> ColumnElement[bool]:
    """Lines of the requests that the person's store may read."""
    return within(ExtraWorkLine.request_id, ExtraWorkRequest, requests_here)(person)


def own_extra_lines(person: Any) -> ColumnElement[bool]:
    """Lines of the requests of an advisor."""
    return within(ExtraWorkLine.request_id, ExtraWorkRequest, own_requests)(person)


class ExtraWorkLine(Model):
    """One piece of extra work, decided on its own."""

    __tablename__ = "extra_work_lines"
    __table_args__ = (
        UniqueConstraint("request_id", "line_no"),
        CheckConstraint("labor_amount >= 0 AND parts_amount >= 0 AND amount >= 0", name="price_is_not_negative"),
        CheckConstraint("status IN ('pending', 'void') OR (decided_at IS NOT NULL AND amount IS NOT NULL) OR from_history", name="decided_has_time_and_price"),
        CheckConstraint("status <> 'declined' OR urgency <> 'safety' OR note IS NOT NULL OR from_history", name="declined_safety_has_note"),
        CheckConstraint(
            "status <> 'deferred' OR follow_up_on IS NOT NULL OR follow_up_km IS NOT NULL OR from_history", name="deferred_is_followed_up",
        ),
    )
    __resource__ = Resource(
        _("Extra work line", "增项明细"), _("Extra work lines", "增项明细"), name="extra-work-lines", key=("request", "line_no"),
        title=("request", "line_no"),
        icon="list-ul", group=_("Service", "维修服务"),
        columns=("request", "line_no", "urgency", "description", "amount", "status", "decided_at"),
        search=("request.request_no", "request.order.order_no", "description"),
        filters=("request", "urgency", "status", "decided_at", "follow_up_on"),
        order=("request", "line_no"),
        rights=rights(
            agent=R, advisor=CRU | A, workshop=CRU, supervisor=CRU | A | E, manager=CRU | A | E, admin=R | I | E, auditor=R | E,
            store=extra_lines_here, own=own_extra_lines, hidden={Role.WORKSHOP: PRICES},
        ),
    )

    request_id: Mapped[int] = mapped_column(ForeignKey(ExtraWorkRequest.id), index=True)
    request: Mapped[ExtraWorkRequest] = link(_("Extra work", "增项申请"), aliases=("增项单号",), back_populates="lines")
    line_no: Mapped[Count] = field(_("Line no.", "行号"), aliases=("No.", "序号"))
    urgency: Mapped[Urgency] = field(_("Class", "类别"), default=Urgency.RECOMMENDED)
    description: Mapped[ShortText] = field(_("Description", "项目"), aliases=("项目名称",))
    labor_amount: Mapped[Money | None] = field(_("Labor", "工时金额"))
    parts_amount: Mapped[Money | None] = field(_("Parts", "配件金额"))
    amount: Mapped[Money | None] = field(_("Amount", "金额"), locked=True)
    status: Mapped[LineStatus] = field(_("Decision", "客户决定"), default=LineStatus.PENDING, locked=True, index=True)
    decided_at: Mapped[Moment | None] = field(_("Decided", "确认时间"), locked=True)
    note: Mapped[LongText | None] = field(_("Note", "说明"), locked=True)
    follow_up_on: Mapped[Day | None] = field(_("Follow up on", "跟进日期"), locked=True, index=True)
    follow_up_km: Mapped[Kilometres | None] = field(_("Follow up at", "跟进里程"), locked=True)

    order_lines: Mapped[list[OrderLine]] = children(_("Order lines", "工单明细"), back="extra_line")
    authorizations: Mapped[list[Authorization]] = children(_("Authorizations", "客户授权"), back="extra_line")
