"""Ownerships: who owned, drove or paid for a car, and from when to when.

A car's owner and its open ownership say the same: ``hand_over`` follows a new owner of the car,
``Ownership.before_save`` an ownership that was begun or ended by hand.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Day, Model, Refused, Resource, _, clock, field, link
from models.changes import settle_links
from models.claims import claim
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
    return within(Ownership.vehicle_id, Vehicle, vehicles_here)(person)


def own_ownerships(person: Any) -> ColumnElement[bool]:
    """Ownerships of an advisor's vehicles."""
    return within(Ownership.vehicle_id, Vehicle, own_vehicles)(person)


class Ownership(Model):
    """A customer and a car for a time. The open owner's is the car's present owner."""

    __tablename__ = "ownerships"
    __table_args__ = (
        UniqueConstraint("vehicle_id", "customer_id", "from_on"),
        claim("ends_after_it_begins", "to_on >= from_on", _("It ends no earlier than it begins.", "结束日期不能早于开始日期。")),
    )
    __resource__ = Resource(
        _("Ownership", "车辆归属"), _("Ownerships", "车辆归属"), name="ownerships", key=("vehicle", "customer", "from_on"), icon="key",
        group=_("Customers and vehicles", "客户与车辆"), columns=("vehicle", "customer", "role", "from_on", "to_on"),
        search=("vehicle.vin", "vehicle.plate", "customer.name"), filters=("vehicle", "customer"),
        order=("-id",),
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

    @property
    def is_open(self) -> bool:
        """Whether this is the present owner."""
        return self.role is Part.OWNER and self.to_on is None and self.archived_at is None

    def before_save(self, *, is_new: bool) -> None:
        """Keep the car's owner in step with an ownership that began or ended."""
        settle_links(self, "vehicle", "customer")
        self.role = self.role or Part.OWNER
        if self.is_open:
            self._take_over()
        elif self.role is Part.OWNER and self.vehicle.owner is self.customer and not self._open_ones():
            self.vehicle.owner = None

    def absorb(self, other: Any) -> None:
        """The same ownership twice: it goes on while either does, else until the later end."""
        if self.to_on is not None and other.role is self.role:
            self.to_on = None if other.to_on is None else max(self.to_on, other.to_on)

    def _take_over(self) -> None:
        """End the other open ownerships on the day this one began, and make the customer the owner."""
        if self.vehicle.owner is self.customer and not self._others():
            return
        for other in self._others():
            if other.from_on > self.from_on:
                why = _("A later owner is known; say when this ownership ended.", "该车之后已有新车主，请填写结束日期。")
                raise Refused(why, field="to_on")
            other.to_on = self.from_on
        self.vehicle.owner = self.customer

    def _open_ones(self) -> list[Ownership]:
        return [one for one in self.vehicle.ownerships if one.is_open]

    def _others(self) -> list[Ownership]:
        return [one for one in self._open_ones() if one is not self]


def hand_over(vehicle: Vehicle) -> None:
    """Close the ownerships of former owners, and open one for the present owner unless it is open.

    The first owner has the car since it was bought; a later one since today.
    """
    owner, owners = vehicle.owner, [one for one in vehicle.ownerships if one.role is Part.OWNER and one.archived_at is None]
    if any(one.is_open and one.customer is owner for one in owners):
        return
    today = clock.today()
    day = today if owners else vehicle.purchase_date or today
    for one in owners:
        if one.is_open:
            one.to_on = max(day, one.from_on)
    if owner is not None:
        _open(vehicle, owner, max(day, *(one.to_on or day for one in owners)) if owners else day)


def settle(vehicle: Vehicle) -> None:
    """Let the first open ownership of the present owner be the only open one."""
    open_ones = sorted((one for one in vehicle.ownerships if one.is_open), key=lambda one: one.from_on)
    own = [one for one in open_ones if one.customer is vehicle.owner]
    for one in open_ones:
        if one in own[1:]:
            one.archived_at = clock.now()
        elif one not in own:
            one.to_on = max(clock.today(), one.from_on)


def _open(vehicle: Vehicle, owner: Customer, day: date) -> None:
    """Open an ownership from a day, or take up the one that began on that very day again."""
    for one in vehicle.ownerships:
        if one.customer is owner and one.from_on == day:
            one.role, one.to_on, one.archived_at = Part.OWNER, None, None
            return
    vehicle.session.add(Ownership(vehicle=vehicle, customer=owner, role=Part.OWNER, from_on=day))
