from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from backoffice.declare import clock
from backoffice.declare.people import acting
from models import waiting
from models.callbacks import CallbackTask
from models.compensations import Compensation, CompensationStatus
from models.complaints import Complaint
from models.extra_work import ExtraWorkRequest
from models.roles import Role
from models.todos import Todo
from tests.factories import (
    make_codes,
    make_compensation,
    make_complaint,
    make_levels,
    make_sent_request,
    make_staff,
    make_store,
    make_task,
    make_todo,
)


@pytest.fixture
def store(session):
    make_levels(session)
    make_codes(session)
    return make_store(session)


def waits(session, model, where, person):
    return list(session.scalars(select(model).where(where(person)).order_by(model.id)))


def test_a_call_waits_for_its_caller_or_anybody_once_its_time_has_come(session, store):
    now = clock.now()
    caller, other = (make_staff(session, role=Role.AGENT, store=store) for _ in range(2))
    head = make_staff(session, role=Role.SUPERVISOR, store=store)
    due = {"due_at": now - timedelta(hours=1), "hard_due_at": now + timedelta(days=2)}
    mine, free = make_task(session, assignee=caller, **due), make_task(session, **due)
    later = make_task(session, due_at=now + timedelta(hours=1), hard_due_at=now + timedelta(days=2))

    assert waits(session, CallbackTask, waiting.calls_due, caller) == [mine, free]
    assert waits(session, CallbackTask, waiting.calls_due, other) == [free]
    assert waits(session, CallbackTask, waiting.calls_due, head) == [mine, free]
    assert later not in waits(session, CallbackTask, waiting.calls_due, head)


def test_a_call_that_a_colleague_holds_waits_for_nobody_else(session, store):
    now = clock.now()
    holder, other = (make_staff(session, role=Role.AGENT, store=store) for _ in range(2))
    task = make_task(session, due_at=now - timedelta(hours=1), hard_due_at=now + timedelta(days=2), store=store)
    with acting(holder):
        task.claim()
    session.flush()

    assert waits(session, CallbackTask, waiting.calls_due, holder) == [task]
    assert waits(session, CallbackTask, waiting.calls_due, other) == []


def test_a_complaint_is_at_risk_for_its_owner_and_the_heads_within_a_day_of_its_limit(session, store):
    owner, other = (make_staff(session, role=Role.AGENT, store=store) for _ in range(2))
    head = make_staff(session, role=Role.MANAGER, store=store)
    with acting(owner):
        complaint = make_complaint(session, store=store)
    complaint.level_due_at = complaint.overall_due_at = clock.now() + timedelta(days=3)
    session.flush()

    assert waits(session, Complaint, waiting.complaints_at_risk, owner) == []
    assert waits(session, Complaint, waiting.complaints_owned, owner) == [complaint]

    complaint.level_due_at = clock.now() + timedelta(hours=23)
    session.flush()

    assert waits(session, Complaint, waiting.complaints_at_risk, owner) == [complaint]
    assert waits(session, Complaint, waiting.complaints_at_risk, head) == [complaint]
    assert waits(session, Complaint, waiting.complaints_at_risk, other) == []
    assert waits(session, Complaint, waiting.complaints_owned, owner) == []


def test_a_proposal_waits_for_whoever_may_decide_it_and_never_for_the_proposer(session, store):
    """Even when the proposer has risen to the level that decides."""
    proposer, head, manager = (make_staff(session, role=role, store=store) for role in (Role.AGENT, Role.SUPERVISOR, Role.MANAGER))
    with acting(proposer):
        proposal = make_compensation(session, complaint=make_complaint(session, store=store), amount=Decimal("1500.00"))

    assert proposal.status is CompensationStatus.PENDING
    assert waits(session, Compensation, waiting.approvals, manager) == [proposal]
    assert waits(session, Compensation, waiting.approvals, head) == [proposal]
    assert waits(session, Compensation, waiting.approvals, make_staff(session, role=Role.AGENT, store=store)) == []

    proposer.role = Role.MANAGER
    session.flush()

    assert waits(session, Compensation, waiting.approvals, proposer) == []


def test_an_answer_is_awaited_by_the_advisor_of_the_order(session, store):
    request = make_sent_request(session)
    advisor = request.order.advisor

    assert waits(session, ExtraWorkRequest, waiting.answers_awaited, advisor) == [request]
    assert waits(session, ExtraWorkRequest, waiting.answers_awaited, make_staff(session)) == []


def test_a_todo_of_a_role_waits_until_somebody_takes_it(session, store):
    agent, other = (make_staff(session, role=Role.AGENT, store=store) for _ in range(2))
    todo = make_todo(session, role=Role.AGENT, store=store)

    assert waits(session, Todo, waiting.todos_open, agent) == [todo]

    todo.person = agent
    session.flush()

    assert waits(session, Todo, waiting.todos_open, agent) == [todo]
    assert waits(session, Todo, waiting.todos_open, other) == []
