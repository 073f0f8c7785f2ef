"""Authorizations: the evidence that a customer said yes or no, never changed afterwards (domain.md 2.3)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import LongText, Mobile, Model, Moment, Money, Name, Number, Resource, _, field, link
from models.evidence import Decision, Method, Relation
from models.extra_work_lines import ExtraWorkLine
from models.orders import ServiceOrder, orders_here, own_orders
from models.roles import E, I, R, Role, rights
from models.scopes import within
from models.staff import Staff


def authorizations_here(person: Any) -> ColumnElement[bool]:
    """Authorizations of the orders of the person's store."""
    return within(Authorization.order_id, ServiceOrder, orders_here)(person)


def own_authorizations(person: Any) -> ColumnElement[bool]:
    """Authorizations of an advisor's orders."""
    return within(Authorization.order_id, ServiceOrder, own_orders)(person)


class Authorization(Model):
    """What the customer said, who said it, how and when. Only actions make one."""

    __tablename__ = "authorizations"
    __table_args__ = (
        CheckConstraint("method <> 'phone' OR phone_called IS NOT NULL OR from_history", name="phone_has_number_called"),
        CheckConstraint("revised_total IS NOT NULL OR from_history", name="new_word_names_the_total"),
    )
    __resource__ = Resource(
        _("Authorization", "客户授权"), _("Authorizations", "客户授权"), name="authorizations", key=("authorization_no",), icon="pen",
        group=_("Service", "维修服务"),
        columns=("authorization_no", "order", "extra_line", "decision", "method", "person", "at", "revised_total"),
        search=("authorization_no", "order.order_no", "person"), filters=("order", "decision", "method", "at"), order=("-at",),
        rights=rights(
            agent=R, advisor=R, workshop=R, supervisor=R | E, manager=R | E, admin=R | I | E, auditor=R | E,
            store=authorizations_here, own=own_authorizations, hidden={Role.WORKSHOP: ("amount", "revised_total", "shown")},
        ),
    )

    authorization_no: Mapped[Number] = field(_("Authorization no.", "授权单号"), unique=True, numbered="SQ")
    order_id: Mapped[int] = mapped_column(ForeignKey(ServiceOrder.id), index=True)
    order: Mapped[ServiceOrder] = link(_("Service order", "维修工单"), aliases=("工单号",), locked=True, back_populates="authorizations")
    extra_line_id: Mapped[int | None] = mapped_column(ForeignKey(ExtraWorkLine.id), index=True)
    extra_line: Mapped[ExtraWorkLine | None] = link(_("Extra work line", "增项明细"), locked=True, back_populates="authorizations")
    decision: Mapped[Decision] = field(_("Decision", "决定"), locked=True)
    method: Mapped[Method] = field(_("How", "确认方式"), locked=True)
    person: Mapped[Name] = field(_("Who", "确认人"), locked=True)
    relation: Mapped[Relation] = field(_("Relation to the customer", "与客户关系"), locked=True)
    phone_called: Mapped[Mobile | None] = field(_("Number called", "拨打号码"), locked=True)
    at: Mapped[Moment] = field(_("When", "确认时间"), locked=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    staff: Mapped[Staff | None] = link(_("Recorded by", "记录人"), locked=True)
    note: Mapped[LongText | None] = field(_("Note", "说明"), locked=True)
    shown: Mapped[LongText | None] = field(_("Shown to the customer", "向客户出示的内容"), locked=True)
    amount: Mapped[Money | None] = field(_("Amount", "金额"), locked=True)
    revised_total: Mapped[Money | None] = field(_("Revised total", "增项后总额"), locked=True)
