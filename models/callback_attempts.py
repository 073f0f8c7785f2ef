"""Call attempts: every call of a callback, as it was made. Rows come from logging a call and stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Count, LongText, Model, Moment, Resource, ShortText, Timeline, _, concerns, field, link
from models.acting import keep
from models.recall import Outcome
from models.roles import E, I, R, Role, rights
from models.scopes import within
from models.staff import Staff

if TYPE_CHECKING:
    from models.callbacks import CallbackTask

FACTS = ("task", "task_id", "attempt_no", "at", "seconds", "caller", "caller_id", "number_masked", "outcome", "note", "praise", "criticism")


def of_callbacks_here(person: Any) -> ColumnElement[bool]:
    """Attempts of the callbacks of the person's store."""
    from models.callbacks import CallbackTask, callbacks_here  # noqa: PLC0415  # callbacks import this noun

    return within(CallAttempt.task_id, CallbackTask, callbacks_here)(person)


def of_own_callbacks(person: Any) -> ColumnElement[bool]:
    """Attempts about the person's own orders."""
    from models.callbacks import CallbackTask, own_callbacks  # noqa: PLC0415  # callbacks import this noun

    return within(CallAttempt.task_id, CallbackTask, own_callbacks)(person)


class CallAttempt(Model):
    """A call that was made: nobody rewrites it, and the number called stays masked."""

    __tablename__ = "callback_attempts"
    __table_args__ = (
        UniqueConstraint("task_id", "attempt_no"),
        CheckConstraint("attempt_no > 0", name="counts_from_one"),
    )
    __resource__ = Resource(
        _("Call attempt", "拨打记录"), _("Call attempts", "拨打记录"), name="callback-attempts", key=("task", "attempt_no"), icon="telephone",
        group=_("Callbacks", "回访"), columns=("task", "attempt_no", "at", "caller", "outcome", "seconds", "note"),
        search=("task.task_no", "note", "praise", "criticism"), filters=("outcome", "caller", "at"), order=("-at",),
        timeline=Timeline(
            of=("task.customer", "task.vehicle", "task.order"), at=("at",), shows=("outcome", "caller", "seconds", "note", "criticism", "praise"),
            label=_("Calls", "通话"),
        ),
        rights=rights(
            agent=R | E, advisor=R, supervisor=R | I | E, manager=R | I | E, admin=R | I | E, auditor=R | E,
            store=of_callbacks_here, own=of_own_callbacks, only_own=(Role.ADVISOR,),
        ),
    )

    task_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id"), index=True)
    task: Mapped[CallbackTask] = link(_("Callback", "回访"), aliases=("回访编号",), locked=True, back_populates="attempts", active_history=True)
    attempt_no: Mapped[Count] = field(_("Attempt", "拨打次序"), locked=True)
    at: Mapped[Moment] = field(_("Called at", "打电话时间"), locked=True, index=True)
    seconds: Mapped[Count | None] = field(_("Length (seconds)", "通话时长（秒）"), locked=True)
    caller_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    caller: Mapped[Staff | None] = link(_("Caller", "回访员"), locked=True, active_history=True)
    number_masked: Mapped[ShortText | None] = field(_("Number called", "拨打号码"), locked=True)
    outcome: Mapped[Outcome] = field(_("Outcome", "通话结果"), locked=True, index=True)
    note: Mapped[LongText | None] = field(_("Note", "通话记录"), locked=True)
    praise: Mapped[LongText | None] = field(_("Praise, word for word", "表扬（原话）"), locked=True)
    criticism: Mapped[LongText | None] = field(_("Criticism, word for word", "批评（原话）"), locked=True)

    @concerns(*FACTS, new=False, history=False)
    def before_save(self, *, is_new: bool) -> None:
        """A call that was made is not rewritten."""
        if not is_new:
            keep(self, *FACTS, why=_("A call that was made is not rewritten. Log another one.", "已完成的通话记录不得修改，请另行记录。"))
