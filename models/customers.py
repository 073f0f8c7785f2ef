"""Customers: the people and companies that the dealership serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Alike,
    Begin,
    Choice,
    Day,
    Email,
    Language,
    LongText,
    Merge,
    Mobile,
    Model,
    Name,
    Number,
    Page,
    Resource,
    ShortText,
    Twin,
    _,
    children,
    clock,
    concerns,
    field,
    lacks,
    link,
    refuses,
)
from backoffice.declare.fields import listed
from models.claims import claim
from models.roles import CRU, LEADS, E, I, R, rights
from models.scopes import met, of_store
from models.staff import Staff
from models.stores import Store
from models.types import Address, Birthday, CreditCode, Handle

if TYPE_CHECKING:
    from models.callbacks import CallbackTask
    from models.complaints import Complaint
    from models.contact_preferences import ContactPreference
    from models.orders import ServiceOrder
    from models.ownerships import Ownership
    from models.vehicles import Vehicle


class CustomerType(Choice):
    """Who the customer is before the law."""

    PERSON = "person", _("Person", "个人"), "neutral", ("私人",)
    COMPANY = "company", _("Company", "单位"), "neutral", ("公司", "企业")


class UseType(Choice):
    """What the car is used for (S3)."""

    OFFICIAL = "official", _("Official car", "公务车")
    ACCIDENT = "accident", _("Insurance and accident", "保险事故车")
    PRIVATE = "private", _("Private car", "私家车")
    TAXI = "taxi", _("Taxi", "出租车")


class Grade(Choice):
    """How valuable the customer is to the dealership (S3)."""

    GOLD = "gold", _("Gold", "金牌"), "good"
    SILVER = "silver", _("Silver", "银牌"), "good"
    BRONZE = "bronze", _("Bronze", "铜牌")
    IRON = "iron", _("Iron", "铁牌")
    LEAD = "lead", _("Lead", "铅牌"), "warn"


class Temper(Choice):
    """What kind of difficult customer to be ready for (S2)."""

    ANGRY = "angry", _("Angry", "愤怒型"), "bad"
    PICKY = "picky", _("Picky", "挑剔型"), "warn"
    EXPERT = "expert", _("Expert", "知识型"), "info"
    HESITANT = "hesitant", _("Hesitant", "犹豫型")
    DOUBTFUL = "doubtful", _("Doubtful", "怀疑型"), "warn"


class CallSlot(Choice):
    """When the customer likes to be called."""

    MORNING = "morning", _("Morning, 9 to 12", "上午 9–12 点"), "neutral", ("上午",)
    AFTERNOON = "afternoon", _("Afternoon, 14 to 17", "下午 14–17 点"), "neutral", ("下午",)
    EVENING = "evening", _("Evening, 17 to 19:30", "傍晚 17–19:30"), "neutral", ("傍晚", "晚上")
    ANY = "any", _("Any time", "均可"), "neutral", ("随时",)


class Channel(Choice):
    """How the customer likes to be reached."""

    PHONE = "phone", _("Phone", "电话")
    SMS = "sms", _("Text message", "短信")
    WECHAT = "wechat", _("WeChat", "微信")


def customers_here(person: Any) -> ColumnElement[bool]:
    """Customers of the person's store, and those it has served."""
    from models.orders import ServiceOrder, orders_here  # noqa: PLC0415  # orders import customers

    return or_(of_store(Customer.store_id)(person), met(Customer.id, ServiceOrder.customer_id, orders_here(person)))


def own_customers(person: Any) -> ColumnElement[bool]:
    """An advisor's customers: of own orders, dedicated ones, and those of the store whom nobody serves yet."""
    from models.orders import ServiceOrder, own_orders  # noqa: PLC0415  # orders import customers

    unserved = ~select(ServiceOrder.id).where(ServiceOrder.customer_id == Customer.id).exists()
    return or_(
        met(Customer.id, ServiceOrder.customer_id, own_orders(person)),
        Customer.dedicated_advisor_id == person.id,
        of_store(Customer.store_id)(person) & unserved,
    )


class Customer(Model):
    """A customer belongs to one store and may be served at any."""

    __tablename__ = "customers"
    __table_args__ = (
        *listed("customers", "store_id", "customer_type", "language", "city", "grade", by="since"),
        claim("new_customer_can_be_called", "phone IS NOT NULL", _("A new customer needs a telephone number.", "新客户须有联系电话。")),
        claim(
            "grade_by_hand_has_reason", "grade_until IS NULL OR grade_reason IS NOT NULL",
            _("A grade that was set for a time needs a reason.", "限期评级须填写原因。"),
        ),
        claim("merged_into_another", "merged_into_id <> id", _("A customer is not merged into itself.", "客户不能并入自身。")),
    )
    __resource__ = Resource(
        _("Customer", "客户"), _("Customers", "客户"), name="customers", key=("customer_no",), linked_as="customer_no", title=("customer_no", "name"), icon="people",
        group=_("Customers and vehicles", "客户与车辆"),
        columns=("customer_no", "name", "phone", "city", "customer_type", "store", "since"),
        search=("customer_no", "name", "phone", "email"), filters=("store", "customer_type", "language", "city", "grade", "since"),
        order=("-since",),
        rights=rights(
            agent=CRU | E, advisor=CRU, workshop=R, supervisor=CRU | I | E, manager=CRU | I | E, admin=R | I | E, auditor=R | E,
            store=customers_here, own=own_customers,
        ),
        page=Page(
            badges=("grade", "temper"), facts=("phone", "preferred_slot", "preferred_channel", "dedicated_advisor", "store", "city", "remark"),
            first=("vehicles",), begin=(Begin("orders"), Begin("complaints")),
        ),
        doubts=(
            Twin(
                "phone", unlike="name", code="same_phone_other_name",
                why=_(
                    "{other} has the same telephone number and another name: one person twice, or two who share a phone?",
                    "{other} 的电话相同而姓名不同：是同一人重复建档，还是两人共用电话？",
                ),
            ),
        ),
        merge=Merge(
            by=LEADS, least=("since",),
            together=(
                ("city", "region", "address"), ("customer_type", "credit_code"), ("grade", "grade_reason", "grade_until"),
                ("preferred_slot", "preferred_channel"),
            ),
            alike=(
                Alike("phone", code="same_phone", why=_("The same telephone number", "电话相同")),
                Alike("credit_code", code="same_credit_code", why=_("The same credit code", "统一社会信用代码相同")),
                Alike(
                    "name", "phone", last={"phone": 4}, code="same_name_and_ending",
                    why=_("The same name, and a telephone number with the same last four digits", "姓名相同，电话后四位相同"),
                ),
            ),
        ),
    )

    customer_no: Mapped[Number] = field(_("Customer no.", "客户编号"), unique=True, numbered="KH", aliases=("customer_code",))
    name: Mapped[Name] = field(_("Customer name", "客户姓名"), index=True, aliases=("客户名称", "车主名", "姓名", "车主姓名"))
    phone: Mapped[Mobile | None] = field(
        _("Phone", "联系电话"), needed=True, index=True, aliases=("mobile", "手机", "手机号", "手机号码", "电话", "移动电话", "客户电话", "车主电话"),
    )
    email: Mapped[Email | None] = field(_("E-mail", "邮箱"))
    wechat: Mapped[Handle | None] = field(_("WeChat", "微信"))
    city: Mapped[Name | None] = field(_("City", "城市"))
    region: Mapped[Name | None] = field(_("Province or state", "省/州"))
    address: Mapped[Address | None] = field(_("Address", "地址"), aliases=("联系地址",))
    customer_type: Mapped[CustomerType] = field(_("Customer type", "客户类型"), default=CustomerType.PERSON, aliases=("客户类别",))
    credit_code: Mapped[CreditCode | None] = field(_("Credit code", "统一社会信用代码"))
    language: Mapped[Language] = field(_("Language", "语言"), default=Language.CHINESE)
    birthday: Mapped[Birthday | None] = field(_("Birthday", "生日"))
    store_id: Mapped[int] = mapped_column(ForeignKey(Store.id))
    store: Mapped[Store] = link(_("Store", "门店"), aliases=("dealer_code", "经销商代码"))
    since: Mapped[Day | None] = field(_("Customer since", "建档日期"))
    use_type: Mapped[UseType | None] = field(_("Use of the car", "车辆用途"))
    grade: Mapped[Grade | None] = field(_("Grade", "客户等级"))
    grade_reason: Mapped[ShortText | None] = field(_("Reason of the grade", "评级原因"))
    grade_until: Mapped[Day | None] = field(_("Grade holds until", "评级有效期至"))
    temper: Mapped[Temper | None] = field(_("Temper", "难缠类型"), help=_("How to meet the customer (S2).", "接待时请留意（S2）。"))
    preferred_slot: Mapped[CallSlot | None] = field(_("Likes to be called", "方便接听时间"))
    preferred_channel: Mapped[Channel | None] = field(_("Likes to be reached by", "偏好联系方式"))
    dedicated_advisor_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    dedicated_advisor: Mapped[Staff | None] = link(_("Dedicated advisor", "专属顾问"))
    source: Mapped[ShortText | None] = field(_("Source", "客户来源"))
    remark: Mapped[LongText | None] = field(_("Remark", "备注"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    merged_into: Mapped[Customer | None] = link(_("Merged into", "已合并至"), locked=True, remote_side="Customer.id", post_update=True)

    vehicles: Mapped[list[Vehicle]] = children(_("Vehicles", "车辆"), back="owner")
    ownerships: Mapped[list[Ownership]] = children(_("Ownerships", "车辆归属"), back="customer")
    orders: Mapped[list[ServiceOrder]] = children(_("Service orders", "维修工单"), back="customer")
    callbacks: Mapped[list[CallbackTask]] = children(_("Callbacks", "回访"), back="customer")
    complaints: Mapped[list[Complaint]] = children(_("Complaints", "投诉"), back="customer")
    contact_preferences: Mapped[list[ContactPreference]] = children(_("Contact preferences", "联系偏好"), back="customer")

    @refuses()
    @concerns(new=(lacks("since"),), history=False)
    def before_save(self, *, is_new: bool) -> None:
        """A new file opens today."""
        if is_new and self.since is None and not self.from_history:
            self.since = clock.today()
