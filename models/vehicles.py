"""Vehicles: each car by its VIN, with its present owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Alike,
    Begin,
    Choice,
    Count,
    Day,
    Handover,
    Merge,
    Model,
    Name,
    Number,
    Page,
    Resource,
    ShortText,
    _,
    children,
    clock,
    concerns,
    field,
    link,
    refuses,
)
from backoffice.declare.fields import listed
from models import beware
from models.changes import changed, settle_links
from models.claims import claim
from models.customers import Customer, customers_here, own_customers
from models.roles import CRU, LEADS, E, I, R, rights
from models.scopes import met
from models.types import VIN_KIND, Kilometres, Plate, Vin, Year

if TYPE_CHECKING:
    from models.callbacks import CallbackTask
    from models.complaints import Complaint
    from models.orders import ServiceOrder
    from models.ownerships import Ownership


class Energy(Choice):
    """What drives the car."""

    ICE = "ice", _("Fuel", "燃油"), "neutral", ("汽油", "柴油")
    BEV = "bev", _("Battery electric", "纯电动"), "good", ("纯电",)
    PHEV = "phev", _("Plug-in hybrid", "插电混动"), "good", ("插电式混合动力",)
    EREV = "erev", _("Range-extended electric", "增程式"), "good", ("增程",)
    NEW_ENERGY = "new_energy", _("New energy, unspecified", "新能源"), "good"


def vehicles_here(person: Any) -> ColumnElement[bool]:
    """Vehicles of the store's customers, those it has served, and those of nobody yet."""
    from models.orders import ServiceOrder, orders_here  # noqa: PLC0415  # orders import vehicles

    return or_(
        met(Vehicle.owner_id, Customer.id, customers_here(person)),
        met(Vehicle.id, ServiceOrder.vehicle_id, orders_here(person)),
        _of_nobody(),
    )


def own_vehicles(person: Any) -> ColumnElement[bool]:
    """An advisor's vehicles: of own orders, of own customers, and those of nobody yet."""
    from models.orders import ServiceOrder, own_orders  # noqa: PLC0415  # orders import vehicles

    return or_(
        met(Vehicle.id, ServiceOrder.vehicle_id, own_orders(person)),
        met(Vehicle.owner_id, Customer.id, own_customers(person)),
        _of_nobody(),
    )


def _of_nobody() -> ColumnElement[bool]:
    from models.ownerships import Ownership  # noqa: PLC0415  # ownerships import vehicles

    return Vehicle.owner_id.is_(None) & ~select(Ownership.id).where(Ownership.vehicle_id == Vehicle.id).exists()


class Vehicle(Model):
    """A car. Its ownerships follow its owner, and the owner follows them."""

    __tablename__ = "vehicles"
    __table_args__ = (
        *listed("vehicles", "brand", "energy", "model_year", by="vin")[1:],
        CheckConstraint("length(vin) = 17", name="vin_has_17_signs", info={"why": VIN_KIND.why}),
        claim("merged_into_another", "merged_into_id <> id", _("A vehicle is not merged into itself.", "车辆不能并入自身。")),
        claim("odometer_day_has_reading", "odometer_on IS NULL OR mileage_km IS NOT NULL", _("Enter the mileage that was read.", "请填写里程。")),
        Index(
            "uq_vehicles_plate_in_use", "plate", unique=True,
            sqlite_where=text("archived_at IS NULL"), postgresql_where=text("archived_at IS NULL"),
        ),
    )
    __resource__ = Resource(
        _("Vehicle", "车辆"), _("Vehicles", "车辆"), name="vehicles", key=("vin",), linked_as="vin", title=("plate", "vin"), icon="car-front",
        group=_("Customers and vehicles", "客户与车辆"), columns=("vin", "plate", "brand", "series", "model_year", "owner", "mileage_km"),
        search=("vin", "plate", "brand", "series", "owner.name", "owner.phone"),
        filters=("brand", "energy", "model_year", "owner", "next_service_on"),
        order=("vin",),
        rights=rights(
            agent=CRU | E, advisor=CRU, workshop=R, supervisor=CRU | I | E, manager=CRU | I | E, admin=R | I | E, auditor=R | E,
            store=vehicles_here, own=own_vehicles,
        ),
        contact=("owner.phone",), alerts=beware.VEHICLES,
        page=Page(
            badges=("energy",), facts=("owner", "vin", "brand", "series", "model_year", "mileage_km", "next_service_on", "warranty_end_on"),
            begin=(Begin("orders", customer="owner"), Begin("complaints", customer="owner")),
        ),
        doubts=(
            Handover(
                "owner", code="other_owner",
                why=_("The car has another owner here: {other}. Has it been sold?", "该车现登记的车主是 {other}，是否已过户？"),
            ),
        ),
        merge=Merge(
            by=LEADS, most=("mileage_km", "next_service_on", "policy_end_on", "warranty_end_on"), least=("purchase_date", "first_registered_on"),
            together=(
                ("mileage_km", "odometer_on"), ("service_interval_km", "service_interval_days"), ("next_service_on", "next_service_km"),
                ("policy_end_on", "insurer"), ("warranty_end_on", "warranty_end_km"),
            ),
            alike=(
                Alike("engine_no", code="same_engine", why=_("The same engine number", "发动机号相同")),
                Alike(
                    "vin", last={"vin": 8}, code="same_vin_ending",
                    why=_("The same last eight signs of the VIN, which number the car", "车架号后八位相同"),
                ),
            ),
        ),
    )

    vin: Mapped[Vin] = field(_("VIN", "车架号"), unique=True, aliases=("车辆识别代号",))
    plate: Mapped[Plate | None] = field(_("Plate", "车牌号"), aliases=("plate_no", "车牌"))
    brand: Mapped[Name | None] = field(_("Brand", "品牌"), aliases=("厂家品牌",))
    series: Mapped[Name | None] = field(_("Series", "车系"), aliases=("车系名称",))
    model: Mapped[Name | None] = field(_("Model", "车辆型号"), aliases=("车型代码",))
    trim: Mapped[ShortText | None] = field(_("Trim", "车型"), aliases=("车型配置",))
    model_year: Mapped[Year | None] = field(_("Model year", "年款"), aliases=("车辆年份",))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(Customer.id), index=True)
    owner: Mapped[Customer | None] = link(_("Owner", "车主"), aliases=("customer_code", "客户编号"), back_populates="vehicles")
    purchase_date: Mapped[Day | None] = field(_("Bought on", "购车日期"), aliases=("购车时间",))
    mileage_km: Mapped[Kilometres | None] = field(_("Mileage", "里程"), aliases=("行驶里程",))
    odometer_on: Mapped[Day | None] = field(_("Mileage read on", "里程读取日期"))
    energy: Mapped[Energy | None] = field(_("Energy", "能源类型"))
    color: Mapped[Name | None] = field(_("Color", "颜色"))
    engine_no: Mapped[Number | None] = field(_("Engine no.", "发动机号"))
    first_registered_on: Mapped[Day | None] = field(_("First registered", "注册登记日"), aliases=("车辆注册登记日期",))
    service_interval_km: Mapped[Kilometres | None] = field(_("Service interval", "保养间隔里程"))
    service_interval_days: Mapped[Count | None] = field(_("Service interval in days", "保养间隔天数"))
    next_service_on: Mapped[Day | None] = field(_("Next service", "下次保养时间"), index=True, aliases=("next_service_date",))
    next_service_km: Mapped[Kilometres | None] = field(_("Next service at", "下次保养里程"))
    insurer: Mapped[Name | None] = field(_("Insurer", "承保公司"))
    policy_end_on: Mapped[Day | None] = field(_("Policy ends", "保险到期日"), index=True)
    warranty_end_on: Mapped[Day | None] = field(_("Warranty ends", "质保到期日"))
    warranty_end_km: Mapped[Kilometres | None] = field(_("Warranty ends at", "质保里程"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("vehicles.id"), index=True)
    merged_into: Mapped[Vehicle | None] = link(_("Merged into", "已合并至"), locked=True, remote_side="Vehicle.id", post_update=True)

    ownerships: Mapped[list[Ownership]] = children(_("Ownerships", "车辆归属"), back="vehicle")
    orders: Mapped[list[ServiceOrder]] = children(_("Service orders", "维修工单"), back="vehicle")
    callbacks: Mapped[list[CallbackTask]] = children(_("Callbacks", "回访"), back="vehicle")
    complaints: Mapped[list[Complaint]] = children(_("Complaints", "投诉"), back="vehicle")

    @refuses("change")
    @concerns("owner", "mileage_km", new=("owner",), history=("owner",))
    def before_save(self, *, is_new: bool) -> None:
        """A reading knows its day; a new owner opens an ownership."""
        if not is_new and self.mileage_km is not None and changed(self, "mileage_km") and not changed(self, "odometer_on"):
            self.odometer_on = clock.today()
        self._follow_owner(is_new=is_new)

    def settle_merge(self, gone: Any) -> None:
        """Two files of one car: it has one present owner, and one open ownership."""
        from models.ownerships import settle  # noqa: PLC0415  # ownerships import vehicles

        settle(self)

    def _follow_owner(self, *, is_new: bool) -> None:
        from models.ownerships import hand_over  # noqa: PLC0415  # ownerships import vehicles

        settle_links(self, "owner")
        if (is_new and self.owner is not None) or changed(self, "owner"):
            hand_over(self)
