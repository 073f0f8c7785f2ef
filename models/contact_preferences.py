"""Contact preferences: what a customer wants to be called about, and what not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Day, Flag, Model, Resource, ShortText, _, clock, field, link
from models import beware
from models.claims import claim
from models.customers import Customer, customers_here, own_customers
from models.roles import CRU, E, I, R, rights
from models.scopes import within
from models.vehicles import Vehicle


class Purpose(Choice):
    """What a contact is for."""

    ALL = "all", _("Everything", "全部"), "bad", ("所有",)
    CALLBACK = "callback", _("Service callback", "售后回访"), "neutral", ("回访",)
    SURVEY = "survey", _("Survey", "满意度调查")
    REMINDER = "reminder", _("Service reminder", "保养提醒")
    RENEWAL = "renewal", _("Insurance renewal", "续保")
    CAMPAIGN = "campaign", _("Campaign", "活动邀请"), "neutral", ("营销",)


def preferences_here(person: Any) -> ColumnElement[bool]:
    """Preferences of the customers that the person's store may read."""
    return within(ContactPreference.customer_id, Customer, customers_here)(person)


def own_preferences(person: Any) -> ColumnElement[bool]:
    """Preferences of an advisor's customers."""
    return within(ContactPreference.customer_id, Customer, own_customers)(person)


class ContactPreference(Model):
    """One wish for one purpose, for all cars of the customer or for one."""

    __tablename__ = "contact_preferences"
    __table_args__ = (
        claim("refusal_has_reason", "allowed OR reason IS NOT NULL", _("A refusal needs its reason.", "不允许联系须填写原因。")),
        Index("uq_contact_preferences_one_per_car", "customer_id", "purpose", "vehicle_id", unique=True),
        Index(
            "uq_contact_preferences_one_for_all_cars", "customer_id", "purpose", unique=True,
            sqlite_where=text("vehicle_id IS NULL"), postgresql_where=text("vehicle_id IS NULL"),
        ),
    )
    __resource__ = Resource(
        _("Contact preference", "联系偏好"), _("Contact preferences", "联系偏好"), name="contact-preferences",
        key=("customer", "purpose", "vehicle"),
        icon="telephone-x", group=_("Customers and vehicles", "客户与车辆"),
        columns=("customer", "purpose", "vehicle", "allowed", "until", "reason"),
        search=("customer.customer_no", "customer.name", "vehicle.vin"), filters=("customer", "purpose"),
        order=("-id",), alerts=beware.PREFERENCES,
        rights=rights(
            agent=CRU | E, advisor=CRU, workshop=R, supervisor=CRU | I | E, manager=CRU | I | E, admin=R | I | E, auditor=R | E,
            store=preferences_here, own=own_preferences,
        ),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id), index=True)
    customer: Mapped[Customer] = link(_("Customer", "客户"), aliases=("customer_code", "客户编号"), back_populates="contact_preferences")
    purpose: Mapped[Purpose] = field(_("Purpose", "用途"), index=True)
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey(Vehicle.id), index=True)
    vehicle: Mapped[Vehicle | None] = link(
        _("Vehicle", "车辆"), aliases=("车架号",), help=_("Empty: all cars of the customer.", "不填表示该客户的所有车辆。"),
    )
    allowed: Mapped[Flag] = field(_("Allowed", "允许"), default=False)
    reason: Mapped[ShortText | None] = field(_("Reason", "原因"))
    until: Mapped[Day | None] = field(_("Until", "有效期至"))

    def absorb(self, other: Any) -> None:
        """Of two wishes that hold a refusal stands before a permission, and of two refusals the longer one."""
        if not other.holds_on(clock.today()):
            return
        if not self.holds_on(clock.today()) or (self.allowed and not other.allowed):
            self.allowed, self.reason, self.until = other.allowed, other.reason, other.until
        elif not self.allowed and not other.allowed and self.until is not None:
            self.until = None if other.until is None else max(self.until, other.until)

    def holds_on(self, day: Any) -> bool:
        """Whether the wish still holds on a day."""
        return self.archived_at is None and (self.until is None or day <= self.until)
