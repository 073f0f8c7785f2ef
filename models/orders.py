"""Service orders: what the dealership undertakes to do with a car, from reception to delivery (domain.md 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Day,
    Flag,
    LongText,
    Mobile,
    Model,
    Moment,
    Money,
    Name,
    Number,
    Refused,
    Resource,
    ShortText,
    Timeline,
    _,
    children,
    clock,
    concerns,
    field,
    lacks,
    link,
    transition,
)
from backoffice.declare.fields import listed
from models import beware, waiting
from models.changes import changed, settle_links
from models.claims import claim
from models.customers import CallSlot, Customer
from models.evidence import DIALOG, Method, Relation
from models.order_rules import (
    callbacks_are_over,
    estimate_of,
    final_total_of,
    refuse_changed_estimate,
    refuse_open_question,
    refuse_unapproved,
    refuse_unfinished,
    usual_payer,
)
from models.order_states import IN_THE_WORKSHOP, NOT_STARTED, UNDELIVERED, OrderStatus, Payer, ServiceType
from models.roles import CRU, RU, A, E, I, R, Role, rights
from models.scopes import of_person, of_store
from models.staff import Staff
from models.stores import Store
from models.types import Kilometres
from models.vehicles import Vehicle

if TYPE_CHECKING:
    from models.authorizations import Authorization
    from models.callbacks import CallbackTask
    from models.complaints import Complaint
    from models.extra_work import ExtraWorkRequest
    from models.order_lines import OrderLine


FRONT = (Role.ADVISOR, Role.SUPERVISOR, Role.MANAGER)
SHOP = (Role.WORKSHOP, Role.SUPERVISOR, Role.MANAGER)
FLOOR = (Role.ADVISOR, Role.WORKSHOP, Role.SUPERVISOR, Role.MANAGER)

DEFECT = {"defect": _("Defect found in the check", "质检不合格说明")}


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
        *listed("orders", "status", "service_type", "store_id", "advisor_id", "customer_id", "vehicle_id", by="checked_in_at"),
        claim("new_order_has_advisor", "advisor_id IS NOT NULL", _("A new order needs its service advisor.", "新工单须有服务顾问。")),
        claim("new_order_has_payer", "payer IS NOT NULL", _("A new order needs its payer.", "新工单须有付费方式。")),
        claim("rework_is_of_another_order", "rework_of_id <> id", _("An order is no rework of itself.", "返修不能指向工单自身。")),
        claim("cancelled_has_reason", "status <> 'cancelled' OR cancel_reason IS NOT NULL", _("Cancelling needs a reason.", "取消须填写原因。")),
        claim(
            "ready_has_passed_final_check",
            "status NOT IN ('ready', 'settled', 'delivered', 'closed') OR final_check_passed_at IS NOT NULL",
            _("A car is ready only after it passed the final check.", "终检通过后方可待交车。"),
        ),
        claim(
            "settled_has_amount", "status NOT IN ('settled', 'delivered', 'closed') OR (settled_at IS NOT NULL AND amount IS NOT NULL)",
            _("A settled order has its amount.", "已结算的工单须有金额。"),
        ),
        claim(
            "delivered_has_next_service_and_slot",
            "status NOT IN ('delivered', 'closed') OR (completed_at IS NOT NULL AND next_service_on IS NOT NULL"
            " AND next_service_km IS NOT NULL AND callback_slot IS NOT NULL)",
            _("A delivered order names the next service and a good time to call.", "交车须登记下次保养和方便回访时间。"),
        ),
    )
    __resource__ = Resource(
        _("Service order", "维修工单"), _("Service orders", "维修工单"), name="orders", key=("order_no",), linked_as="order_no", icon="wrench",
        group=_("Service", "维修服务"),
        columns=("order_no", "vehicle", "customer", "service_type", "advisor", "status", "checked_in_at", "promised_at", "amount"),
        search=("order_no", "vehicle.vin", "vehicle.plate", "customer.name", "customer.phone"),
        filters=("status", "service_type", "store", "advisor", "checked_in_at", "promised_at", "completed_at"), order=("-checked_in_at",),
        queues=waiting.ORDERS, contact=("customer.phone",),
        alerts=beware.ORDERS,
        timeline=Timeline(
            of=("customer", "vehicle"), at=("checked_in_at", "created_at"),
            shows=("status", "service_type", "customer", "vehicle", "advisor", "promised_at", "amount", "customer_words"),
        ),
        rights=rights(
            agent=R, advisor=CRU | A, workshop=RU | A, supervisor=CRU | A | I | E, manager=CRU | A | I | E, admin=R | I | E, auditor=R | E,
            store=orders_here, own=own_orders,
        ),
    )

    order_no: Mapped[Number] = field(_("Order no.", "工单号"), unique=True, numbered="WT", aliases=("委托书号", "维修单号"))
    store_id: Mapped[int] = mapped_column(ForeignKey(Store.id))
    store: Mapped[Store] = link(_("Store", "门店"), aliases=("dealer_code", "经销商代码"))
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id))
    customer: Mapped[Customer] = link(_("Customer", "客户"), aliases=("customer_code", "客户编号"), back_populates="orders")
    vehicle_id: Mapped[int] = mapped_column(ForeignKey(Vehicle.id))
    vehicle: Mapped[Vehicle] = link(_("Vehicle", "车辆"), aliases=("车架号",), back_populates="orders")
    service_type: Mapped[ServiceType] = field(_("Service type", "业务类型"))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id))
    advisor: Mapped[Staff | None] = link(_("Service advisor", "服务顾问"), aliases=("advisor_no", "接待顾问"), needed=True)
    status: Mapped[OrderStatus] = field(_("Status", "状态"), default=OrderStatus.DRAFT, locked=True, aliases=("工单状态",), waiting=UNDELIVERED)
    checked_in_at: Mapped[Moment | None] = field(_("Checked in", "进厂时间"), aliases=("入厂时间", "接待日期"))
    promised_at: Mapped[Moment | None] = field(_("Promised for", "预计交车时间"), index=True, aliases=("预出厂时间",))
    completed_at: Mapped[Moment | None] = field(_("Delivered at", "出厂时间"), locked=True, index=True)
    mileage_km: Mapped[Kilometres | None] = field(_("Mileage", "里程"), aliases=("进厂里程",))
    customer_words: Mapped[LongText | None] = field(_("In the customer's words", "客户描述"), aliases=("交修原因",))
    items: Mapped[LongText | None] = field(
        _("Items", "维修项目"), help=_("As an old system had them; new orders have lines.", "旧系统的项目文本；新工单请用工单明细。"),
    )
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
    rework_of: Mapped[ServiceOrder | None] = link(_("Rework of", "返修自工单"), remote_side="ServiceOrder.id", post_update=True)
    cancel_reason: Mapped[LongText | None] = field(_("Why cancelled", "取消原因"), locked=True)

    lines: Mapped[list[OrderLine]] = children(_("Order lines", "工单明细"), back="order", order_by="OrderLine.line_no")
    extra_work: Mapped[list[ExtraWorkRequest]] = children(_("Extra work", "增项申请"), back="order")
    authorizations: Mapped[list[Authorization]] = children(_("Authorizations", "客户授权"), back="order")
    callbacks: Mapped[list[CallbackTask]] = children(_("Callbacks", "回访"), back="order")
    complaints: Mapped[list[Complaint]] = children(_("Complaints", "投诉"), back="order")

    @concerns("vehicle", "rework_of", new=("rework_of", lacks("payer")), history=False)
    def before_save(self, *, is_new: bool) -> None:
        """Fill in the usual payer; a rework follows an order of the same car."""
        settle_links(self, "vehicle", "rework_of")
        if is_new and not self.from_history:
            self.payer = self.payer or usual_payer(self.service_type)
        if self.rework_of is not None and not self.from_history and changed(self, "rework_of", "vehicle") and self.rework_of.vehicle is not self.vehicle:
            raise Refused(_("A rework follows an order of the same car.", "返修工单须对应同一辆车的工单。"), field="rework_of")

    @transition(_("Receive the car", "接车"), OrderStatus.DRAFT, to=OrderStatus.RECEIVED, by=FRONT, icon="box-arrow-in-down")
    def receive(self, *, walkaround: LongText, mileage_km: Kilometres | None = None) -> None:
        """The walk-round is done with the customer; the clock of the visit starts."""
        self.walkaround = walkaround
        self.checked_in_at = self.checked_in_at or clock.now()
        self.mileage_km = self.mileage_km if mileage_km is None else mileage_km
        if self.mileage_km is not None:
            self.vehicle.mileage_km = max(self.mileage_km, self.vehicle.mileage_km or 0)

    @transition(_("Start the diagnosis", "开始诊断"), OrderStatus.RECEIVED, to=OrderStatus.DIAGNOSING, by=FLOOR)
    def diagnose(self) -> None:
        """The car is looked at."""

    @transition(_("Estimate", "估价"), OrderStatus.DIAGNOSING, OrderStatus.ESTIMATED, to=OrderStatus.ESTIMATED, by=FRONT)
    def estimate(self, *, promised_at: Moment) -> None:
        """Add up the lines and promise a time (S0: cost and time before the work)."""
        if promised_at <= clock.now():
            raise Refused(_("The promised time must lie ahead.", "预计交车时间须晚于现在。"), field="promised_at")
        self.estimate_total, self.promised_at = estimate_of(self), promised_at

    @transition(_("Record the authorization", "登记客户授权"), OrderStatus.ESTIMATED, to=OrderStatus.AUTHORIZED, by=FRONT, tone="good", labels=DIALOG)
    def authorize(
        self, *, person: Name, relation: Relation, method: Method, phone_called: Mobile | None = None, at: Moment | None = None,
        note: LongText | None = None,
    ) -> None:
        """The customer agrees to the lines and the estimate; the word is kept as evidence."""
        from models.authorizations import authorize_order  # noqa: PLC0415  # authorizations import orders

        refuse_changed_estimate(self)
        authorize_order(self, person=person, relation=relation, method=method, phone_called=phone_called, at=at, note=note)

    @transition(_("Schedule", "派工"), OrderStatus.AUTHORIZED, to=OrderStatus.SCHEDULED, by=FLOOR)
    def schedule(self) -> None:
        """The workshop has a place and a team for the car."""

    @transition(_("Start the repair", "开始维修"), OrderStatus.SCHEDULED, to=OrderStatus.IN_REPAIR, by=SHOP)
    def start_repair(self) -> None:
        """No repair with a line that the customer has not approved."""
        refuse_unapproved(self)
        refuse_open_question(self)

    @transition(_("Wait for parts", "等待配件"), OrderStatus.IN_REPAIR, to=OrderStatus.WAITING_PARTS, by=FLOOR, tone="warn")
    def wait_for_parts(self) -> None:
        """A part is missing."""

    @transition(_("Resume the repair", "继续维修"), OrderStatus.WAITING_PARTS, OrderStatus.WAITING_APPROVAL, to=OrderStatus.IN_REPAIR, by=FLOOR)
    def resume_repair(self) -> None:
        """The part is here, or the customer has answered."""
        refuse_unapproved(self)
        refuse_open_question(self)

    @transition(_("Hand in for the self check", "报自检"), OrderStatus.IN_REPAIR, to=OrderStatus.SELF_CHECK, by=SHOP)
    def finish_repair(self) -> None:
        """All approved work is done, and no question to the customer is open."""
        refuse_unapproved(self)
        refuse_open_question(self)
        refuse_unfinished(self)

    @transition(_("Pass the self check", "自检通过"), OrderStatus.SELF_CHECK, to=OrderStatus.TEAM_CHECK, by=SHOP)
    def pass_self_check(self) -> None:
        """The technician has checked the own work."""

    @transition(_("Pass the team check", "班组检通过"), OrderStatus.TEAM_CHECK, to=OrderStatus.FINAL_CHECK, by=SHOP)
    def pass_team_check(self) -> None:
        """The team leader has checked the work."""

    @transition(_("Pass the final check", "终检通过"), OrderStatus.FINAL_CHECK, to=(OrderStatus.WASHING, OrderStatus.READY), by=SHOP, tone="good")
    def pass_final_check(self) -> None:
        """The inspector passes the car; it is washed if the customer wants it."""
        self.final_check_passed_at = clock.now()
        self.status = OrderStatus.WASHING if self.wash else OrderStatus.READY

    @transition(_("Fail the final check", "终检不合格"), OrderStatus.FINAL_CHECK, to=OrderStatus.IN_REPAIR, by=SHOP, tone="bad", labels=DEFECT)
    def fail_final_check(self, *, defect: LongText) -> None:
        """Back to the workshop, with the report of the defect."""
        self.defect_report = defect

    @transition(
        _("Send back to repair", "退回维修"), OrderStatus.SELF_CHECK, OrderStatus.TEAM_CHECK, to=OrderStatus.IN_REPAIR, by=SHOP, tone="bad",
        labels=DEFECT,
    )
    def send_back(self, *, defect: LongText) -> None:
        """An earlier check found a defect."""
        self.defect_report = defect

    @transition(_("Washed", "洗车完成"), OrderStatus.WASHING, to=OrderStatus.READY, by=FLOOR)
    def finish_wash(self) -> None:
        """The car is clean."""

    @transition(_("Settle", "结算"), OrderStatus.READY, to=OrderStatus.SETTLED, by=FRONT, tone="good")
    def settle(self) -> None:
        """Add up what was approved; that is the bill."""
        self.amount, self.settled_at = final_total_of(self), clock.now()

    @transition(_("Deliver", "交车"), OrderStatus.SETTLED, to=OrderStatus.DELIVERED, by=FRONT, tone="good")
    def deliver(
        self, *, next_service_on: Day | None = None, next_service_km: Kilometres | None = None, callback_slot: CallSlot | None = None,
    ) -> None:
        """Hand over the car with its next service and a good time to call; the callback is planned."""
        from models.callbacks import schedule_after_delivery  # noqa: PLC0415  # callbacks import orders

        self.next_service_on = next_service_on or self.next_service_on
        self.next_service_km = self.next_service_km if next_service_km is None else next_service_km
        self.callback_slot = callback_slot or self.callback_slot or self.customer.preferred_slot
        self._refuse_incomplete_delivery()
        self.status, self.completed_at = OrderStatus.DELIVERED, clock.now()
        self.vehicle.next_service_on, self.vehicle.next_service_km = self.next_service_on, self.next_service_km
        if not self.from_history:
            schedule_after_delivery(self)

    def _refuse_incomplete_delivery(self) -> None:
        """No delivery without bill, next service by date and mileage, and a slot for the callback (domain.md 3.3)."""
        missing = {
            "amount": _("Settle the order first.", "请先结算。"),
            "next_service_on": _("Say when the next service is due.", "请填写下次保养时间。"),
            "next_service_km": _("Say at which mileage the next service is due.", "请填写下次保养里程。"),
            "callback_slot": _("Ask when the customer likes to be called.", "请询问方便回访的时间。"),
        }
        for name, why in missing.items():
            if getattr(self, name) is None:
                raise Refused(why, field=name)

    @transition(_("Close", "关闭"), OrderStatus.DELIVERED, to=OrderStatus.CLOSED, by=FRONT, bulk=True)
    def close(self) -> None:
        """Nothing is left to do: the callback is done or has expired."""
        if not callbacks_are_over(self):
            raise Refused(_("The callback of this order is still to be made.", "该工单的回访尚未完成。"))

    @transition(
        _("Cancel the order", "取消工单"), *NOT_STARTED, *IN_THE_WORKSHOP, to=OrderStatus.CANCELLED, by=FRONT, tone="bad",
        confirm=_("Cancel the order?", "确定取消该工单？"), labels={"reason": _("Why cancelled", "取消原因")},
    )
    def cancel(self, *, reason: LongText) -> None:
        """Possible until work has begun; open questions to the customer are withdrawn."""
        if any(line.is_begun for line in self.live_lines):
            raise Refused(_("Work has begun; finish and settle what was done.", "已开始施工，请完成并结算已做项目。"))
        for request in self.extra_work:
            request.give_up()
        self.cancel_reason = reason

    @property
    def live_lines(self) -> list[OrderLine]:
        """The lines that are not archived."""
        return [line for line in self.lines if line.archived_at is None]
