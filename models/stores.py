"""Stores: the houses of the dealer group. Everything else belongs to one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from backoffice.declare import LongText, Mobile, Model, Name, Number, Resource, ShortText, _, children, field
from models.roles import CRU, E, I, R, rights

if TYPE_CHECKING:
    from models.staff import Staff


class Store(Model):
    """A 4S store."""

    __tablename__ = "stores"
    __resource__ = Resource(
        _("Store", "门店"), _("Stores", "门店"), name="stores", small=True, key=("code",), title=("name",), icon="shop",
        group=_("Dealership", "门店与人员"),
        columns=("code", "name", "city", "phone"), search=("code", "name", "city"), filters=("city",), order=("code",),
        rights=rights(agent=R, advisor=R, workshop=R, supervisor=R, manager=R, admin=CRU | I | E, auditor=R | E),
    )

    code: Mapped[Number] = field(_("Store code", "门店代码"), unique=True, aliases=("dealer_code", "经销商代码"))
    name: Mapped[Name] = field(_("Store name", "门店名称"), aliases=("经销商名称",))
    city: Mapped[Name | None] = field(_("City", "城市"))
    address: Mapped[ShortText | None] = field(_("Address", "地址"))
    phone: Mapped[Mobile | None] = field(_("Service line", "服务电话"), aliases=("汽修电话",))
    route: Mapped[LongText | None] = field(
        _("Route", "到店路线"), help=_("Sent to customers after an appointment is made.", "预约后发送给客户的到店路线。"),
    )
    staff: Mapped[list[Staff]] = children(_("Staff", "员工"), back="store")
