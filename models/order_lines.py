"""Order lines: the labor and the parts of a service order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Count, Model, Moment, Money, Number, Resource, ShortText, _, field, link
from models.orders import Payer, ServiceOrder, orders_here, own_orders
from models.roles import CRU, RU, A, E, I, R, rights
from models.scopes import within
from models.types import Quantity

if TYPE_CHECKING:
    from models.extra_work_lines import ExtraWorkLine


class LineKind(Choice):
    """What is charged."""

    LABOR = "labor", _("Labor", "工时"), "neutral", ("工时费", "维修项目")
    PART = "part", _("Part", "配件"), "neutral", ("材料", "零件")


class Approval(Choice):
    """Whether the customer wants it."""

    PENDING = "pending", _("Not asked yet", "待确认"), "warn"
    APPROVED = "approved", _("Approved", "已同意"), "good"
    DECLINED = "declined", _("Declined", "已拒绝"), "bad"
    DEFERRED = "deferred", _("Deferred", "暂缓"), "neutral"
    NOT_NEEDED = "not_needed", _("Not needed", "无需确认"), "neutral"


class Work(Choice):
    """How far the work is."""

    OPEN = "open", _("Open", "未开工"), "neutral"
    STARTED = "started", _("Started", "施工中"), "info"
    DONE = "done", _("Done", "已完工"), "good"


def lines_here(person: Any) -> ColumnElement[bool]:
    """Lines of the orders of the person's store."""
    return within(OrderLine.order_id, ServiceOrder, orders_here)(person)


def own_lines(person: Any) -> ColumnElement[bool]:
    """Lines of an advisor's orders."""
    return within(OrderLine.order_id, ServiceOrder, own_orders)(person)


class OrderLine(Model):
    """A line of an order. Nobody starts what the customer has not approved."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "line_no"),
        CheckConstraint("work = 'open' OR approval IN ('approved', 'not_needed') OR from_history", name="work_is_approved"),
        CheckConstraint("amount IS NOT NULL OR from_history", name="new_line_has_amount"),
        CheckConstraint("qty > 0 OR from_history", name="quantity_is_positive"),
        CheckConstraint("unit_price >= 0 AND amount >= 0", name="price_is_not_negative"),
        CheckConstraint("work <> 'done' OR done_at IS NOT NULL OR from_history", name="done_has_time"),
    )
    __resource__ = Resource(
        _("Order line", "工单明细"), _("Order lines", "工单明细"), name="order-lines", key=("order", "line_no"),
        title=("order", "line_no"), icon="list-check",
        group=_("Service", "维修服务"),
        columns=("order", "line_no", "kind", "description", "qty", "unit_price", "amount", "approval", "work"),
        search=("order.order_no", "code", "description"), filters=("order", "kind", "payer", "approval", "work"),
        order=("order", "line_no"),
        rights=rights(
            agent=R, advisor=CRU | A, workshop=RU | A, supervisor=CRU | A | I | E, manager=CRU | A | I | E, admin=R | I | E, auditor=R | E,
            store=lines_here, own=own_lines,
        ),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey(ServiceOrder.id), index=True)
    order: Mapped[ServiceOrder] = link(_("Service order", "维修工单"), aliases=("工单号", "委托书号", "维修单号"), back_populates="lines")
    line_no: Mapped[Count] = field(_("Line no.", "行号"), aliases=("No.", "序号"))
    kind: Mapped[LineKind] = field(_("Kind", "类别"), default=LineKind.LABOR)
    code: Mapped[Number | None] = field(_("Code", "编码"), aliases=("项目编码", "配件编码"))
    description: Mapped[ShortText] = field(_("Description", "名称"), aliases=("项目名称", "配件名称"))
    qty: Mapped[Quantity] = field(_("Quantity", "数量"), aliases=("quantity", "工时", "已领数量"))
    unit_price: Mapped[Money] = field(_("Unit price", "单价"), aliases=("工时单价",))
    amount: Mapped[Money | None] = field(_("Amount", "金额"), locked=True, aliases=("工时金额", "配件金额"))
    payer: Mapped[Payer | None] = field(_("Payer", "收费性质"))
    approval: Mapped[Approval] = field(_("Approval", "客户确认"), default=Approval.PENDING, locked=True, index=True)
    work: Mapped[Work] = field(_("Work", "施工状态"), default=Work.OPEN, locked=True)
    started_at: Mapped[Moment | None] = field(_("Started", "开工时间"), locked=True)
    done_at: Mapped[Moment | None] = field(_("Done", "完工时间"), locked=True)
    extra_line_id: Mapped[int | None] = mapped_column(ForeignKey("extra_work_lines.id"), index=True)
    extra_line: Mapped[ExtraWorkLine | None] = link(_("From extra work", "来自增项"), locked=True, back_populates="order_lines")
