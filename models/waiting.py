"""What waits for somebody: the queues that home shows (domain.md 2.4, 3.5, 3.9).

Each is a condition for the person; the person's rights narrow it to the rows that are theirs.
The nouns are imported inside, because their files import this one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, true

from backoffice.declare import Queue, _, clock
from models.roles import Role

CALLING = (Role.AGENT, Role.SUPERVISOR, Role.MANAGER)
HEADS = (Role.SUPERVISOR, Role.MANAGER)
AT_RISK_WITHIN = timedelta(hours=24)


def calls_due(person: Any) -> ColumnElement[bool]:
    """Callbacks whose time has come, given to the person or to nobody, and not held by a colleague; heads see them all."""
    from models.callbacks import CALLABLE, CallbackTask  # noqa: PLC0415  # a cycle, as said above

    now = clock.now()
    free = or_(CallbackTask.claimed_until.is_(None), CallbackTask.claimed_until <= now, CallbackTask.claimed_by_id == person.id)
    mine = true() if person.role in HEADS else or_(CallbackTask.assignee_id.is_(None), CallbackTask.assignee_id == person.id)
    return and_(CallbackTask.status.in_(CALLABLE), func.coalesce(CallbackTask.next_attempt_at, CallbackTask.due_at) <= now, free, mine)


def estimates_awaited(person: Any) -> ColumnElement[bool]:
    """Orders whose estimate the customer has not agreed to; an advisor's own orders."""
    from models.order_states import OrderStatus  # noqa: PLC0415  # a cycle, as said above
    from models.orders import ServiceOrder, own_orders  # noqa: PLC0415  # a cycle, as said above

    mine = own_orders(person) if person.role is Role.ADVISOR else true()
    return and_(ServiceOrder.status == OrderStatus.ESTIMATED, mine)


def answers_awaited(person: Any) -> ColumnElement[bool]:
    """Extra work that was sent and that the customer has not decided; an advisor's own orders."""
    from models.extra_work import OPEN, ExtraWorkRequest  # noqa: PLC0415  # a cycle, as said above
    from models.orders import own_orders  # noqa: PLC0415  # a cycle, as said above

    mine = ExtraWorkRequest.order.has(own_orders(person)) if person.role is Role.ADVISOR else true()
    return and_(ExtraWorkRequest.status.in_(OPEN), mine)


def requests_to_send(person: Any) -> ColumnElement[bool]:
    """Extra work that was found and not sent yet; an advisor's own orders."""
    from models.extra_work import ExtraWorkRequest, RequestStatus  # noqa: PLC0415  # a cycle, as said above
    from models.orders import own_orders  # noqa: PLC0415  # a cycle, as said above

    mine = ExtraWorkRequest.order.has(own_orders(person)) if person.role is Role.ADVISOR else true()
    return and_(ExtraWorkRequest.status == RequestStatus.DRAFT, mine)


def complaints_at_risk(person: Any) -> ColumnElement[bool]:
    """Open complaints of the person (for heads: of everybody) of which a limit is missed or ends within a day."""
    from models.complaint_states import OPEN  # noqa: PLC0415  # a cycle, as said above
    from models.complaints import Complaint  # noqa: PLC0415  # a cycle, as said above

    soon = clock.now() + AT_RISK_WITHIN
    mine = true() if person.role in HEADS else or_(Complaint.owner_id == person.id, Complaint.first_owner_id == person.id)
    return and_(Complaint.status.in_(OPEN), or_(Complaint.level_due_at <= soon, Complaint.overall_due_at <= soon), mine)


def complaints_owned(person: Any) -> ColumnElement[bool]:
    """Open complaints that the person owns and that are in time."""
    from models.complaint_states import OPEN  # noqa: PLC0415  # a cycle, as said above
    from models.complaints import Complaint  # noqa: PLC0415  # a cycle, as said above

    soon = clock.now() + AT_RISK_WITHIN
    calm = and_(func.coalesce(Complaint.level_due_at > soon, true()), func.coalesce(Complaint.overall_due_at > soon, true()))
    return and_(Complaint.status.in_(OPEN), Complaint.owner_id == person.id, calm)


def approvals(person: Any) -> ColumnElement[bool]:
    """Compensations that the person may decide: of a level within the person's authority, and never an own proposal."""
    from models.compensations import Compensation, CompensationStatus  # noqa: PLC0415  # a cycle, as said above
    from models.escalation_levels import EscalationLevel  # noqa: PLC0415  # a cycle, as said above

    decided_by_others = or_(
        Compensation.status == CompensationStatus.PENDING,
        and_(Compensation.status == CompensationStatus.SECOND, Compensation.approved_by_id != person.id),
    )
    mine = Compensation.required_level.has(EscalationLevel.authority <= person.level)
    return and_(decided_by_others, mine, func.coalesce(Compensation.proposed_by_id != person.id, true()))


def issues_unsolved(person: Any) -> ColumnElement[bool]:
    """Issues from callbacks that the person owns; heads see also those that nobody owns."""
    from models.callback_issues import UNSOLVED, CallbackIssue  # noqa: PLC0415  # a cycle, as said above

    nobodys = CallbackIssue.owner_id.is_(None) if person.role in HEADS else false()
    return and_(CallbackIssue.status.in_(UNSOLVED), or_(CallbackIssue.owner_id == person.id, nobodys))


def todos_open(person: Any) -> ColumnElement[bool]:
    """To-dos of the person, and those of the person's role that nobody has taken."""
    from models.todos import Todo, TodoStatus  # noqa: PLC0415  # a cycle, as said above

    return and_(Todo.status == TodoStatus.OPEN, or_(Todo.person_id == person.id, and_(Todo.person_id.is_(None), Todo.role == person.role)))


CALLBACKS = (
    Queue("due", _("Callbacks to make now", "现在该回访的客户"), calls_due, "warn", roles=CALLING, order=("due_at",),
          shows=("customer", "due_at", "vehicle")),
)
ISSUES = (Queue("unsolved", _("Callback issues to solve", "待解决的回访问题"), issues_unsolved, "warn", roles=CALLING, order=("due_at",)),)
ORDERS = (
    Queue("waiting", _("Estimates: the customer has to answer", "等待客户确认的估价"), estimates_awaited, "warn",
          roles=(Role.ADVISOR, *HEADS), order=("promised_at",), shows=("customer", "promised_at", "vehicle")),
)
EXTRA_WORK = (
    Queue("waiting", _("Extra work: the customer has to answer", "等待客户确认的增项"), answers_awaited, "warn",
          roles=(Role.ADVISOR, *HEADS), order=("expires_at",)),
    Queue("draft", _("Extra work to send", "待发送的增项"), requests_to_send, "info", roles=(Role.ADVISOR,), order=("created_at",)),
)
COMPLAINT = ("customer", "level_due_at", "category")
COMPLAINTS = (
    Queue("at-risk", _("Complaints at risk", "即将超时或已超时的投诉"), complaints_at_risk, "bad",
          roles=(Role.AGENT, Role.ADVISOR, *HEADS), order=("level_due_at",), shows=COMPLAINT),
    Queue("mine", _("My other complaints", "我负责的其他投诉"), complaints_owned, "info", order=("level_due_at",), shows=COMPLAINT),
)
COMPENSATIONS = (Queue("approve", _("Compensations to decide", "待我审批的补偿"), approvals, "warn", roles=HEADS, order=("proposed_at",)),)
TODOS = (Queue("open", _("To do", "我的待办"), todos_open, "info", order=("due_at",)),)
