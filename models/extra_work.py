"""Extra work: what the workshop found, asked of the customer line by line (domain.md 2.3, 3.3)."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Choice,
    Count,
    LongText,
    Model,
    Moment,
    Money,
    Number,
    Refused,
    Resource,
    Timeline,
    _,
    children,
    clock,
    concerns,
    field,
    link,
    transition,
)
from models import beware, waiting
from models.acting import fill, me
from models.changes import changed, settle_links
from models.claims import claim
from models.order_rules import approved_total, await_answer, go_on
from models.order_states import MAY_ADD_WORK
from models.orders import FRONT, ServiceOrder, orders_here, own_orders
from models.roles import CRU, A, E, I, R, Role, rights
from models.scopes import within
from models.staff import Staff

if TYPE_CHECKING:
    from models.extra_work_lines import ExtraWorkLine


class RequestStatus(Choice):
    """How far the question to the customer is."""

    DRAFT = "draft", _("Draft", "草稿"), "neutral"
    SENT = "sent", _("Sent", "已发送"), "warn"
    PARTIALLY_DECIDED = "partially_decided", _("Partly decided", "部分已确认"), "warn"
    DECIDED = "decided", _("Decided", "已确认"), "good"
    EXPIRED = "expired", _("Expired", "已过期"), "bad"
    WITHDRAWN = "withdrawn", _("Withdrawn", "已撤回"), "neutral"
    SUPERSEDED = "superseded", _("Superseded", "已被新版本取代"), "neutral"


OPEN = (RequestStatus.SENT, RequestStatus.PARTIALLY_DECIDED)
CONTENT = ("order", "found_by", "cause", "new_promised_at")
ANSWER_WITHIN = timedelta(hours=24)


def requests_here(person: Any) -> ColumnElement[bool]:
    """Requests for the orders of the person's store."""
    return within(ExtraWorkRequest.order_id, ServiceOrder, orders_here)(person)


def own_requests(person: Any) -> ColumnElement[bool]:
    """Requests for an advisor's orders."""
    return within(ExtraWorkRequest.order_id, ServiceOrder, own_orders)(person)


class ExtraWorkRequest(Model):
    """A question to the customer. Once sent it stands as it is; a change makes a new revision."""

    __tablename__ = "extra_work"
    __table_args__ = (
        claim("revision_counts_from_1", "revision >= 1", _("Revisions count from 1.", "版本从 1 开始。")),
        claim(
            "sent_has_time_and_total",
            "status IN ('draft', 'withdrawn') OR (sent_at IS NOT NULL AND expires_at IS NOT NULL AND revised_total IS NOT NULL)",
            _("What was sent has its time, its end and its total.", "已发送的增项须有发送时间、答复期限和总额。"),
        ),
    )
    __resource__ = Resource(
        _("Extra work", "增项申请"), _("Extra work", "增项申请"), name="extra-work", key=("request_no",), linked_as="request_no", icon="patch-question",
        group=_("Service", "维修服务"),
        columns=("request_no", "order", "revision", "status", "sent_at", "expires_at", "revised_total"),
        search=("request_no", "order.order_no", "cause"),
        filters=("status", "order", "found_by", "sent_at"), order=("-id",),
        queues=waiting.EXTRA_WORK, contact=("order.customer.phone",),
        alerts=beware.EXTRA_WORK,
        timeline=Timeline(
            of=("order.customer", "order.vehicle", "order"), at=("sent_at", "created_at"), shows=("status", "order", "revised_total", "cause"),
        ),
        rights=rights(
            agent=R, advisor=CRU | A, workshop=CRU, supervisor=CRU | A | E, manager=CRU | A | E, admin=R | I | E, auditor=R | E,
            store=requests_here, own=own_requests, hidden={Role.WORKSHOP: ("revised_total",)},
        ),
    )

    request_no: Mapped[Number] = field(_("Request no.", "增项单号"), unique=True, numbered="ZX")
    order_id: Mapped[int] = mapped_column(ForeignKey(ServiceOrder.id), index=True)
    order: Mapped[ServiceOrder] = link(_("Service order", "维修工单"), aliases=("工单号", "委托书号", "维修单号"), back_populates="extra_work")
    revision: Mapped[Count] = field(_("Revision", "版本"), default=1, locked=True)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("extra_work.id"), index=True)
    supersedes: Mapped[ExtraWorkRequest | None] = link(_("Supersedes", "取代"), locked=True, remote_side="ExtraWorkRequest.id", post_update=True)
    status: Mapped[RequestStatus] = field(_("Status", "状态"), default=RequestStatus.DRAFT, locked=True, index=True, waiting=OPEN)
    found_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    found_by: Mapped[Staff | None] = link(_("Found by", "发现人"))
    cause: Mapped[LongText] = field(_("What was found", "增项原因"))
    new_promised_at: Mapped[Moment | None] = field(_("New promised time", "新的预计交车时间"))
    sent_at: Mapped[Moment | None] = field(_("Sent", "发送时间"), locked=True, index=True)
    expires_at: Mapped[Moment | None] = field(_("Answer until", "答复期限"), locked=True)
    decided_at: Mapped[Moment | None] = field(_("Decided", "确认时间"), locked=True)
    revised_total: Mapped[Money | None] = field(_("Revised total", "增项后总额"), locked=True)

    lines: Mapped[list[ExtraWorkLine]] = children(_("Extra work lines", "增项明细"), back="request", order_by="ExtraWorkLine.line_no")

    @concerns(*CONTENT, "archived_at", history=False)
    def before_save(self, *, is_new: bool) -> None:
        """What was sent stands as it is."""
        settle_links(self, "order", "found_by")
        if is_new and not self.from_history:
            fill(self, found_by=me())
        if not is_new and not self.from_history and self.status is not RequestStatus.DRAFT and changed(self, *CONTENT, "archived_at"):
            self.refuse_edit()

    def refuse_edit(self) -> None:
        """A sent request is changed by a new revision."""
        raise Refused(_("This was sent to the customer; make a new revision to change it.", "增项已发送客户，请修订为新版本后再改。"), code="sent")

    @transition(
        _("Send to the customer", "发送客户"), RequestStatus.DRAFT, to=RequestStatus.SENT, by=FRONT, icon="send",
        labels={"expires_at": _("Answer until (empty: the promised time or 24 hours)", "答复期限（不填为预计交车时间或24小时）")},
    )
    def send(self, *, expires_at: Moment | None = None) -> None:
        """Every line has its price; the order in repair waits for the answer."""
        self._refuse_unpriced()
        if self.order.status not in MAY_ADD_WORK:
            why = _("Extra work is asked for between authorization and the end of the checks.", "只能在授权之后、质检结束之前申请增项。")
            raise Refused(why, code="wrong_state")
        self.sent_at, self.expires_at = clock.now(), self._end(expires_at)
        self.revised_total = approved_total(self.order) + sum((line.billed for line in self.live_lines), Decimal("0.00"))
        await_answer(self.order)

    def _refuse_unpriced(self) -> None:
        if not self.live_lines:
            raise Refused(_("Add at least one line.", "请至少添加一行增项。"))
        if unpriced := [str(line.line_no) for line in self.live_lines if line.amount is None]:
            raise Refused(_("Line {numbers} has no price yet.", "第 {numbers} 行尚无价格。", numbers=", ".join(unpriced)))

    def _end(self, expires_at: Moment | None) -> Moment:
        """When the question lapses: as asked, else at the promised time, else after 24 hours (domain.md 2.3)."""
        now = clock.now()
        if expires_at is not None and expires_at <= now:
            raise Refused(_("The end must lie ahead.", "答复期限须晚于现在。"), field="expires_at")
        promised = self.order.promised_at
        return expires_at or (promised if promised is not None and promised > now else now + ANSWER_WITHIN)

    @transition(_("Revise", "修订"), *OPEN, to=RequestStatus.SUPERSEDED, by=FRONT, icon="pencil-square")
    def revise(self) -> ExtraWorkRequest:
        """A new draft with the lines that are still open; the old ones cannot be answered any more."""
        base = re.sub(r"-R\d+$", "", self.request_no)
        draft = ExtraWorkRequest(
            request_no=f"{base}-R{self.revision + 1}", order=self.order, revision=self.revision + 1, supersedes=self,
            found_by=self.found_by,
            cause=self.cause, new_promised_at=self.new_promised_at,
        )
        self.session.add(draft)
        for line in self.waiting_lines:
            self.session.add(line.copy_to(draft))
            line.void()
        self._leave(RequestStatus.SUPERSEDED)
        return draft

    @transition(_("Withdraw", "撤回"), RequestStatus.DRAFT, *OPEN, to=RequestStatus.WITHDRAWN, by=FRONT, tone="warn")
    def withdraw(self) -> None:
        """The question is not asked any more."""
        for line in self.waiting_lines:
            line.void()
        self._leave(RequestStatus.WITHDRAWN)

    @transition(_("Mark as expired", "标记过期"), *OPEN, to=RequestStatus.EXPIRED, by=FRONT, tone="warn", bulk=True)
    def expire(self) -> None:
        """No answer came in time: what is still open is deferred, and followed up."""
        if self.expires_at is not None and self.expires_at > clock.now():
            raise Refused(_("The customer may still answer.", "尚未到答复期限。"))
        for line in self.waiting_lines:
            line.lapse()
        self._leave(RequestStatus.EXPIRED)

    def give_up(self) -> None:
        """Withdraw whatever of it is not answered yet, as the order is cancelled."""
        if self.status is RequestStatus.DRAFT or self.is_open:
            self.withdraw()

    def follow_answers(self) -> None:
        """After each answer: partly decided, or decided and the order goes on."""
        if not self.is_open:
            return
        if self.waiting_lines:
            self.status = RequestStatus.PARTIALLY_DECIDED
            return
        self.decided_at = clock.now()
        if self.new_promised_at is not None and any(line.is_approved for line in self.live_lines):
            self.order.promised_at = self.new_promised_at
        self._leave(RequestStatus.DECIDED)

    def _leave(self, status: RequestStatus) -> None:
        """End the question, and let the order go on."""
        self.status = status
        go_on(self.order)

    @property
    def is_draft(self) -> bool:
        """Whether it may still be written."""
        return self.status in {None, RequestStatus.DRAFT}

    @property
    def is_open(self) -> bool:
        """Whether the customer's answer is awaited."""
        return self.status in OPEN and self.archived_at is None

    @property
    def live_lines(self) -> list[ExtraWorkLine]:
        """The lines that are not archived."""
        return [line for line in self.lines if line.archived_at is None]

    @property
    def waiting_lines(self) -> list[ExtraWorkLine]:
        """The lines without an answer."""
        return [line for line in self.live_lines if line.is_waiting]
