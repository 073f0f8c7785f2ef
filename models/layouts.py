"""Flat files that other systems give: one line a visit, taken apart into the records of several nouns."""

from __future__ import annotations

from backoffice.declare import Layout, Part, _
from models.complaints import Complaint
from models.customers import Customer
from models.orders import ServiceOrder
from models.vehicles import Vehicle

WORKSHOP_ORDERS = Layout(
    "workshop-orders", _("Orders of a workshop system", "维修系统工单导出"),
    hint=_(
        "One line an order, with its customer, car and complaint. Without a customer number, phone and name together tell who it is.",
        "每行一张工单，含客户、车辆和投诉。没有客户编号时，以电话加姓名识别客户。",
    ),
    parts=(
        Part(
            Customer, ("customer_no", "name", "phone", "customer_type", "address", "store"), match=("phone", "name"),
            fills=("customer_type", "address", "store"),
        ),
        Part(
            Vehicle, ("vin", "plate", "brand", "series", "model", "trim", "engine_no", "first_registered_on", "insurer", "policy_end_on"),
            links={"owner": Customer}, match=("plate",), fills=("owner", "insurer", "policy_end_on"),
        ),
        Part(
            ServiceOrder,
            (
                "order_no", "service_type", "store", "advisor", "status", "checked_in_at", "promised_at", "completed_at", "settled_at", "mileage_km",
                "customer_words", "items", "payer", "amount", "next_service_on", "next_service_km",
            ),
            links={"customer": Customer, "vehicle": Vehicle},
            headers={"amount": ("amount", "final_total", "应结金额", "最终实际支付金额")}, given={"service_type": "general", "status": "delivered"},
        ),
        Part(
            Complaint, ("complaint_no", "description", "category", "problem_type", "received_at", "severity", "status", "store"),
            links={"customer": Customer, "vehicle": Vehicle, "order": ServiceOrder}, match=("order", "description"),
            headers={
                "description": ("complaint", "complaint_text", "description", "投诉", "投诉内容", "投诉简述", "客户投诉"),
                "status": ("complaint_status", "投诉状态"),
            },
            given={"status": "received"},
        ),
    ),
)
"""The order export of a dealer-management system."""

LAYOUTS = (WORKSHOP_ORDERS,)
"""A new layout is one more name here."""
