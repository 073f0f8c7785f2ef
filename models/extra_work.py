"""Extra work: what the workshop found, asked of the customer line by line (domain.md 2.3, 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Count, LongText, Model, Moment, Money, Number, Resource, _, children, field, link
from models.orders import ServiceOrder, orders_here, own_orders
from models.roles import CRU, A, E, I, R, Role, rights
from models.scopes import within
from models.staff import Staff

if TYPE_CHECKING:
    from models.extra_work_lines import ExtraWorkLine


class RequestStatus(Choice):
    """How far the question to the customer is."""

    DRAFT = "draft", _("Draft", "草稿"), "neutral"
    SENT = "sent", _("Sent", "已发送"), "warn"
    PARTIALLY_DECIDED = "partially_decided", _("Partly decided", "部分已确认"), "warn"
    DECIDED = "decided", _("Decided", "已确认"), "good"
    EXPIRED = "expired", _("Expired", "已过期"), "bad"
    WITHDRAWN = "withdrawn", _("Withdrawn", "已撤回"), "neutral"
    SUPERSEDED = "superseded", _("Superseded", "已被新版本取代"), "neutral"


OPEN = (RequestStatus.SENT, RequestStatus.PARTIALLY_DECIDED)


def requests_here(person: Any) -> ColumnElement[bool]:
    """Requests for the orders of the person's store."""
    return within(ExtraWorkRequest.order_id, ServiceOrder, orders_here)(person)


def own_requests(person: Any) -> ColumnElement[bool]:
    """Requests for an advisor's orders."""
    return within(ExtraWorkRequest.order_id, ServiceOrder, own_orders)(person)


class ExtraWorkRequest(Model):
    """A question to the customer. Once sent it stands as it is; a change makes a new revision."""

    __tablename__ = "extra_work"
    __table_args__ = (
        CheckConstraint("revision >= 1", name="revision_counts_from_1"),
        CheckConstraint(
            "status IN ('draft', 'withdrawn') OR (sent_at IS NOT NULL AND expires_at IS NOT NULL AND revised_total IS NOT NULL) OR from_history",
            name="sent_has_time_and_total",
        ),
    )
    __resource__ = Resource(
        _("Extra work", "增项申请"), _("Extra work", "增项申请"), name="extra-work", key=("request_no",), icon="patch-question",
        group=_("Service", "维修服务"),
        columns=("request_no", "order", "revision", "status", "sent_at", "expires_at", "revised_total"),
        search=("request_no", "order.order_no", "cause"),
        filters=("status", "order", "found_by", "sent_at"), order=("-created_at",),
        rights=rights(
            agent=R, advisor=CRU | A, workshop=CRU, supervisor=CRU | A | E, manager=CRU | A | E, admin=R | I | E, auditor=R | E,
            store=requests_here, own=own_requests, hidden={Role.WORKSHOP: ("revised_total",)},
        ),
    )

    request_no: Mapped[Number] = field(_("Request no.", "增项单号"), unique=True, numbered="ZX")
    order_id: Mapped[int] = mapped_column(ForeignKey(ServiceOrder.id), index=True)
    order: Mapped[ServiceOrder] = link(_("Service order", "维修工单"), aliases=("工单号", "委托书号", "维修单号"), back_populates="extra_work")
    revision: Mapped[Count] = field(_("Revision", "版本"), default=1, locked=True)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("extra_work.id"), index=True)
    supersedes: Mapped[ExtraWorkRequest | None] = link(_("Supersedes", "取代"), locked=True, remote_side="ExtraWorkRequest.id")
    status: Mapped[RequestStatus] = field(_("Status", "状态"), default=RequestStatus.DRAFT, locked=True, index=True)
    found_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    found_by: Mapped[Staff | None] = link(_("Found by", "发现人"))
    cause: Mapped[LongText] = field(_("What was found", "增项原因"))
    new_promised_at: Mapped[Moment | None] = field(_("New promised time", "新的预计交车时间"))
    sent_at: Mapped[Moment | None] = field(_("Sent", "发送时间"), locked=True, index=True)
    expires_at: Mapped[Moment | None] = field(_("Answer until", "答复期限"), locked=True)
    decided_at: Mapped[Moment | None] = field(_("Decided", "确认时间"), locked=True)
    revised_total: Mapped[Money | None] = field(_("Revised total", "增项后总额"), locked=True)

    lines: Mapped[list[ExtraWorkLine]] = children(_("Extra work lines", "增项明细"), back="request", order_by="ExtraWorkLine.line_no")
