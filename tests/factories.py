"""One maker a noun: a believable record in a session, with whatever a test cares about overridden."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.declare import Model, clock
from backoffice.plan import Field, plan_of
from models.authority_limits import AuthorityLimit, CompensationKind
from models.budgets import Budget, month_of
from models.calendar_days import CalendarDay
from models.calendars import WorkCalendar
from models.callback_codes import CallbackCode
from models.callback_issues import CallbackIssue
from models.callback_plans import CallbackPlan
from models.callbacks import CallbackTask
from models.compensations import Compensation
from models.complaints import Complaint
from models.contact_preferences import ContactPreference, Purpose
from models.customers import CallSlot, Customer
from models.escalation_draft_lines import EscalationDraftLine
from models.escalation_levels import EscalationLevel
from models.evidence import Method, Relation
from models.extra_work import ExtraWorkRequest
from models.extra_work_lines import ExtraWorkLine, Urgency
from models.opening import DayKind
from models.order_lines import LineKind, OrderLine
from models.orders import Payer, ServiceOrder, ServiceType
from models.ownerships import Ownership, Part
from models.roles import Role
from models.signs import Sign
from models.staff import Staff
from models.standard_phrases import StandardPhrase
from models.stores import Store
from models.todos import Todo
from models.triggers import Trigger
from models.vehicles import Energy, Vehicle

Record = TypeVar("Record", bound=Model)

_count = itertools.count(1)

CONSENT = {"person": "王芳", "relation": Relation.SELF, "method": Method.IN_PERSON}
"""The dialog of a customer who says yes at the counter."""


def _add(session: Session, model: type[Record], defaults: dict[str, Any], overrides: dict[str, Any]) -> Record:
    """A saved record; a default that is a function is called only where it is not overridden."""
    values = {name: value() if callable(value) else value for name, value in defaults.items() if name not in overrides}
    record = model(**{**values, **overrides})
    session.add(record)
    session.flush()
    return record


def make_store(session: Session, **overrides: Any) -> Store:
    return _add(session, Store, {"code": f"S{next(_count):03}", "name": "江北服务中心", "city": "南京"}, overrides)


def make_staff(session: Session, **overrides: Any) -> Staff:
    defaults = {"staff_no": f"E{next(_count):03}", "name": "周宁", "role": Role.ADVISOR, "store": lambda: make_store(session)}
    return _add(session, Staff, defaults, overrides)


def make_customer(session: Session, **overrides: Any) -> Customer:
    number = next(_count)
    defaults = {"customer_no": f"K{number:05}", "name": "王芳", "phone": f"139{number:08}", "store": lambda: make_store(session)}
    return _add(session, Customer, defaults, overrides)


def make_vehicle(session: Session, **overrides: Any) -> Vehicle:
    number = next(_count)
    defaults = {
        "vin": f"LSVAM4189071{number:05}", "plate": f"苏A{number:05}", "brand": "大众", "series": "帕萨特", "model_year": 2022,
        "energy": Energy.ICE,
        "purchase_date": date(2022, 3, 1), "mileage_km": 41_000, "owner": lambda: make_customer(session),
    }
    return _add(session, Vehicle, defaults, overrides)


def make_ownership(session: Session, **overrides: Any) -> Ownership:
    defaults = {
        "vehicle": lambda: make_vehicle(session), "customer": lambda: make_customer(session), "role": Part.OWNER,
        "from_on": date(2026, 1, 1),
    }
    return _add(session, Ownership, defaults, overrides)


def make_contact_preference(session: Session, **overrides: Any) -> ContactPreference:
    defaults = {"customer": lambda: make_customer(session), "purpose": Purpose.CALLBACK, "allowed": False, "reason": "不希望接到电话"}
    return _add(session, ContactPreference, defaults, overrides)


def make_order(session: Session, **overrides: Any) -> ServiceOrder:
    """A draft order of the vehicle's owner, at the advisor's store."""
    vehicle = overrides.get("vehicle") or make_vehicle(session)
    advisor = overrides["advisor"] if "advisor" in overrides else make_staff(session)
    defaults = {
        "vehicle": vehicle, "customer": vehicle.owner, "advisor": advisor,
        "store": lambda: advisor.store if advisor else make_store(session),
        "service_type": ServiceType.GENERAL, "payer": Payer.CUSTOMER, "mileage_km": 41_500,
    }
    return _add(session, ServiceOrder, defaults, overrides)


def make_order_line(session: Session, **overrides: Any) -> OrderLine:
    defaults = {
        "order": lambda: make_order(session), "line_no": next(_count), "kind": LineKind.LABOR, "description": "更换前刹车片",
        "qty": Decimal("1.50"), "unit_price": Decimal("120.00"),
    }
    return _add(session, OrderLine, defaults, overrides)


def make_order_in_repair(session: Session, **overrides: Any) -> ServiceOrder:
    """An order with one approved line of 180 yuan, in the workshop."""
    order = make_order(session, **overrides)
    make_order_line(session, order=order, line_no=1)
    advance(order, "in_repair")
    session.flush()
    return order


STEPS: dict[str, Callable[[ServiceOrder], None]] = {
    "received": lambda order: order.receive(walkaround="左前门有划痕"),
    "diagnosing": lambda order: order.diagnose(),
    "estimated": lambda order: order.estimate(promised_at=clock.now() + timedelta(hours=6)),
    "authorized": lambda order: order.authorize(**CONSENT),
    "scheduled": lambda order: order.schedule(),
    "in_repair": lambda order: order.start_repair(),
    "self_check": lambda order: order.finish_repair(),
    "team_check": lambda order: order.pass_self_check(),
    "final_check": lambda order: order.pass_team_check(),
    "washing": lambda order: order.pass_final_check(),
    "ready": lambda order: order.finish_wash(),
    "settled": lambda order: order.settle(),
    "delivered": lambda order: order.deliver(next_service_on=date(2027, 5, 20), next_service_km=51_500, callback_slot=CallSlot.ANY),
}


def advance(order: ServiceOrder, goal: str) -> None:
    """Take a draft order along the whole way to a state; its work is done when the checks begin."""
    for state, step in STEPS.items():
        if state == "self_check":
            work(order)
        step(order)
        order.session.flush()
        if state == goal:
            return
    raise AssertionError(goal)


def work(order: ServiceOrder) -> None:
    """Start and finish every line that is not finished."""
    order.session.expire(order, ["lines"])
    for line in order.lines:
        if line.work == "open":
            line.start()
        if line.work == "started":
            line.finish()


def make_extra_work(session: Session, **overrides: Any) -> ExtraWorkRequest:
    """A draft request without lines, for an order in repair."""
    return _add(session, ExtraWorkRequest, {"order": lambda: make_order_in_repair(session), "cause": "刹车油含水量过高"}, overrides)


def make_extra_work_line(session: Session, **overrides: Any) -> ExtraWorkLine:
    defaults = {
        "request": lambda: make_extra_work(session), "line_no": next(_count), "urgency": Urgency.RECOMMENDED, "description": "更换刹车油",
        "labor_amount": Decimal("80.10"), "parts_amount": Decimal("120.20"),
    }
    return _add(session, ExtraWorkLine, defaults, overrides)


def make_sent_request(session: Session, *urgencies: Urgency, **overrides: Any) -> ExtraWorkRequest:
    """A request that was sent, with one line for each urgency (two lines unless given)."""
    request = make_extra_work(session, **overrides)
    for number, urgency in enumerate(urgencies or (Urgency.SAFETY, Urgency.OPTIONAL), 1):
        make_extra_work_line(session, request=request, line_no=number, urgency=urgency)
    request.send()
    session.flush()
    return request


REFERENCE = Path(__file__).parents[1] / "seeds" / "reference"


def reference_rows(model: type[Model]) -> list[dict[str, str]]:
    """The shipped file of a noun."""
    with (REFERENCE / f"{plan_of(model).name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def load_reference(session: Session, model: type[Record]) -> dict[str, Record]:
    """The shipped reference records of a noun by their code, loaded once a session."""
    plan = plan_of(model)
    if session.scalars(select(model)).first() is None:
        for row in reference_rows(model):
            session.add(model(**{name: _reference_value(session, plan.fields[name], text) for name, text in row.items() if text}))
        session.flush()
    return {one.code: one for one in session.scalars(select(model))}  # type: ignore[attr-defined]  # every reference noun has a code


def _reference_value(session: Session, one: Field, text: str) -> Any:
    return load_reference(session, one.target)[text] if one.target is not None else one.kind.parse(text)


def make_phrases(session: Session) -> dict[str, StandardPhrase]:
    """The shipped phrases for people who talk to customers."""
    return load_reference(session, StandardPhrase)


def make_triggers(session: Session) -> dict[str, Trigger]:
    """The shipped triggers of escalation, and the ladder."""
    return load_reference(session, Trigger)


def make_trigger(session: Session, **overrides: Any) -> Trigger:
    """One trigger: a post that a million read."""
    defaults = {
        "code": f"X{next(_count):03}", "name_zh": "百万阅读", "name_en": "A million readers", "sign": Sign.REACH, "threshold": 1_000_000,
        "level": lambda: make_levels(session)["L2"],
    }
    return _add(session, Trigger, defaults, overrides)


def make_draft_line(session: Session, **overrides: Any) -> EscalationDraftLine:
    """A draft of half the time for the front line."""
    about = {} if "trigger" in overrides else {"level": lambda: make_levels(session)["L1"], "limit_hours": 12}
    return _add(session, EscalationDraftLine, about, overrides)


def make_levels(session: Session) -> dict[str, EscalationLevel]:
    """The shipped ladder: L1, L2, L3 and CRISIS, and what each may grant."""
    levels = load_reference(session, EscalationLevel)
    if session.scalars(select(AuthorityLimit)).first() is None:
        fields = plan_of(AuthorityLimit).fields
        for row in reference_rows(AuthorityLimit):
            session.add(AuthorityLimit(**{name: _reference_value(session, fields[name], text) for name, text in row.items() if text}))
        session.flush()
    return levels


def make_codes(session: Session) -> dict[str, CallbackCode]:
    """The shipped codes A to G."""
    return load_reference(session, CallbackCode)


def make_plans(session: Session) -> dict[str, CallbackPlan]:
    """The shipped callback plans."""
    return load_reference(session, CallbackPlan)


def make_calendars(session: Session) -> dict[str, WorkCalendar]:
    """The shipped calendars, CN-WORKDAYS and OPEN, without their days."""
    return load_reference(session, WorkCalendar)


def make_calendar_day(session: Session, **overrides: Any) -> CalendarDay:
    """A holiday of the statutory workdays, each time another date."""
    defaults = {
        "calendar": lambda: make_calendars(session)["CN-WORKDAYS"], "on": lambda: date(2026, 1, 1) + timedelta(days=next(_count)),
        "kind": DayKind.HOLIDAY, "name": "元旦",
    }
    return _add(session, CalendarDay, defaults, overrides)


def make_complaint(session: Session, **overrides: Any) -> Complaint:
    """A complaint just received, about an order unless told otherwise."""
    make_levels(session)
    order = overrides["order"] if "order" in overrides else make_order(session)
    defaults = {
        "order": order, "category": "制动系", "problem_type": "异响", "description": "刹车时一直响，说了三次没人管。",
        **({"customer": order.customer, "vehicle": order.vehicle, "store": order.store} if order else {}),
    }
    if order is None:
        vehicle = overrides.get("vehicle") or make_vehicle(session)
        defaults |= {"customer": vehicle.owner, "vehicle": vehicle, "store": vehicle.owner.store}
    return _add(session, Complaint, defaults, overrides)


def make_task(session: Session, **overrides: Any) -> CallbackTask:
    """A planned three-day callback about an order of an advisor."""
    make_levels(session)
    make_codes(session)
    return _add(session, CallbackTask, {"plan": lambda: make_plans(session)["3DC"], "order": lambda: make_order(session)}, overrides)


def make_issue(session: Session, **overrides: Any) -> CallbackIssue:
    defaults = {"task": lambda: make_task(session), "code": lambda: make_codes(session)["B"], "verbatim": "等了快一个小时才有人接待"}
    return _add(session, CallbackIssue, defaults, overrides)


def make_compensation(session: Session, **overrides: Any) -> Compensation:
    defaults = {
        "complaint": lambda: make_complaint(session), "kind": CompensationKind.VOUCHER, "amount": Decimal("50.00"), "reason": "让客户久等",
    }
    return _add(session, Compensation, defaults, overrides)


def make_budget(session: Session, **overrides: Any) -> Budget:
    """What level 1 may grant this month at all stores together."""
    defaults = {"month": lambda: month_of(clock.now()), "level": lambda: make_levels(session)["L1"], "amount": Decimal("1000.00")}
    return _add(session, Budget, defaults, overrides)


def make_todo(session: Session, **overrides: Any) -> Todo:
    return _add(session, Todo, {"title": "致电王女士说明配件到货时间", "role": Role.AGENT, "store": lambda: make_store(session)}, overrides)
