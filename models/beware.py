"""What whoever meets a customer or a car must know: the alerts on their pages (domain.md 2.5).

Each is a condition on the rows of one noun; the person's rights narrow it to those that are theirs.
The nouns are imported inside, because their files import this one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from backoffice.declare import Alert, _, clock

SOON = timedelta(days=30)
ANGRY_FOR = timedelta(days=180)


def complaints_open(_person: Any) -> ColumnElement[bool]:
    """Complaints that still need somebody."""
    from models.complaint_states import OPEN  # noqa: PLC0415  # a cycle, as said above
    from models.complaints import Complaint  # noqa: PLC0415  # a cycle, as said above

    return Complaint.status.in_(OPEN)


def safety_declined(_person: Any) -> ColumnElement[bool]:
    """Safety work that the customer declined or put off, and that no later order took up."""
    from models.extra_work_lines import ExtraWorkLine, LineStatus, Urgency  # noqa: PLC0415  # a cycle, as said above

    return and_(ExtraWorkLine.urgency == Urgency.SAFETY, ExtraWorkLine.status.in_((LineStatus.DECLINED, LineStatus.DEFERRED)))


def work_to_follow_up(_person: Any) -> ColumnElement[bool]:
    """Other work that was put off, and whose day has come."""
    from models.extra_work_lines import ExtraWorkLine, LineStatus, Urgency  # noqa: PLC0415  # a cycle, as said above

    is_put_off = and_(ExtraWorkLine.urgency != Urgency.SAFETY, ExtraWorkLine.status == LineStatus.DEFERRED)
    return and_(is_put_off, ExtraWorkLine.follow_up_on <= clock.today())


def answers_open(_person: Any) -> ColumnElement[bool]:
    """Extra work that was sent and not decided."""
    from models.extra_work import OPEN, ExtraWorkRequest  # noqa: PLC0415  # a cycle, as said above

    return ExtraWorkRequest.status.in_(OPEN)


def opted_out(_person: Any) -> ColumnElement[bool]:
    """Wishes not to be contacted that hold today."""
    from models.contact_preferences import ContactPreference  # noqa: PLC0415  # a cycle, as said above

    return and_(ContactPreference.allowed.is_(False), or_(ContactPreference.until.is_(None), ContactPreference.until >= clock.today()))


def marked_angry(_person: Any) -> ColumnElement[bool]:
    """Callbacks with the mark of an angry customer, of the last half year."""
    from models.callbacks import CallbackTask  # noqa: PLC0415  # a cycle, as said above

    return and_(CallbackTask.angry.is_(True), CallbackTask.due_at >= clock.now() - ANGRY_FOR)


def calls_to_make(_person: Any) -> ColumnElement[bool]:
    """Callbacks that have not been made."""
    from models.callbacks import CALLABLE, CallbackTask  # noqa: PLC0415  # a cycle, as said above

    return CallbackTask.status.in_(CALLABLE)


def cars_here(_person: Any) -> ColumnElement[bool]:
    """Orders whose car was received and not delivered yet."""
    from models.order_states import OrderStatus  # noqa: PLC0415  # a cycle, as said above
    from models.orders import ServiceOrder  # noqa: PLC0415  # a cycle, as said above

    return ServiceOrder.status.not_in((OrderStatus.DRAFT, OrderStatus.DELIVERED, OrderStatus.CLOSED, OrderStatus.CANCELLED))


def services_due(_person: Any) -> ColumnElement[bool]:
    """Cars whose next service is due within a month, or was, by date or by mileage."""
    from models.vehicles import Vehicle  # noqa: PLC0415  # a cycle, as said above

    return or_(Vehicle.next_service_on <= clock.today() + SOON, Vehicle.mileage_km >= Vehicle.next_service_km)


def policies_ending(_person: Any) -> ColumnElement[bool]:
    """Cars whose insurance ends within a month."""
    from models.vehicles import Vehicle  # noqa: PLC0415  # a cycle, as said above

    return Vehicle.policy_end_on.between(clock.today(), clock.today() + SOON)


BOTH, WITH_ORDER = ("customer", "vehicle"), ("customer", "vehicle", "order")
BY_ORDER, BY_REQUEST = ("order", "order.customer", "order.vehicle"), ("request.order", "request.order.customer", "request.order.vehicle")

COMPLAINTS = (Alert(_("Open complaint", "未结投诉"), complaints_open, WITH_ORDER, "bad", says=("severity", "category", "status")),)
EXTRA_LINES = (
    Alert(_("Safety work not done", "安全项目未做"), safety_declined, BY_REQUEST, "bad", says=("description", "status")),
    Alert(_("Put-off work to ask about", "暂缓项目待跟进"), work_to_follow_up, BY_REQUEST, "info", says=("description", "follow_up_on")),
)
EXTRA_WORK = (Alert(_("Waits for the customer's answer", "等待客户答复"), answers_open, BY_ORDER, "warn", says=("expires_at",)),)
PREFERENCES = (Alert(_("Does not want to be contacted", "不希望被联系"), opted_out, BOTH, "warn", says=("reason", "until")),)
CALLBACKS = (
    Alert(_("Angry in a callback", "回访时生气"), marked_angry, WITH_ORDER, "bad", says=("due_at", "status")),
    Alert(_("Callback to make", "待回访"), calls_to_make, WITH_ORDER, "info", says=("due_at", "status")),
)
ORDERS = (Alert(_("Car is here", "车辆在厂"), cars_here, BOTH, "info", says=("status", "promised_at")),)
VEHICLES = (
    Alert(_("Next service due", "保养到期"), services_due, ("owner",), "warn", says=("next_service_on", "next_service_km"), itself=True),
    Alert(_("Insurance ends", "保险即将到期"), policies_ending, ("owner",), "info", says=("policy_end_on",), itself=True),
)
