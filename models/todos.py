"""To-dos: what somebody, or anybody of a role at a store, has to do next."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, and_
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Choice,
    LongText,
    Model,
    Moment,
    Name,
    Number,
    Refused,
    Resource,
    ShortText,
    _,
    action,
    clock,
    concerns,
    field,
    link,
    transition,
)
from models import waiting
from models.acting import fill, me
from models.roles import CRU, A, E, R, Role, rights
from models.scopes import of_person, of_store
from models.staff import Staff
from models.stores import Store

EVERYBODY = (Role.AGENT, Role.ADVISOR, Role.WORKSHOP, Role.SUPERVISOR, Role.MANAGER)


class TodoStatus(Choice):
    """Whether it still has to be done."""

    OPEN = "open", _("Open", "待办"), "warn", ("未完成",)
    DONE = "done", _("Done", "已完成"), "good"
    DROPPED = "dropped", _("Dropped", "已取消"), "neutral", ("作废",)


def todos_here(person: Any) -> ColumnElement[bool]:
    """To-dos of the person's store, and those of the person at any store."""
    return of_person(Todo.person_id)(person) | of_store(Todo.store_id)(person)


def own_todos(person: Any) -> ColumnElement[bool]:
    """To-dos of the person, those that the person made, and those of the person's role at the store."""
    of_role = and_(Todo.role == person.role, Todo.person_id.is_(None), of_store(Todo.store_id)(person))
    return of_person(Todo.person_id)(person) | of_person(Todo.made_by_id)(person) | of_role


class Todo(Model):
    """Belongs to a person, or to a role until somebody takes it; it names the record that it is about as text."""

    __tablename__ = "todos"
    __table_args__ = (
        CheckConstraint("person_id IS NOT NULL OR role IS NOT NULL", name="somebody_has_to_do_it"),
        CheckConstraint("(status = 'open') = (ended_at IS NULL) OR from_history", name="ended_has_time"),
        CheckConstraint("record_key IS NULL OR resource IS NOT NULL", name="record_has_a_noun"),
    )
    __resource__ = Resource(
        _("To-do", "待办事项"), _("To-dos", "待办事项"), name="todos", key=("todo_no",), title=("title",), icon="check2-square",
        group=_("To-dos", "待办"), columns=("todo_no", "title", "person", "role", "store", "due_at", "status"),
        search=("todo_no", "title", "record_key"), filters=("status", "person", "role", "store", "due_at"), order=("due_at",),
        queues=waiting.TODOS,
        rights=rights(
            agent=CRU | A, advisor=CRU | A, workshop=CRU | A, supervisor=CRU | A | E, manager=CRU | A | E, admin=R | E, auditor=R | E,
            store=todos_here, own=own_todos, only_own=(Role.AGENT, Role.ADVISOR, Role.WORKSHOP),
        ),
    )

    todo_no: Mapped[Number] = field(_("To-do no.", "待办编号"), unique=True, numbered="DB")
    title: Mapped[ShortText] = field(_("What to do", "待办内容"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    person: Mapped[Staff | None] = link(_("Person", "负责人"), foreign_keys=[person_id])
    role: Mapped[Role | None] = field(_("Role", "负责岗位"), index=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey(Store.id), index=True)
    store: Mapped[Store | None] = link(_("Store", "门店"), aliases=("dealer_code", "经销商代码"))
    due_at: Mapped[Moment | None] = field(_("Due", "截止时间"), index=True)
    status: Mapped[TodoStatus] = field(_("Status", "状态"), default=TodoStatus.OPEN, locked=True, index=True, waiting=(TodoStatus.OPEN,))
    resource: Mapped[Name | None] = field(_("Noun of the record", "相关记录类型"), help=_("Its address, such as complaints.", "资源地址，如 complaints。"))
    record_key: Mapped[ShortText | None] = field(_("Number of the record", "相关记录编号"), index=True)
    note: Mapped[LongText | None] = field(_("Note", "说明"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    made_by: Mapped[Staff | None] = link(_("Made by", "创建人"), locked=True, foreign_keys=[made_by_id])
    ended_at: Mapped[Moment | None] = field(_("Ended", "结束时间"), locked=True)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id), index=True)
    ended_by: Mapped[Staff | None] = link(_("Ended by", "结束人"), locked=True, foreign_keys=[ended_by_id])
    result: Mapped[LongText | None] = field(_("Result", "结果"), locked=True)

    @concerns("person", "role")
    def before_save(self, *, is_new: bool) -> None:
        """Remember who made it; somebody has to do it."""
        if is_new and not self.from_history:
            fill(self, made_by=me())
        if self.person is None and self.person_id is None and self.role is None:
            raise Refused(_("Name a person or a role.", "请指定负责人或岗位。"), field="person")

    @transition(_("Done", "完成"), TodoStatus.OPEN, to=TodoStatus.DONE, by=EVERYBODY, bulk=True, tone="good", icon="check")
    def done(self, *, result: LongText | None = None) -> None:
        """It has been done."""
        self._end(result)

    @transition(
        _("Drop", "取消待办"), TodoStatus.OPEN, to=TodoStatus.DROPPED, by=EVERYBODY, bulk=True, tone="warn", icon="x", labels={"reason": _("Reason", "原因")},
    )
    def drop(self, *, reason: LongText) -> None:
        """It need not be done; the reason stays."""
        self._end(reason)

    @action(
        _("Reassign", "转交"), by=EVERYBODY, bulk=True, icon="arrow-left-right", when=lambda todo: todo.status is TodoStatus.OPEN,
    )
    def reassign(self, *, person: Staff | None = None, role: Role | None = None, due_at: Moment | None = None) -> None:
        """Somebody else does it; a role without a person means anybody of that role."""
        if self.status is not TodoStatus.OPEN:
            raise Refused(_("Only an open to-do changes hands.", "只有未完成的待办可以转交。"), code="wrong_state")
        if person is None and role is None:
            raise Refused(_("Name a person or a role.", "请指定负责人或岗位。"), field="person")
        if person is not None and not person.active:
            raise Refused(_("{person} no longer works here.", "{person}已离职。", person=person), field="person")
        self.person, self.role = person, role
        self.due_at = due_at or self.due_at

    def _end(self, words: str | None) -> None:
        self.result, self.ended_at, self.ended_by = words, clock.now(), me()
