"""Two stores with one record of every noun each: what a person owns, and what belongs to others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from backoffice.declare import Model, clock
from backoffice.declare.people import acting
from models.callbacks import CallbackTask
from models.customer_notices import NoticeStep
from models.recall import Outcome
from models.roles import Role
from models.staff import Staff
from tests import factories as make
from tests.support.client import PASSWORD_HASH

AT_STORE = (Role.AGENT, Role.ADVISOR, Role.WORKSHOP, Role.SUPERVISOR)


def make_people(session: Session) -> dict[str, Staff]:
    """One person of every role with a login of the same name; those of a store work at the first."""
    store = make.make_store(session)
    made = {
        role.value: make.make_staff(
            session, role=role, login=role.value, name=role.value, store=store if role in AT_STORE else make.make_store(session),
            password_hash=PASSWORD_HASH,
        )
        for role in Role
    }
    session.commit()
    return made


def make_rows(session: Session, advisor: Staff) -> dict[str, Model]:
    """A record of every noun, by resource name, about an order of this advisor."""
    agent = make.make_staff(session, role=Role.AGENT, store=advisor.store)
    order = make.make_order_in_repair(session, advisor=advisor, store=advisor.store, customer=make.make_customer(session, store=advisor.store))
    request = make.make_sent_request(session, order=order)
    session.expire(request, ["lines"])
    line = request.lines[0]
    with acting(advisor):
        line.approve(**make.CONSENT)
        session.flush()
    rows: dict[str, Model] = {
        "stores": advisor.store, "staff": agent, "customers": order.customer, "vehicles": order.vehicle, "orders": order,
        "order-lines": order.lines[0], "extra-work": request, "extra-work-lines": line,
        "contact-preferences": make.make_contact_preference(session, customer=order.customer, allowed=True),
        "callback-plans": make.make_plans(session)["3DC"], "callback-codes": make.make_codes(session)["A"],
        "calendars": make.make_calendars(session)["CN-WORKDAYS"], "calendar-days": make.make_calendar_day(session),
        "escalation-triggers": make.make_trigger(session), "standard-phrases": make.make_phrases(session)["H01"],
        "escalation-levels": make.make_levels(session)["L1"], "authority-limits": make.make_levels(session)["L1"].limits[0],
        "budgets": make.make_budget(session, store=advisor.store), "complaints": make.make_complaint(session, order=order),
        "todos": make.make_todo(session, store=advisor.store, person=advisor),
    }
    rows["complaints"].tell(step=NoticeStep.PROGRESS, words="配件明天到店")
    session.flush()
    session.expire_all()
    rows["customer-notices"] = rows["complaints"].notices[0]
    rows["escalation-draft-lines"] = make.make_draft_line(session)
    rows["escalation-drafts"] = rows["escalation-draft-lines"].draft
    rows["ownerships"] = order.vehicle.ownerships[0]
    rows["authorizations"] = order.authorizations[0]
    rows |= _after_delivery(session, agent, order) | _escalated(session, order)
    session.commit()
    return rows


def _after_delivery(session: Session, agent: Staff, order: Any) -> dict[str, Model]:
    task: CallbackTask = make.make_task(session, order=order)
    with acting(agent), clock.stopped_at(task.due_at + timedelta(minutes=1)):
        task.record_answer(question="接待是否及时", score=9)
        task.log_call(outcome=Outcome.NO_ANSWER)
        session.flush()
    issue = make.make_issue(session, task=task)
    session.expire_all()
    return {"callbacks": task, "callback-issues": issue, "callback-attempts": task.attempts[0], "callback-answers": task.answers[0]}


def _escalated(session: Session, order: Any) -> dict[str, Model]:
    complaint = make.make_complaint(session, order=order)
    compensation = make.make_compensation(session, complaint=complaint)
    complaint.raise_level(reason="客户要求主管处理")
    session.flush()
    session.expire_all()
    return {
        "escalations": complaint.escalations[0], "clock-segments": complaint.segments[0], "compensations": compensation,
        "compensation-decisions": compensation.decisions[0],
    }
