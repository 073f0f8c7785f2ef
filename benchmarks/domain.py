"""What is exchanged: orders with fourteen columns and a link to vehicles by VIN, and two more links for the exports."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Account,
    Choice,
    Count,
    Day,
    Flag,
    LongText,
    Mobile,
    Model,
    Moment,
    Money,
    Name,
    Number,
    Resource,
    Right,
    ShortText,
    Verb,
    _,
    field,
    link,
)


class Role(Choice):
    """Who works here."""

    CLERK = "clerk", _("Clerk", "职员")


ALL = {Role.CLERK: Right(~Verb(0))}


class Service(Choice):
    """What is done."""

    UPKEEP = "upkeep", _("Upkeep", "保养")
    REPAIR = "repair", _("Repair", "维修")
    RECALL = "recall", _("Recall", "召回")


class Shop(Model):
    """Where it is done."""

    __tablename__ = "bench_shops"
    __resource__ = Resource(_("Shop", "门店"), _("Shops", "门店"), name="shops", key=("code",), columns=("code",), rights=ALL)

    code: Mapped[Number] = field(_("Code", "代码"), unique=True)


class Mechanic(Account, Model):
    """Who does it."""

    __tablename__ = "bench_mechanics"
    __resource__ = Resource(_("Mechanic", "技师"), _("Mechanics", "技师"), name="mechanics", key=("badge",), columns=("badge",), accounts=True, rights=ALL)

    badge: Mapped[Number] = field(_("Badge", "工号"), unique=True)
    role: Mapped[Role] = field(_("Role", "角色"), default=Role.CLERK)


class Vehicle(Model):
    """To what it is done."""

    __tablename__ = "bench_vehicles"
    __resource__ = Resource(_("Vehicle", "车辆"), _("Vehicles", "车辆"), name="vehicles", key=("vin",), columns=("vin",), rights=ALL)

    vin: Mapped[Number] = field(_("VIN", "车架号"), unique=True)


class Order(Model):
    """What is to be done: the noun that is imported and exported."""

    __tablename__ = "bench_orders"
    __resource__ = Resource(_("Order", "工单"), _("Orders", "工单"), name="orders", key=("order_no",), columns=("order_no", "vehicle"), rights=ALL)

    order_no: Mapped[Number] = field(_("Order no.", "工单号"), unique=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey(Vehicle.id), index=True)
    vehicle: Mapped[Vehicle] = link(_("Vehicle", "车辆"))
    plate: Mapped[ShortText | None] = field(_("Plate", "车牌"))
    customer: Mapped[Name | None] = field(_("Customer", "客户"))
    phone: Mapped[Mobile | None] = field(_("Phone", "电话"))
    opened_on: Mapped[Day | None] = field(_("Opened", "开单日期"))
    promised_at: Mapped[Moment | None] = field(_("Promised", "预计交车"))
    mileage: Mapped[Count | None] = field(_("Mileage", "里程"))
    service: Mapped[Service | None] = field(_("Service", "服务"))
    amount: Mapped[Money | None] = field(_("Amount", "金额"))
    is_paid: Mapped[Flag | None] = field(_("Paid", "已付"))
    complaint: Mapped[LongText | None] = field(_("Complaint", "描述"))
    remark: Mapped[ShortText | None] = field(_("Remark", "备注"))
    source: Mapped[ShortText | None] = field(_("Source", "来源"))
    shop_id: Mapped[int | None] = mapped_column(ForeignKey(Shop.id), index=True)
    shop: Mapped[Shop | None] = link(_("Shop", "门店"))
    mechanic_id: Mapped[int | None] = mapped_column(ForeignKey(Mechanic.id), index=True)
    mechanic: Mapped[Mechanic | None] = link(_("Mechanic", "技师"))


MODELS = (Shop, Mechanic, Vehicle, Order)
COLUMNS = ("order_no", "vin", "plate", "customer", "phone", "opened_on", "promised_at", "mileage", "service", "amount", "is_paid", "complaint", "remark", "source")
