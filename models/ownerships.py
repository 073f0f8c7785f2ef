"""Ownerships: who owned, drove or paid for a car, and from when to when."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Day, Model, Resource, _, field, link
from models.customers import Customer
from models.roles import CRU, E, I, R, rights
from models.scopes import within
from models.vehicles import Vehicle, own_vehicles, vehicles_here


class Part(Choice):
    """What the customer is to the car."""

    OWNER = "owner", _("Owner", "车主"), "info"
    DRIVER = "driver", _("Driver", "驾驶人")
    PAYER = "payer", _("Payer", "付款人")


def ownerships_here(person: Any) -> ColumnElement[bool]:
    """Ownerships of the vehicles that the person's store may read."""
    return within(Ownership.vehicle_id, Vehicle, vehicles_here(person))


def own_ownerships(person: Any) -> ColumnElement[bool]:
    """Ownerships of an advisor's vehicles."""
    return within(Ownership.vehicle_id, Vehicle, own_vehicles(person))


class Ownership(Model):
    """A customer and a car for a time. The open owner's is the car's present owner."""

    __tablename__ = "ownerships"
    __table_args__ = (
        UniqueConstraint("vehicle_id", "customer_id", "from_on"),
        CheckConstraint("to_on >= from_on", name="ends_after_it_begins"),
    )
    __resource__ = Resource(
        _("Ownership", "车辆归属"), _("Ownerships", "车辆归属"), name="ownerships", key=("vehicle", "customer", "from_on"), icon="key",
        group=_("Customers and vehicles", "客户与车辆"), columns=("vehicle", "customer", "role", "from_on", "to_on"),
        search=("vehicle.vin", "vehicle.plate", "customer.name"), filters=("vehicle", "customer", "role", "from_on", "to_on"), order=("-from_on",),
        rights=rights(
            agent=CRU | E, advisor=CRU, workshop=R, supervisor=CRU | I | E, manager=CRU | I | E, admin=R | I | E, auditor=R | E,
            store=ownerships_here, own=own_ownerships,
        ),
    )

    vehicle_id: Mapped[int] = mapped_column(ForeignKey(Vehicle.id), index=True)
    vehicle: Mapped[Vehicle] = link(_("Vehicle", "车辆"), aliases=("车架号",), back_populates="ownerships")
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id), index=True)
    customer: Mapped[Customer] = link(_("Customer", "客户"), aliases=("customer_code", "客户编号"), back_populates="ownerships")
    role: Mapped[Part] = field(_("Role", "关系"), default=Part.OWNER)
    from_on: Mapped[Day] = field(_("From", "开始日期"))
    to_on: Mapped[Day | None] = field(_("To", "结束日期"))
