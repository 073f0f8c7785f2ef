"""Customer notices: what the customer of a complaint was told at each step, when, how and by whom, and the answer (ISO 10002; domain.md 1.10, 1.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, LongText, Model, Moment, Number, Refused, Resource, Timeline, _, action, concerns, field, link
from backoffice.declare.fields import listed
from models.acting import keep
from models.roles import A, E, I, R, Role, rights
from models.scopes import within
from models.staff import Staff

if TYPE_CHECKING:
    from models.complaints import Complaint
    from models.roles import Scope

FACTS = (
    "complaint", "complaint_id", "step", "told_at", "means", "told_by", "told_by_id", "words", "answer",
)


class NoticeStep(Choice):
    """The steps at which a customer hears from us: those of ISO 10002, and that a higher level is asked (S2)."""

    ACKNOWLEDGED = "acknowledged", _("Acknowledgment", "受理告知"), "info"
    PROGRESS = "progress", _("Progress", "进展告知"), "neutral"
    RAISED = "raised", _("Higher level asked", "请示上级告知"), "warn"
    DECISION = "decision", _("Decision", "处理决定告知"), "info"
    FOLLOW_UP = "follow_up", _("Follow-up call", "回访告知"), "good"
    CLOSED = "closed", _("Closing", "结案告知"), "good"


class Means(Choice):
    """How the customer was told."""

    PHONE = "phone", _("Call", "电话")
    SMS = "sms", _("Text message", "短信")
    WECHAT = "wechat", _("WeChat", "微信")
    LETTER = "letter", _("Letter", "信函")
    IN_PERSON = "in_person", _("In person", "当面")
    EMAIL = "email", _("E-mail", "电子邮件")


def _as_complaint(scope: str) -> Scope:
    """Notices of the complaints of one of the scopes of complaints."""

    def rows(person: Any) -> ColumnElement[bool]:
        from models import complaints  # noqa: PLC0415  # complaints import their notices

        return within(CustomerNotice.complaint_id, complaints.Complaint, getattr(complaints, scope))(person)

    return rows


class CustomerNotice(Model):
    """Words that reached the customer: made by the complaint's actions, never rewritten; the answer may come later, once."""

    __tablename__ = "customer_notices"
    __table_args__ = listed("customer_notices", "step", "means", "told_by_id", by="told_at")
    __resource__ = Resource(
        _("Customer notice", "客户告知"), _("Customer notices", "客户告知"), name="customer-notices", key=("notice_no",), icon="chat-left-text", lasting=True,
        group=_("Complaints", "投诉"), columns=("notice_no", "complaint", "step", "told_at", "means", "told_by", "words", "answer"),
        search=("notice_no", "complaint.complaint_no", "words", "answer"), filters=("step", "means", "told_by", "told_at"), order=("-told_at",),
        timeline=Timeline(
            of=("complaint.customer", "complaint.vehicle", "complaint.order"), at=("told_at",),
            shows=("step", "complaint", "means", "told_by", "words", "answer"),
        ),
        rights=rights(
            agent=R | A, advisor=R | A, workshop=R, supervisor=R | A | I | E, manager=R | A | I | E, admin=R | I | E, auditor=R | E,
            store=_as_complaint("complaints_here"), own=_as_complaint("own_complaints"), only_own=(Role.WORKSHOP,),
            change={
                Role.AGENT: _as_complaint("handled_here"), Role.ADVISOR: _as_complaint("handled_by_owner"),
                Role.SUPERVISOR: _as_complaint("handled_here"),
            },
        ),
    )

    notice_no: Mapped[Number] = field(_("Notice no.", "告知编号"), unique=True, numbered="GZ")
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    complaint: Mapped[Complaint] = link(_("Complaint", "投诉"), aliases=("投诉编号",), locked=True, back_populates="notices", active_history=True)
    step: Mapped[NoticeStep] = field(_("Step", "告知环节"), locked=True)
    told_at: Mapped[Moment] = field(_("Told at", "告知时间"), locked=True)
    means: Mapped[Means] = field(_("How", "告知方式"), locked=True)
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id))
    told_by: Mapped[Staff | None] = link(_("Told by", "告知人"), locked=True, active_history=True)
    words: Mapped[LongText] = field(_("What was said", "告知内容"), locked=True)
    answer: Mapped[LongText | None] = field(_("What the customer answered", "客户答复"), locked=True)

    @concerns(*FACTS, new=False, history=False)
    def before_save(self, *, is_new: bool) -> None:
        """What was said stays said."""
        if not is_new:
            keep(self, *FACTS, why=_("What the customer was told is not rewritten. Log another notice.", "客户告知不得修改，请另行登记。"))

    @action(
        _("Add the customer's answer", "补记客户答复"), by=(Role.AGENT, Role.ADVISOR, Role.SUPERVISOR, Role.MANAGER), icon="reply",
        when=lambda notice: notice.answer is None,
    )
    def record_answer(self, *, answer: LongText) -> None:
        """What came back later, to a letter or a text message, say."""
        self.complaint.must_handle()
        if self.answer is not None:
            raise Refused(_("The answer is written down already.", "客户答复已登记。"), code="immutable")
        self.answer = answer
