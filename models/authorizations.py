"""Authorizations: the evidence that a customer said yes or no, never changed afterwards (domain.md 2.3)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import LongText, Mobile, Model, Moment, Money, Name, Number, Refused, Resource, _, actor, concerns, field, link
from models.changes import changed
from models.claims import claim
from models.evidence import Decision, Method, Relation, check_word
from models.extra_work_lines import ExtraWorkLine
from models.order_lines import Approval
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


EVIDENCE = (
    "order", "extra_line", "decision", "method", "person", "relation", "phone_called", "at", "staff", "note", "shown", "amount",
    "revised_total",
)


class Authorization(Model):
    """What the customer said, who said it, how and when. Only actions make one."""

    __tablename__ = "authorizations"
    __table_args__ = (
        claim("phone_has_number_called", "method <> 'phone' OR phone_called IS NOT NULL", _("Write down the number that was called.", "请填写拨打的电话号码。")),
        claim("word_names_the_total", "revised_total IS NOT NULL", _("The customer must know the total.", "须告知客户总额。")),
    )
    __resource__ = Resource(
        _("Authorization", "客户授权"), _("Authorizations", "客户授权"), name="authorizations", key=("authorization_no",), icon="pen",
        group=_("Service", "维修服务"),
        columns=("authorization_no", "order", "extra_line", "decision", "method", "person", "at", "revised_total"),
        search=("authorization_no", "order.order_no", "person"), filters=("order", "at"), order=("-at",),
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
    at: Mapped[Moment] = field(_("When", "确认时间"), locked=True, index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    staff: Mapped[Staff | None] = link(_("Recorded by", "记录人"), locked=True)
    note: Mapped[LongText | None] = field(_("Note", "说明"), locked=True)
    shown: Mapped[LongText | None] = field(_("Shown to the customer", "向客户出示的内容"), locked=True)
    amount: Mapped[Money | None] = field(_("Amount", "金额"), locked=True)
    revised_total: Mapped[Money | None] = field(_("Revised total", "增项后总额"), locked=True)

    @concerns(*EVIDENCE, new=False, history=False)
    def before_save(self, *, is_new: bool) -> None:
        """A word that was given is not rewritten."""
        if not is_new and changed(self, *EVIDENCE):
            raise Refused(_("A customer's word is not rewritten; record a new one.", "客户授权不可更改，请另行登记。"), code="immutable")


def record_word(
    order: ServiceOrder, decision: Decision, *, amount: Decimal, revised_total: Decimal, shown: str, person: str, relation: Relation,
    method: Method, phone_called: str | None, at: datetime | None, note: str | None, extra_line: ExtraWorkLine | None = None,
) -> Authorization:
    """Keep what a customer said as evidence; ``shown`` is what the answer is about."""
    moment = check_word(method, phone_called, at)
    colleague = actor()
    word = Authorization(
        order=order, extra_line=extra_line, decision=decision, method=method, person=person, relation=relation, phone_called=phone_called,
        at=moment, staff=colleague if isinstance(colleague, Staff) else None, note=note, shown=shown, amount=amount,
        revised_total=revised_total,
    )
    order.session.add(word)
    return word


def authorize_order(order: ServiceOrder, **word: Any) -> Authorization:
    """The customer agrees to the estimate: every line that waits is approved."""
    total = order.estimate_total if order.estimate_total is not None else Decimal("0.00")
    lines = [line for line in order.live_lines if not line.is_off]
    shown = "\n".join(f"{line.line_no}. {line.description} {line.amount}" for line in sorted(lines, key=lambda line: line.line_no))
    evidence = record_word(order, Decision.APPROVED, amount=total, revised_total=total, shown=shown, **word)
    for line in lines:
        if line.is_unasked:
            line.approval = Approval.APPROVED
    return evidence
