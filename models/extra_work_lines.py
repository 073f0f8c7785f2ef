"""Extra work lines: each piece of extra work, with its price and the customer's decision."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Choice,
    Count,
    Day,
    LongText,
    Mobile,
    Model,
    Moment,
    Money,
    Name,
    Refused,
    Resource,
    ShortText,
    _,
    children,
    clock,
    field,
    link,
    transition,
)
from models import beware
from models.acting import fill
from models.changes import changed, settle_links
from models.claims import claim
from models.evidence import DIALOG, Decision, Method, Relation
from models.extra_work import ExtraWorkRequest, own_requests, requests_here
from models.order_rules import BILLED, approved_total, take_more_work
from models.order_states import MAY_ADD_WORK, Payer
from models.orders import FRONT, ServiceOrder
from models.roles import CRU, A, E, I, R, Role, rights
from models.scopes import within
from models.types import Kilometres

if TYPE_CHECKING:
    from models.authorizations import Authorization
    from models.order_lines import OrderLine


class Urgency(Choice):
    """How much the car needs it."""

    SAFETY = "safety", _("Safety", "安全"), "bad"
    RECOMMENDED = "recommended", _("Recommended", "建议"), "warn"
    OPTIONAL = "optional", _("Optional", "可选"), "neutral"


class LineStatus(Choice):
    """What became of the line."""

    PENDING = "pending", _("Pending", "待确认"), "warn"
    APPROVED = "approved", _("Approved", "已同意"), "good"
    DECLINED = "declined", _("Declined", "已拒绝"), "bad"
    DEFERRED = "deferred", _("Deferred", "暂缓"), "neutral"
    DONE = "done", _("Done", "已完工"), "good"
    CONVERTED = "converted", _("Moved to a later order", "已转入后续工单"), "good"
    CLOSED = "closed", _("Closed", "已关闭"), "neutral"
    VOID = "void", _("Void", "已作废"), "neutral"


CONTENT = ("request", "line_no", "urgency", "description", "labor_amount", "parts_amount", "payer", "archived_at")
FOLLOW_UP_AFTER = timedelta(days=30)
PRICES = ("labor_amount", "parts_amount", "amount")


def extra_lines_here(person: Any) -> ColumnElement[bool]:
    """Lines of the requests that the person's store may read."""
    return within(ExtraWorkLine.request_id, ExtraWorkRequest, requests_here)(person)


def own_extra_lines(person: Any) -> ColumnElement[bool]:
    """Lines of the requests of an advisor."""
    return within(ExtraWorkLine.request_id, ExtraWorkRequest, own_requests)(person)


class ExtraWorkLine(Model):
    """One piece of extra work, decided on its own."""

    __tablename__ = "extra_work_lines"
    __table_args__ = (
        UniqueConstraint("request_id", "line_no"),
        claim(
            "price_is_not_negative", "labor_amount >= 0 AND parts_amount >= 0 AND amount >= 0",
            _("A price is not negative.", "价格不能为负。"),
        ),
        claim(
            "decided_has_time_and_price", "status IN ('pending', 'void') OR (decided_at IS NOT NULL AND amount IS NOT NULL)",
            _("A decision has its time and its price.", "决定须有时间和价格。"),
        ),
        claim(
            "declined_safety_has_note", "status <> 'declined' OR urgency <> 'safety' OR note IS NOT NULL",
            _("Declining a safety line needs the written note.", "拒绝安全项目须有书面说明。"),
        ),
        claim(
            "deferred_is_followed_up", "status <> 'deferred' OR follow_up_on IS NOT NULL OR follow_up_km IS NOT NULL",
            _("What is deferred is followed up.", "暂缓项目须有跟进日期或里程。"),
        ),
    )
    __resource__ = Resource(
        _("Extra work line", "增项明细"), _("Extra work lines", "增项明细"), name="extra-work-lines", key=("request", "line_no"),
        title=("request", "line_no"),
        icon="list-ul", group=_("Service", "维修服务"),
        columns=("request", "line_no", "urgency", "description", "amount", "status", "decided_at"),
        search=("request.request_no", "request.order.order_no", "description"),
        filters=("request", "urgency", "status", "decided_at", "follow_up_on"),
        order=("-id",), alerts=beware.EXTRA_LINES,
        rights=rights(
            agent=R, advisor=CRU | A, workshop=CRU, supervisor=CRU | A | E, manager=CRU | A | E, admin=R | I | E, auditor=R | E,
            store=extra_lines_here, own=own_extra_lines, hidden={Role.WORKSHOP: PRICES},
        ),
    )

    request_id: Mapped[int] = mapped_column(ForeignKey(ExtraWorkRequest.id), index=True)
    request: Mapped[ExtraWorkRequest] = link(_("Extra work", "增项申请"), aliases=("增项单号",), back_populates="lines")
    line_no: Mapped[Count] = field(_("Line no.", "行号"), aliases=("No.", "序号"))
    urgency: Mapped[Urgency] = field(_("Class", "类别"), default=Urgency.RECOMMENDED, index=True)
    description: Mapped[ShortText] = field(_("Description", "项目"), aliases=("项目名称",))
    labor_amount: Mapped[Money | None] = field(_("Labor", "工时金额"))
    parts_amount: Mapped[Money | None] = field(_("Parts", "配件金额"))
    amount: Mapped[Money | None] = field(_("Amount", "金额"), locked=True)
    payer: Mapped[Payer] = field(_("Payer", "收费性质"), default=Payer.CUSTOMER)
    status: Mapped[LineStatus] = field(_("Decision", "客户决定"), default=LineStatus.PENDING, locked=True, index=True)
    decided_at: Mapped[Moment | None] = field(_("Decided", "确认时间"), locked=True, index=True)
    note: Mapped[LongText | None] = field(_("Note", "说明"), locked=True)
    follow_up_on: Mapped[Day | None] = field(_("Follow up on", "跟进日期"), locked=True, index=True)
    follow_up_km: Mapped[Kilometres | None] = field(_("Follow up at", "跟进里程"), locked=True)

    order_lines: Mapped[list[OrderLine]] = children(_("Order lines", "工单明细"), back="extra_line", order_by="OrderLine.id")
    authorizations: Mapped[list[Authorization]] = children(_("Authorizations", "客户授权"), back="extra_line")

    def before_save(self, *, is_new: bool) -> None:
        """Add up the price; the lines of a sent request stand as they are."""
        settle_links(self, "request")
        fill(self, status=LineStatus.PENDING, payer=Payer.CUSTOMER)
        if self.from_history:
            fill(self, amount=self._sum())
            return
        if not self.request.is_draft and changed(self, *CONTENT):
            self.request.refuse_edit()
        self.amount = self._sum()

    def _sum(self) -> Decimal | None:
        """Labor and parts together in CNY; None while neither has a price."""
        parts = [one for one in (self.labor_amount, self.parts_amount) if one is not None]
        return sum(parts, Decimal("0.00")) if parts else None

    @transition(
        _("Customer approves", "客户同意"), LineStatus.PENDING, LineStatus.DEFERRED, to=LineStatus.APPROVED, by=FRONT, bulk=True,
        tone="good",
        icon="check-circle", labels=DIALOG,
    )
    def approve(
        self, *, person: Name, relation: Relation, method: Method, phone_called: Mobile | None = None, at: Moment | None = None,
        note: LongText | None = None,
    ) -> None:
        """The customer says yes to this line at this price; it becomes work of the order. A deferred line may still be approved."""
        if self.order.status not in MAY_ADD_WORK:
            raise Refused(_("The order takes no more work; move the line to a later order.", "该工单已不能增加项目，请转入后续工单。"), code="wrong_state")
        total = approved_total(self.order) + self.billed
        self._answer(Decision.APPROVED, total, person=person, relation=relation, method=method, phone_called=phone_called, at=at, note=note)
        self.become_work(self.order)
        self.status = LineStatus.APPROVED
        self.request.follow_answers()

    @transition(
        _("Customer declines", "客户拒绝"), LineStatus.PENDING, LineStatus.DEFERRED, to=LineStatus.DECLINED, by=FRONT, bulk=True,
        tone="bad",
        icon="x-circle", labels=DIALOG,
    )
    def decline(
        self, *, person: Name, relation: Relation, method: Method, phone_called: Mobile | None = None, at: Moment | None = None,
        note: LongText | None = None,
    ) -> None:
        """The customer says no. Declining what concerns safety needs the written note."""
        if self.urgency is Urgency.SAFETY and not (note or "").strip():
            raise Refused(_("Declining a safety line needs the written note.", "拒绝安全项目须有书面说明。"), field="note", code="note_needed")
        total = approved_total(self.order)
        self._answer(Decision.DECLINED, total, person=person, relation=relation, method=method, phone_called=phone_called, at=at, note=note)
        self.status = LineStatus.DECLINED
        self.request.follow_answers()

    @transition(
        _("Customer defers", "客户暂缓"), LineStatus.PENDING, to=LineStatus.DEFERRED, by=FRONT, bulk=True, icon="clock", labels=DIALOG,
    )
    def defer(
        self, *, person: Name, relation: Relation, method: Method, phone_called: Mobile | None = None, at: Moment | None = None,
        note: LongText | None = None, follow_up_on: Day | None = None, follow_up_km: Kilometres | None = None,
    ) -> None:
        """Not now: asked again on a day or at a mileage, after 30 days unless said otherwise."""
        if follow_up_on is not None and follow_up_on <= clock.today():
            raise Refused(_("The day must lie ahead.", "跟进日期须晚于今天。"), field="follow_up_on")
        total = approved_total(self.order)
        self._answer(Decision.DEFERRED, total, person=person, relation=relation, method=method, phone_called=phone_called, at=at, note=note)
        self._follow_up(follow_up_on, follow_up_km)
        self.status = LineStatus.DEFERRED
        self.request.follow_answers()

    @transition(
        _("Move to a later order", "转入后续工单"), LineStatus.DEFERRED, LineStatus.DECLINED, to=LineStatus.CONVERTED, by=FRONT,
        labels={**DIALOG, "into": _("Later order", "后续工单")},
    )
    def convert(
        self, *, into: ServiceOrder, person: Name, relation: Relation, method: Method, phone_called: Mobile | None = None,
        at: Moment | None = None, note: LongText | None = None,
    ) -> None:
        """The customer wants it on a later visit of the same car."""
        if into.vehicle is not self.order.vehicle or into is self.order:
            raise Refused(_("Choose a later order of the same car.", "请选择同一辆车的后续工单。"), field="into")
        if into.status not in MAY_ADD_WORK:
            raise Refused(_("The later order is not authorized yet, or takes no more work.", "后续工单尚未授权或已不能增加项目。"), field="into")
        total = approved_total(into) + self.billed
        self._answer(
            Decision.APPROVED, total, order=into, person=person, relation=relation, method=method, phone_called=phone_called, at=at,
            note=note,
        )
        self.become_work(into)

    @transition(
        _("Close without work", "关闭不做"), LineStatus.DEFERRED, to=LineStatus.CLOSED, by=FRONT, labels={"reason": _("Why", "原因")},
    )
    def close(self, *, reason: LongText) -> None:
        """It is not followed up any more."""
        self.note = f"{self.note}\n{reason}" if self.note else reason

    def _answer(self, decision: Decision, revised_total: Decimal, *, order: ServiceOrder | None = None, **word: Any) -> None:
        """Keep the evidence of the answer, and its time."""
        from models.authorizations import record_word  # noqa: PLC0415  # authorizations import these lines

        if self.status is LineStatus.PENDING and not self.request.is_open:
            raise Refused(_("Send the request to the customer first.", "请先将增项发送客户。"), code="wrong_state")
        shown = f"{self.request.request_no} {self.line_no}. {self.description} {self.amount}"
        evidence = record_word(
            order or self.order, decision, amount=self.amount or Decimal("0.00"), revised_total=revised_total, shown=shown,
            extra_line=self, **word,
        )
        self.decided_at, self.note = evidence.at, word["note"] or self.note

    def become_work(self, order: ServiceOrder) -> None:
        """Add the labor and the parts to an order as approved lines."""
        from models.order_lines import Approval, LineKind, OrderLine  # noqa: PLC0415  # order lines know where they come from

        take_more_work(order)
        number = max((line.line_no for line in order.lines), default=0)
        for kind, price in ((LineKind.LABOR, self.labor_amount), (LineKind.PART, self.parts_amount)):
            if price is not None:
                number += 1
                self.session.add(OrderLine(
                    order=order, line_no=number, kind=kind, description=self.description, qty=Decimal(1), unit_price=price, amount=price,
                    payer=self.payer, approval=Approval.APPROVED, extra_line=self,
                ))

    def follow_work(self) -> None:
        """Done once all its work is."""
        if self.status is LineStatus.APPROVED and all(line.is_done for line in self.order_lines):
            self.status = LineStatus.DONE

    def copy_to(self, request: ExtraWorkRequest) -> ExtraWorkLine:
        """The same line for a new revision, open again."""
        return ExtraWorkLine(
            request=request, line_no=self.line_no, urgency=self.urgency, description=self.description, labor_amount=self.labor_amount,
            parts_amount=self.parts_amount, payer=self.payer,
        )

    def void(self) -> None:
        """No answer counts any more."""
        self.status = LineStatus.VOID

    def lapse(self) -> None:
        """No answer came: deferred, and followed up."""
        self.status, self.decided_at = LineStatus.DEFERRED, clock.now()
        self._follow_up(None, None)

    def _follow_up(self, day: Day | None, km: Kilometres | None) -> None:
        self.follow_up_on = day or (None if km is not None else clock.today() + FOLLOW_UP_AFTER)
        self.follow_up_km = km

    @property
    def order(self) -> ServiceOrder:
        """The order that the work was found in."""
        return self.request.order

    @property
    def billed(self) -> Decimal:
        """What it adds to the customer's bill, in CNY."""
        return (self.amount or Decimal("0.00")) if self.payer in BILLED else Decimal("0.00")

    @property
    def is_waiting(self) -> bool:
        """Whether the customer has not answered."""
        return self.status is LineStatus.PENDING

    @property
    def is_approved(self) -> bool:
        """Whether the customer wants it."""
        return self.status in {LineStatus.APPROVED, LineStatus.DONE}
