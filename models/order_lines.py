"""Order lines: the labor and the parts of a service order."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Count, Model, Moment, Money, Number, Refused, Resource, ShortText, _, action, clock, field, link
from models.acting import fill
from models.changes import changed, settle_links
from models.claims import claim
from models.order_rules import BILLED
from models.order_states import IN_THE_WORKSHOP, NOT_AUTHORIZED, Payer
from models.orders import SHOP, ServiceOrder, orders_here, own_orders
from models.roles import CRU, RU, A, E, I, R, rights
from models.scopes import within
from models.types import Quantity

if TYPE_CHECKING:
    from models.extra_work_lines import ExtraWorkLine


class LineKind(Choice):
    """What is charged."""

    LABOR = "labor", _("Labor", "工时"), "neutral", ("工时费", "维修项目")
    PART = "part", _("Part", "配件"), "neutral", ("材料", "零件")


class Approval(Choice):
    """Whether the customer wants it."""

    PENDING = "pending", _("Not asked yet", "待确认"), "warn"
    APPROVED = "approved", _("Approved", "已同意"), "good"
    DECLINED = "declined", _("Declined", "已拒绝"), "bad"
    DEFERRED = "deferred", _("Deferred", "暂缓"), "neutral"
    NOT_NEEDED = "not_needed", _("Not needed", "无需确认"), "neutral"


class Work(Choice):
    """How far the work is."""

    OPEN = "open", _("Open", "未开工"), "neutral"
    STARTED = "started", _("Started", "施工中"), "info"
    DONE = "done", _("Done", "已完工"), "good"


CAN_START = (Approval.APPROVED, Approval.NOT_NEEDED)
OFF = (Approval.DECLINED, Approval.DEFERRED)


def lines_here(person: Any) -> ColumnElement[bool]:
    """Lines of the orders of the person's store."""
    return within(OrderLine.order_id, ServiceOrder, orders_here)(person)


def own_lines(person: Any) -> ColumnElement[bool]:
    """Lines of an advisor's orders."""
    return within(OrderLine.order_id, ServiceOrder, own_orders)(person)


class OrderLine(Model):
    """A line of an order. Nobody starts what the customer has not approved."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "line_no"),
        claim(
            "work_is_approved", "work = 'open' OR approval IN ('approved', 'not_needed')",
            _("Nobody starts a line that the customer has not approved.", "未经客户确认的项目不能施工。"),
        ),
        claim("line_has_amount", "amount IS NOT NULL", _("A line has an amount.", "明细须有金额。")),
        claim("quantity_is_positive", "qty > 0", _("The quantity must be more than zero.", "数量必须大于零。")),
        claim("price_is_not_negative", "unit_price >= 0 AND amount >= 0", _("A price is not negative.", "价格不能为负。")),
        claim("done_has_time", "work <> 'done' OR done_at IS NOT NULL", _("Work that is done has its time.", "完工须有时间。")),
    )
    __resource__ = Resource(
        _("Order line", "工单明细"), _("Order lines", "工单明细"), name="order-lines", key=("order", "line_no"),
        title=("order", "line_no"), icon="list-check",
        group=_("Service", "维修服务"),
        columns=("order", "line_no", "kind", "description", "qty", "unit_price", "amount", "approval", "work"),
        search=("order.order_no", "code", "description"), filters=("order", "approval"),
        order=("-id",),
        rights=rights(
            agent=R, advisor=CRU | A, workshop=RU | A, supervisor=CRU | A | I | E, manager=CRU | A | I | E, admin=R | I | E, auditor=R | E,
            store=lines_here, own=own_lines,
        ),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey(ServiceOrder.id), index=True)
    order: Mapped[ServiceOrder] = link(_("Service order", "维修工单"), aliases=("工单号", "委托书号", "维修单号"), back_populates="lines")
    line_no: Mapped[Count] = field(_("Line no.", "行号"), aliases=("No.", "序号"))
    kind: Mapped[LineKind] = field(_("Kind", "类别"), default=LineKind.LABOR)
    code: Mapped[Number | None] = field(_("Code", "编码"), aliases=("项目编码", "配件编码"))
    description: Mapped[ShortText] = field(_("Description", "名称"), aliases=("项目名称", "配件名称"))
    qty: Mapped[Quantity] = field(_("Quantity", "数量"), aliases=("quantity", "工时", "已领数量"))
    unit_price: Mapped[Money] = field(_("Unit price", "单价"), aliases=("工时单价",))
    amount: Mapped[Money | None] = field(_("Amount", "金额"), locked=True, aliases=("工时金额", "配件金额"))
    payer: Mapped[Payer | None] = field(_("Payer", "收费性质"))
    approval: Mapped[Approval] = field(_("Approval", "客户确认"), default=Approval.PENDING, locked=True, index=True)
    work: Mapped[Work] = field(_("Work", "施工状态"), default=Work.OPEN, locked=True)
    started_at: Mapped[Moment | None] = field(_("Started", "开工时间"), locked=True)
    done_at: Mapped[Moment | None] = field(_("Done", "完工时间"), locked=True)
    extra_line_id: Mapped[int | None] = mapped_column(ForeignKey("extra_work_lines.id"), index=True)
    extra_line: Mapped[ExtraWorkLine | None] = link(_("From extra work", "来自增项"), locked=True, back_populates="order_lines")

    def before_save(self, *, is_new: bool) -> None:
        """Work out the amount; what the customer has approved stands, and extra work is asked for first."""
        settle_links(self, "order")
        self._fill_in()
        if self.from_history:
            return
        # An order that is written together with its lines has no status before that.
        if is_new and self.approval is Approval.PENDING and self.order.status not in (None, *NOT_AUTHORIZED):
            raise Refused(_("The repair is authorized already; ask for extra work instead.", "工单已开工，请改用增项申请。"), field="order")
        if not is_new and self.approval is Approval.APPROVED and changed(self, *PRICED) and not changed(self, "approval"):
            raise Refused(_("The customer has approved this line as it stands.", "客户已确认该项目，不能更改。"), field="qty")
        if not is_new and self.is_begun and self.archived_at is not None and changed(self, "archived_at"):
            raise Refused(_("Work has begun; the line stays.", "已开始施工，不能删除。"))

    def _fill_in(self) -> None:
        fill(self, payer=self.order.payer, work=Work.OPEN, approval=Approval.PENDING)
        if self.approval in {Approval.PENDING, Approval.NOT_NEEDED} and not self.from_history:
            self.approval = Approval.NOT_NEEDED if self.payer is Payer.INTERNAL else Approval.PENDING
        if not self.from_history or self.amount is None:
            self.amount = amount_of(self.qty, self.unit_price)

    @action(_("Start", "开工"), by=SHOP, bulk=True, icon="play", when=lambda line: line.work is Work.OPEN)
    def start(self) -> None:
        """Only what the customer has approved, only while the order is in repair."""
        if not self.may_start:
            raise Refused(_("The customer has not approved this line.", "该项目未经客户确认，不能开工。"), code="unapproved")
        self._refuse_outside_repair()
        if self.work is not Work.OPEN:
            raise Refused(_("The work has begun already.", "该项目已开工。"))
        self.work, self.started_at = Work.STARTED, clock.now()

    @action(_("Finish", "完工"), by=SHOP, bulk=True, tone="good", icon="check", when=lambda line: line.work is Work.STARTED)
    def finish(self) -> None:
        """The work is done; so is the extra work that it came from, once all its lines are."""
        if self.work is not Work.STARTED:
            raise Refused(_("The work has not begun, or is done already.", "该项目未开工或已完工。"))
        self._refuse_outside_repair()
        self.work, self.done_at = Work.DONE, clock.now()
        if self.extra_line is not None:
            self.extra_line.follow_work()

    def _refuse_outside_repair(self) -> None:
        if self.order.status not in IN_THE_WORKSHOP:
            raise Refused(_("The order is not in repair.", "该工单不在维修中。"), code="wrong_state")

    @property
    def may_start(self) -> bool:
        """Whether the customer wants it, or need not be asked."""
        return self.approval in CAN_START

    @property
    def is_unasked(self) -> bool:
        """Whether the customer's word is still missing."""
        return self.approval is Approval.PENDING

    @property
    def is_off(self) -> bool:
        """Whether the customer does not want it, or not now."""
        return self.approval in OFF

    @property
    def is_begun(self) -> bool:
        """Whether somebody has started it."""
        return self.work is not Work.OPEN

    @property
    def is_done(self) -> bool:
        """Whether it is finished."""
        return self.work is Work.DONE

    @property
    def billed(self) -> Decimal:
        """What it adds to the customer's bill, in CNY."""
        return (self.amount or Decimal("0.00")) if self.payer in BILLED else Decimal("0.00")


PRICED = ("qty", "unit_price", "payer", "description", "kind")


def amount_of(qty: Decimal, unit_price: Decimal) -> Decimal:
    """Quantity times price in CNY, rounded half up to the fen."""
    return (Decimal(qty) * Decimal(unit_price)).quantize(Decimal("0.01"), ROUND_HALF_UP)
