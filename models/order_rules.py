"""The guards and sums of a service order (domain.md 3.3): what must be true before it may go on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from backoffice.declare import Refused, _
from models.order_states import IN_CHECK, IN_THE_WORKSHOP, OrderStatus, Payer, ServiceType

if TYPE_CHECKING:
    from models.orders import ServiceOrder

BILLED = (Payer.CUSTOMER, Payer.INSURANCE)
"""Warranty and internal work are not on the customer's bill; what the insurance pays is."""

_USUAL_PAYERS = {
    ServiceType.WARRANTY: Payer.WARRANTY, ServiceType.RECALL: Payer.WARRANTY, ServiceType.ACCIDENT: Payer.INSURANCE,
    ServiceType.REWORK: Payer.INTERNAL,
}


def usual_payer(service_type: ServiceType) -> Payer:
    """Who pays unless somebody says otherwise."""
    return _USUAL_PAYERS.get(service_type, Payer.CUSTOMER)


def estimate_of(order: ServiceOrder) -> Decimal:
    """What the customer is asked to agree to, in CNY: the billed lines that were neither declined nor deferred."""
    if not order.live_lines:
        raise Refused(_("Add the labor and parts first.", "请先添加工时和配件。"))
    return sum((line.billed for line in order.live_lines if not line.is_off), Decimal("0.00"))


def refuse_changed_estimate(order: ServiceOrder) -> None:
    """The customer agrees to the amount that was worked out from these very lines."""
    if order.estimate_total != estimate_of(order):
        raise Refused(_("The lines have changed since the estimate; estimate again.", "估价后明细有变动，请重新估价。"))


def approved_total(order: ServiceOrder) -> Decimal:
    """What the customer has agreed to so far, in CNY."""
    return sum((line.billed for line in order.live_lines if line.may_start), Decimal("0.00"))


def final_total_of(order: ServiceOrder) -> Decimal:
    """The bill in CNY; an order of an old system without lines keeps its amount."""
    if order.from_history and not order.live_lines and order.amount is not None:
        return order.amount
    return approved_total(order)


def refuse_unapproved(order: ServiceOrder) -> None:
    """No repair while a line waits for the customer's word."""
    if waiting := [line.line_no for line in order.live_lines if line.is_unasked]:
        numbers = ", ".join(map(str, sorted(waiting)))
        raise Refused(_("The customer has not approved line {numbers} yet.", "第 {numbers} 行尚未经客户确认。", numbers=numbers))


def refuse_open_question(order: ServiceOrder) -> None:
    """No repair while a question about extra work waits for the customer's answer."""
    if waiting := [request.request_no for request in order.extra_work if request.is_open]:
        raise Refused(_("Extra work {number} waits for the customer's answer.", "增项 {number} 等待客户答复。", number=", ".join(waiting)))


def refuse_unfinished(order: ServiceOrder) -> None:
    """No check while approved work is not done."""
    if undone := [line.line_no for line in order.live_lines if line.may_start and not line.is_done]:
        numbers = ", ".join(map(str, sorted(undone)))
        raise Refused(_("Line {numbers} is not done yet.", "第 {numbers} 行尚未完工。", numbers=numbers))


def await_answer(order: ServiceOrder) -> None:
    """An order in repair or in a check waits while the customer is asked."""
    if order.status in {*IN_THE_WORKSHOP, *IN_CHECK}:
        order.status = OrderStatus.WAITING_APPROVAL


def take_more_work(order: ServiceOrder) -> None:
    """Work that is approved during the checks sends the car back to repair."""
    if order.status in IN_CHECK:
        order.status = OrderStatus.IN_REPAIR


def go_on(order: ServiceOrder) -> None:
    """Back to repair once no question is open."""
    if order.status is OrderStatus.WAITING_APPROVAL and not any(request.is_open for request in order.extra_work):
        order.status = OrderStatus.IN_REPAIR


def callbacks_are_over(order: ServiceOrder) -> bool:
    """Whether no callback of the order is still to be made."""
    from models.callbacks import CALLABLE, CallbackTask  # noqa: PLC0415  # callbacks import orders

    waiting = select(CallbackTask.id).where(
        CallbackTask.order_id == order.id, CallbackTask.status.in_(CALLABLE), CallbackTask.archived_at.is_(None),
    )
    return order.session.scalars(waiting).first() is None
