"""The outbox: what leaves the house, one record for each message and way, and how far it has come."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Choice, Count, Line, Model, Moment, Queue, Refused, Resource, ShortText, _, action, clock, column_of, field
from backoffice.declare.actions import WHOEVER
from backoffice.declare.journal import JOURNAL_RIGHTS
from backoffice.declare.messages import OCCASIONS

KEY_WIDTH = 255


class Way(Choice):
    """How a message leaves the house."""

    MAIL = "mail", _("E-mail", "电子邮件")
    DIGEST = "digest", _("Daily digest", "每日汇总邮件")
    WEBHOOK = "webhook", _("Webhook", "网络回调")


class SendState(Choice):
    """How far it has come."""

    WAITING = "waiting", _("Waits", "待发送"), "warn"
    SENDING = "sending", _("Being prepared", "准备中"), "info"
    HANDING = "handing", _("Being handed over", "交付中"), "info"
    SENT = "sent", _("Sent", "已发送"), "good"
    DROPPED = "dropped", _("Not needed any more", "无需发送"), "neutral"
    UNSURE = "unsure", _("May have arrived", "可能已送达"), "bad"
    FAILED = "failed", _("Failed", "发送失败"), "bad"


class Why(Choice):
    """Why it was not sent, so far or for good."""

    UNREACHABLE = "unreachable", _("The server does not answer", "服务器无响应")
    NOT_LET_IN = "not_let_in", _("The server does not let us in", "服务器拒绝登录")
    NOT_TRUSTED = "not_trusted", _("The certificate of the server cannot be verified", "无法验证服务器证书")
    REFUSED = "refused", _("The server refuses it", "服务器拒收")
    LATER = "later", _("The server asks to try later", "服务器要求稍后重试")
    BROKEN = "broken", _("The message cannot be made", "消息无法生成")
    KILLED = "killed", _("The program ended while the server took it", "服务器接收时程序中断")
    OVERTAKEN = "overtaken", _("It is not so any more", "情况已变化")
    READ = "read", _("Read in the inbox before", "已在收件箱中阅读")
    NO_ADDRESS = "no_address", _("The person has left, or has no address", "该人员已离职或没有邮箱地址")
    NOT_THEIRS = "not_theirs", _("The record is gone, or not the person's any more", "记录已不存在，或该人员已无权查看")


class _Named(Line):
    """An occasion, shown as people call it."""

    def show(self, value: Any) -> str:
        return str(OCCASIONS[value].label) if value in OCCASIONS else str(value)


Subject = Annotated[str, column_of(_Named(width=40))]
WRONG = (SendState.FAILED, SendState.UNSURE)


def went_wrong(_person: Any) -> ColumnElement[bool]:
    """What somebody has to look at."""
    return Outgoing.state.in_(WRONG)


class Outgoing(Model):
    """One message on one way out. ``event`` names it for good: the same is never sent twice.

    A worker takes it (``sending``, with its name as ``owner``), and only its taker goes on with it. ``handing`` is written right before
    the server may take it for delivered: who is found there after a crash may have arrived, and is not sent again by itself.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("(state IN ('sending', 'handing')) = (owner IS NOT NULL) OR state IN ('sent', 'unsure')", name="somebody_sends_it"),
        Index("ix_outbox_due", "way", "next_at", "id", sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'")),
    )
    __resource__ = Resource(
        _("Outgoing message", "外发消息"), _("Outbox", "发件箱"), name="outbox", key=("id",), small=True, rights=JOURNAL_RIGHTS["outbox"],
        importable=False, columns=("made_at", "who", "way", "occasion", "state", "why", "reply", "attempts"),
        filters=("state", "way"), order=("-id",), group=_("System", "系统"), icon="send",
        queues=(Queue("wrong", _("Messages that could not be sent", "未能发出的消息"), went_wrong, "bad"),),
    )

    event: Mapped[str] = mapped_column(String(KEY_WIDTH), unique=True)
    message_id: Mapped[int | None] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(index=True)
    owner: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[Moment] = field(_("Made", "产生时间"), default=clock.now, locked=True)
    who: Mapped[ShortText | None] = field(_("For whom", "收件人"), locked=True)
    way: Mapped[Way] = field(_("Way", "发送方式"), locked=True)
    occasion: Mapped[Subject | None] = field(_("Occasion", "事由"), locked=True)
    state: Mapped[SendState] = field(_("State", "状态"), default=SendState.WAITING, locked=True, index=True)
    attempts: Mapped[Count] = field(_("Attempts", "尝试次数"), default=0, locked=True)
    next_at: Mapped[Moment] = field(_("Next attempt", "下次尝试"), default=clock.now, locked=True)
    why: Mapped[Why | None] = field(_("Why not", "未发送原因"), locked=True)
    reply: Mapped[int | None] = field(_("Answer of the server", "服务器应答码"), locked=True)
    ended_at: Mapped[Moment | None] = field(_("Ended", "结束时间"), locked=True)

    @action(_("Try again", "重新发送"), by=WHOEVER, bulk=True, icon="arrow-clockwise", when=lambda one: one.state in WRONG,
            confirm=_("Send {count} messages again?", "重新发送 {count} 条消息？"))
    def send_again(self) -> None:
        """Send it as if for the first time. What may have arrived may then arrive twice, under the same Message-ID."""
        if self.state not in WRONG:
            raise Refused(_("Only what went wrong is sent again.", "只有发送失败的消息才能重新发送。"))
        self.state, self.attempts, self.next_at, self.why, self.reply, self.ended_at = SendState.WAITING, 0, clock.now(), None, None, None


OUTBOX: Table = Outgoing.__table__  # type: ignore[assignment]  # a declared class has a plain table
