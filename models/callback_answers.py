"""Answers: what the customer said to each question of a callback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Flag, LongText, Model, Resource, ShortText, Whole, _, column_of, field, link
from models.callback_codes import CallbackCode
from models.roles import CRU, E, I, R, Role, rights
from models.scopes import within

if TYPE_CHECKING:
    from models.callbacks import CallbackTask

Score = Annotated[int, column_of(Whole(least=1, most=10))]


def of_callbacks_here(person: Any) -> ColumnElement[bool]:
    """Answers of the callbacks of the person's store."""
    from models.callbacks import CallbackTask, callbacks_here  # noqa: PLC0415  # callbacks import this noun

    return within(Answer.task_id, CallbackTask, callbacks_here)(person)


def of_own_callbacks(person: Any) -> ColumnElement[bool]:
    """Answers about the person's own orders."""
    from models.callbacks import CallbackTask, own_callbacks  # noqa: PLC0415  # callbacks import this noun

    return within(Answer.task_id, CallbackTask, own_callbacks)(person)


class Answer(Model):
    """One answer a question and callback: a score, yes or no, or words."""

    __tablename__ = "callback_answers"
    __table_args__ = (
        UniqueConstraint("task_id", "question"),
        CheckConstraint("score IS NOT NULL OR yes_no IS NOT NULL OR text IS NOT NULL OR from_history", name="something_was_answered"),
        CheckConstraint("score BETWEEN 1 AND 10", name="score_is_1_to_10"),
    )
    __resource__ = Resource(
        _("Answer", "回访答案"), _("Answers", "回访答案"), name="callback-answers", key=("task", "question"), icon="chat-left-text",
        group=_("Callbacks", "回访"), columns=("task", "question", "score", "yes_no", "text", "code"), search=("task.task_no", "question", "text"),
        filters=("code", "score"), order=("-id",),
        rights=rights(
            agent=CRU | E, advisor=R, supervisor=CRU | I | E, manager=CRU | I | E, admin=R | I | E, auditor=R | E,
            store=of_callbacks_here, own=of_own_callbacks, only_own=(Role.ADVISOR,),
        ),
    )

    task_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id"), index=True)
    task: Mapped[CallbackTask] = link(_("Callback", "回访"), aliases=("回访编号",), back_populates="answers")
    question: Mapped[ShortText] = field(_("Question", "问题"))
    score: Mapped[Score | None] = field(_("Score (1–10)", "评分（1–10）"), index=True)
    yes_no: Mapped[Flag | None] = field(_("Yes or no", "是/否"))
    text: Mapped[LongText | None] = field(_("Answer in words", "文字回答"))
    code_id: Mapped[int | None] = mapped_column(ForeignKey(CallbackCode.id), index=True)
    code: Mapped[CallbackCode | None] = link(_("Issue code", "问题代码"))
