import csv

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from backoffice.plan import plan_of
from models.complaint_states import OPEN, WORKING, Channel, PauseReason, Severity, Status
from models.complaints import Complaint, own_complaints
from models.escalations import Escalation
from models.roles import Role
from models.todos import Todo
from tests.factories import make_complaint, make_customer, make_levels, make_order, make_staff, make_store, make_vehicle
from tests.models.ways import DAY, HOUR, bring, later, staff


def test_a_new_complaint_starts_at_the_lowest_level_with_both_clocks(session):
    """24 hours on level 1, and 24 hours for the solution since receipt (Part 4 (c) and (n))"""
    taker = staff(session, Role.AGENT)
    received = clock.now() - 2 * HOUR
    with acting(taker):
        case = make_complaint(session, received_at=received)

    assert (case.status, case.level.code, case.complaint_no) == (Status.RECEIVED, "L1", "TS20261120-0001")
    assert case.level_due_at == case.overall_due_at == received + 24 * HOUR
    assert (case.first_owner, case.owner) == (taker, taker)


def test_a_complaint_takes_what_its_order_knows(session):
    make_levels(session)
    order = make_order(session)
    case = Complaint(order_id=order.id, category="服务态度", problem_type="等待时间长", description="没人理我")
    session.add(case)
    session.flush()

    assert (case.customer, case.vehicle, case.store) == (order.customer, order.vehicle, order.store)


def test_without_levels_no_complaint_is_taken(session):
    """Reference data first; the sentence says so"""
    order = make_order(session)
    session.add(Complaint(order=order, category="x", problem_type="x", description="x"))

    with pytest.raises(Refused, match=r"基础数据|reference"):
        session.flush()


@pytest.mark.parametrize(("field", "rule"), [("description", "new_has_description"), ("category", "new_has_category"), ("problem_type", "new_has_problem_type")])
def test_a_new_complaint_needs_what_history_may_lack(session, field, rule):
    with pytest.raises(IntegrityError, match=rule):
        make_complaint(session, **{field: None})


def test_history_starts_nothing(session):
    """No owner, no to-do, no escalation, whatever its state says (Part 4 (p))"""
    with acting(staff(session, Role.ADMIN)):
        case = make_complaint(session, status=Status.CLOSED, from_history=True, order=None, description=None, category=None, problem_type=None)

    assert (case.first_owner, case.owner, case.acknowledged_at, case.closed_at) == (None, None, None, None)
    assert not session.scalars(select(Todo)).all()
    assert not session.scalars(select(Escalation)).all()


def test_history_needs_no_reference_data(session):
    """The real files go into an empty database"""
    vehicle = make_vehicle(session)
    owner = vehicle.owner
    case = Complaint(complaint_no="1", customer=owner, vehicle=vehicle, store=owner.store, from_history=True, status=Status.CLOSED)
    session.add(case)
    session.flush()

    assert (case.level, case.overall_due_at) == (None, None)


def test_every_real_complaint_holds(session, data):
    """Each row of the real file, typed by the fields and kept by the constraints"""
    make_levels(session)
    store, customer = make_store(session), make_customer(session)
    vehicle, fields = make_vehicle(session, owner=customer), plan_of(Complaint).fields
    names = ("complaint_no", "source", "received_at", "category", "problem_type", "severity", "status", "occurred_on", "description")
    with (data / "real" / "utf8" / "complaints.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        values = {name: fields[name].kind.parse(row[name]) for name in names if row[name]}
        session.add(Complaint(**values, customer=customer, vehicle=vehicle, store=store, from_history=True))
    session.flush()
    stored = dict(session.execute(select(Complaint.complaint_no, Complaint.description)).all())

    assert stored == {row["complaint_no"]: row["description"] or None for row in rows}
    assert len(stored) == 7485
    assert set(session.scalars(select(Complaint.status))) == {
        Status.RECEIVED, Status.ACKNOWLEDGED, Status.INVESTIGATING, Status.FOLLOW_UP, Status.CLOSED,
    }
    assert set(session.scalars(select(Complaint.severity))) == {Severity.ORDINARY, Severity.SERIOUS, Severity.URGENT}


@pytest.mark.parametrize(("word", "state"), [
    ("新建", Status.RECEIVED), ("信息审核", Status.RECEIVED), ("已受理", Status.ACKNOWLEDGED), ("厂家受理", Status.ACKNOWLEDGED),
    ("处理中", Status.INVESTIGATING), ("处理反馈", Status.INVESTIGATING), ("已回访", Status.FOLLOW_UP), ("用户评分", Status.FOLLOW_UP),
    ("已关闭", Status.CLOSED), ("CLOSED", Status.CLOSED),
])
def test_the_words_of_other_systems_are_understood(word, state):
    assert plan_of(Complaint).fields["status"].kind.parse(word) is state


@pytest.mark.parametrize(("header", "field"), [
    ("投诉编号", "complaint_no"), ("ODINO", "complaint_no"), ("来源", "source"), ("投诉时间", "received_at"), ("客户编号", "customer"),
    ("customer_code", "customer"), ("车架号", "vehicle"), ("工单号", "order"), ("经销商代码", "store"), ("dealer_code", "store"),
    ("投诉问题", "category"), ("典型问题", "subcategory"),
    ("问题类型", "problem_type"), ("严重程度", "severity"), ("状态", "status"), ("投诉状态", "status"), ("发生日期", "occurred_on"), ("投诉简述", "description"),
    ("问题简述", "summary"), ("CDESCR", "description"), ("FAILDATE", "occurred_on"),
])
def test_the_headers_of_the_real_files_are_known(header, field):
    one = plan_of(Complaint).fields[field]

    assert header in {one.name, one.label.zh, one.label.en, *one.aliases}


def test_the_whole_way(session):
    """From receipt to closing, with what each step leaves behind"""
    handler = staff(session, Role.AGENT)
    with acting(handler):
        case = bring(make_complaint(session), Status.CLOSED)

    assert (case.acknowledged_by, case.closed_by, case.accepted, case.satisfaction) == (handler, handler, True, 9)
    assert (case.closed_at, case.communicated_at, case.confirmed_at) == (clock.now(), clock.now(), clock.now())
    assert case.level_breached_at is case.overall_breached_at is None


ALLOWED = {
    "acknowledge": {Status.RECEIVED},
    "assess": {Status.ACKNOWLEDGED},
    "investigate": {Status.ACKNOWLEDGED, Status.ASSESSED},
    "pause": {Status.INVESTIGATING},
    "resume": {Status.PAUSED},
    "propose": {Status.INVESTIGATING},
    "agree": {Status.PROPOSAL_MADE},
    "decline": {Status.PROPOSAL_MADE},
    "implement": {Status.AGREED},
    "resolve": {Status.AGREED, Status.IMPLEMENTING},
    "confirm": {Status.RESOLVED, Status.FOLLOW_UP},
    "close": {Status.RESOLVED, Status.FOLLOW_UP},
    "reject": {Status.RECEIVED, Status.ACKNOWLEDGED, Status.ASSESSED, Status.INVESTIGATING},
    "withdraw": {*WORKING, Status.PAUSED},
    "refer": {*WORKING, Status.PAUSED},
    "take_back": {Status.EXTERNAL},
    "reopen": {Status.CLOSED, Status.REJECTED, Status.WITHDRAWN},
}


def dialog(session, name):
    return {
        "assess": {"severity": Severity.MINOR, "assessment": "轻微"},
        "pause": {"waits_for": PauseReason.OEM, "until": clock.now() + DAY},
        "propose": {"decision": "道歉并免费洗车", "promised_at": clock.now() + HOUR, "responsible": make_staff(session)},
        "resolve": {"result": "已完成"},
        "confirm": {"satisfied": True},
        **{one: {"reason": "客户要求"} for one in ("decline", "reject", "withdraw", "refer", "reopen")},
    }.get(name, {})


ALLOWED_PAIRS = [(name, state) for name, states in ALLOWED.items() for state in Status if state in states and (name, state) != ("close", Status.RESOLVED)]


@pytest.mark.parametrize(("name", "state"), ALLOWED_PAIRS)
def test_each_step_leads_on_from_each_of_its_states(session, name, state):
    case = bring(make_complaint(session), state)
    getattr(case, name)(**dialog(session, name))
    session.flush()

    assert case.status is not state or name == "confirm"


@pytest.mark.parametrize("name", ALLOWED)
def test_no_step_leads_on_from_any_other_state(session, name):
    """Refused, and then nothing has changed"""
    details = dialog(session, name)
    for state in set(Status) - ALLOWED[name]:
        case = Complaint(status=state)
        with pytest.raises(Refused) as no:
            getattr(case, name)(**details)

        assert (no.value.code, case.status) == ("wrong_state", state)


def test_a_declined_proposal_goes_back_and_keeps_what_the_customer_wants(session):
    case = bring(make_complaint(session), Status.PROPOSAL_MADE)
    case.decline(reason="要求退还工时费")

    assert (case.status, case.accepted, case.remedy_sought) == (Status.INVESTIGATING, False, "要求退还工时费")


def test_marks_once_set_stay(session):
    """Assessing adds marks and never takes one away"""
    case = bring(make_complaint(session, safety=True), Status.ACKNOWLEDGED)
    case.assess(severity=Severity.SERIOUS, assessment="涉及刹车", legal=True)

    assert (case.safety, case.legal, case.media) == (True, True, False)


@pytest.mark.parametrize("act", [
    lambda case: case.acknowledge(promised_at=clock.now() - HOUR),
    lambda case: bring(case, Status.INVESTIGATING).pause(waits_for=PauseReason.CUSTOMER, until=clock.now()),
    lambda case: bring(case, Status.INVESTIGATING).propose(decision="x", promised_at=clock.now() - HOUR, responsible=make_staff(case.session)),
])
def test_what_is_promised_lies_ahead(session, act):
    with pytest.raises(Refused) as no:
        act(make_complaint(session))

    assert no.value.field in {"promised_at", "until"}


def test_a_customer_who_does_not_confirm_sends_it_back(session):
    """And the clocks run on"""
    case = bring(make_complaint(session), Status.RESOLVED)
    due = case.overall_due_at
    with later(hours=3):
        case.confirm(satisfied=False, satisfaction=2, note="还是响")

    assert (case.status, case.satisfaction, case.follow_up_note) == (Status.INVESTIGATING, 2, "还是响")
    assert (case.overall_due_at, case.confirmed_at, case.communicated_at) == (due + 3 * HOUR, None, None)


def test_own_complaints_are_about_own_orders_or_taken_or_owned(session):
    advisor = staff(session, Role.ADVISOR)
    about = make_complaint(session, order=make_order(session, advisor=advisor))
    with acting(advisor):
        taken = make_complaint(session)
    make_complaint(session)

    assert set(session.scalars(select(Complaint).where(own_complaints(advisor)))) == {about, taken}


def test_the_workshops_complaints_are_about_orders_of_its_store(session):
    worker = staff(session, Role.WORKSHOP)
    about = make_complaint(session, order=make_order(session, store=worker.store))
    make_complaint(session)

    assert session.scalars(select(Complaint).where(own_complaints(worker))).all() == [about]


def test_an_old_complaint_without_a_date_is_as_old_as_its_visit(session):
    """Loaded today from an order of long ago, it was not received today."""
    visit = clock.now() - 400 * DAY
    old = make_complaint(session, order=make_order(session, checked_in_at=visit), from_history=True)
    new = make_complaint(session, order=make_order(session, checked_in_at=visit))

    assert (old.received_at, new.received_at) == (visit, clock.now())


def test_the_outside_channel_is_known():
    """12315 has its own clock later"""
    assert plan_of(Complaint).fields["channel"].kind.parse("12315") is Channel.HOTLINE
    assert set(WORKING) < set(OPEN)
