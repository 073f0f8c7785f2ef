"""Service orders: what the dealership undertakes to do with a car, from reception to delivery (domain.md 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Choice,
    Day,
    Flag,
    LongText,
    Model,
    Moment,
    Money,
    Number,
    Resource,
    ShortText,
    _,
    children,
    field,
    link,
)
from models.customers import CallSlot, Customer
from models.roles import CRU, RU, A, E, I, R, rights
from models.scopes import of_person, of_store
from models.staff import Staff
from models.stores import Store
from models.types import Kilometres
from models.vehicles import Vehicle

if TYPE_CHECKING:
    from models.authorizations import Authorization
    from models.extra_work import ExtraWorkRequest
    from models.order_lines import OrderLine


class ServiceType(Choice):
    """Why the car comes in."""

    FIRST = "first_service", _("First service", "首保"), "good"
    REGULAR = "regular_service", _("Regular service", "定保"), "good", ("定期保养",)
    MAINTENANCE = "maintenance", _("Maintenance, unspecified", "保养"), "good"
    GENERAL = "general", _("General repair", "一般维修"), "neutral", ("一般", "小修")
    ACCIDENT = "accident", _("Accident", "事故"), "warn", ("事故维修", "事故车")
    REWORK = "rework", _("Rework", "返修"), "bad"
    RECALL = "recall", _("Recall", "召回"), "warn"
    WARRANTY = "warranty", _("Warranty", "索赔"), "info", ("索赔维修", "保修")


class Payer(Choice):
    """Who pays."""

    CUSTOMER = "customer", _("Customer", "自费"), "neutral", ("客户付费", "收费")
    WARRANTY = "warranty", _("Warranty", "索赔"), "info", ("厂家",)
    INSURANCE = "insurance", _("Insurance", "保险"), "info", ("保险公司",)
    INTERNAL = "internal", _("Internal", "内部"), "neutral", ("内部结算",)


class OrderStatus(Choice):
    """Where the car is in the process."""

    DRAFT = "draft", _("Draft", "草稿"), "neutral"
    RECEIVED = "received", _("Received", "已接车"), "info", ("维修接待", "接车")
    DIAGNOSING = "diagnosing", _("Diagnosing", "诊断中"), "info"
    ESTIMATED = "estimated", _("Estimated", "已估价"), "warn"
    AUTHORIZED = "authorized", _("Authorized", "客户已授权"), "info"
    SCHEDULED = "scheduled", _("Scheduled", "已派工"), "info", ("维修派工", "派工")
    IN_REPAIR = "in_repair", _("In repair", "维修中"), "info", ("在修", "领取物料")
    WAITING_PARTS = "waiting_parts", _("Waiting for parts", "等待配件"), "warn", ("待料",)
    WAITING_APPROVAL = "waiting_approval", _("Waiting for approval", "等待客户确认"), "warn"
    SELF_CHECK = "self_check", _("Self check", "自检"), "info"
    TEAM_CHECK = "team_check", _("Team check", "班组检"), "info"
    FINAL_CHECK = "final_check", _("Final check", "终检"), "info", ("维修完检", "完检")
    WASHING = "washing", _("Washing", "洗车"), "info"
    READY = "ready", _("Ready", "待交车"), "good", ("竣工",)
    SETTLED = "settled", _("Settled", "已结算"), "good", ("费用结算", "结算")
    DELIVERED = "delivered", _("Delivered", "已交车"), "good", ("交车", "已出厂")
    CLOSED = "closed", _("Closed", "已关闭"), "neutral", ("已完成",)
    CANCELLED = "cancelled", _("Cancelled", "已取消"), "bad", ("作废",)


def orders_here(person: Any) -> ColumnElement[bool]:
    """Orders of the person's store."""
    return of_store(ServiceOrder.store_id)(person)


def own_orders(person: Any) -> ColumnElement[bool]:
    """Orders whose advisor the person is, at any store."""
    return of_person(ServiceOrder.advisor_id)(person)


class ServiceOrder(Model):
    """A service order: no repair without the customer's word, no delivery without check, bill and next service."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("advisor_id IS NOT NULL OR from_history", name="new_order_has_advisor"),
        CheckConstraint("payer IS NOT NULL OR from_history", name="new_order_has_payer"),
        CheckConstraint("rework_of_id <> id", name="rework_is_of_another_order"),
        CheckConstraint("status <> 'cancelled' OR cancel_reason IS NOT NULL OR from_history", name="cancelled_has_reason"),
        CheckConstraint(
            "status NOT IN ('ready', 'settled', 'delivered', 'closed') OR final_check_passed_at IS NOT NULL OR from_history",
            name="ready_has_passed_final_check",
        ),
        CheckConstraint(
            "status NOT IN ('settled', 'delivered', 'closed') OR (settled_at IS NOT NULL AND amount IS NOT NULL) OR from_history",
            name="settled_has_amount",
        ),
        CheckConstraint(
            "status NOT IN ('delivered', 'closed') OR (completed_at IS NOT NULL AND next_service_on IS NOT NULL"
            " AND next_service_km IS NOT NULL AND callback_slot IS NOT NULL) OR from_history",
            name="delivered_has_next_service_and_slot",
        ),
    )
    __resource__ = Resource(
        _("Service order", "维修工单"), _("Service orders", "维修工单"), name="orders", key=("order_no",), icon="wrench",
        group=_("Service", "维修服务"),
        columns=("order_no", "vehicle", "customer", "service_type", "advisor", "status", "checked_in_at", "promised_at", "amount"),
        search=("order_no", "vehicle.vin", "vehicle.plate", "customer.name", "customer.phone"),
        filters=("status", "service_type", "store", "advisor", "checked_in_at", "completed_at"), order=("-checked_in_at",),
        rights=rights(
            agent=R, advisor=CRU | A, workshop=RU | A, supervisor=CRU | A | I | E, manager=CRU | A | I | E, admin=R | I | E, auditor=R | E,
            store=orders_here, own=own_orders,
        ),
    )

    order_no: Mapped[Number] = field(_("Order no.", "工单号"), unique=True, numbered="WT", aliases=("委托书号", "维修单号"))
    store_id: Mapped[int] = mapped_column(ForeignKey(Store.id), index=True)
    store: Mapped[Store] = link(_("Store", "门店"), aliases=("dealer_code", "经销商代码"))
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id), index=True)
    customer: Mapped[Customer] = link(_("Customer", "客户"), aliases=("customer_code", "客户编号"), back_populates="orders")
    vehicle_id: Mapped[int] = mapped_column(ForeignKey(Vehicle.id), index=True)
    vehicle: Mapped[Vehicle] = link(_("Vehicle", "车辆"), aliases=("车架号",), back_populates="orders")
    service_type: Mapped[ServiceType] = field(_("Service type", "业务类型"), index=True)
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    advisor: Mapped[Staff | None] = link(_("Service advisor", "服务顾问"), aliases=("advisor_no", "接待顾问"), needed=True)
    status: Mapped[OrderStatus] = field(_("Status", "状态"), default=OrderStatus.DRAFT, locked=True, index=True, aliases=("工单状态",))
    checked_in_at: Mapped[Moment | None] = field(_("Checked in", "进厂时间"), index=True, aliases=("入厂时间", "接待日期"))
    promised_at: Mapped[Moment | None] = field(_("Promised for", "预计交车时间"), index=True, aliases=("预出厂时间",))
    completed_at: Mapped[Moment | None] = field(_("Delivered at", "出厂时间"), locked=True, index=True)
    mileage_km: Mapped[Kilometres | None] = field(_("Mileage", "里程"), aliases=("进厂里程",))
    customer_words: Mapped[LongText | None] = field(_("In the customer's words", "客户描述"), aliases=("交修原因",))
    items: Mapped[LongText | None] = field(_("Items", "维修项目"), help=_("As an old system had them; new orders have lines.", "旧系统的项目文本；新工单请用工单明细。"))
    walkaround: Mapped[LongText | None] = field(_("Walk-round", "环车检查"))
    belongings: Mapped[ShortText | None] = field(_("Belongings in the car", "车内物品"))
    return_parts: Mapped[Flag] = field(_("Return old parts", "旧件带回"), default=False)
    wash: Mapped[Flag] = field(_("Wash the car", "洗车"), default=True)
    payer: Mapped[Payer | None] = field(_("Payer", "付费方式"))
    estimate_total: Mapped[Money | None] = field(_("Estimate", "估价金额"), locked=True)
    amount: Mapped[Money | None] = field(_("Final total", "应结金额"), locked=True, aliases=("final_total",))
    settled_at: Mapped[Moment | None] = field(_("Settled", "结算时间"), locked=True)
    final_check_passed_at: Mapped[Moment | None] = field(_("Final check passed", "终检通过时间"), locked=True)
    defect_report: Mapped[LongText | None] = field(_("Defect found in the check", "质检不合格说明"), locked=True)
    next_service_on: Mapped[Day | None] = field(_("Next service", "下次保养时间"), aliases=("next_service_date",))
    next_service_km: Mapped[Kilometres | None] = field(_("Next service at", "下次保养里程"))
    callback_slot: Mapped[CallSlot | None] = field(_("Good time to call", "方便回访时间"))
    rework_of_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    rework_of: Mapped[ServiceOrder | None] = link(_("Rework of", "返修自工单"), remote_side="ServiceOrder.id")
    cancel_reason: Mapped[LongText | None] = field(_("Why cancelled", "取消原因"), locked=True)

    lines: Mapped[list[OrderLine]] = children(_("Order lines", "工单明细"), back="order")
    extra_work: Mapped[list[ExtraWorkRequest]] = children(_("Extra work", "增项申请"), back="order")
    authorizations: Mapped[list[Authorization]] = children(_("Authorizations", "客户授权"), back="order")
