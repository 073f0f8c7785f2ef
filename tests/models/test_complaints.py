import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from backoffice.plan import plan_of
from models.compensations import Compensation, CompensationStatus
from models.complaint_states import OPEN, WORKING, Channel, EscalationStatus, PauseReason, Severity, Status
from models.complaints import Complaint, own_complaints
from models.escalation_levels import CompensationKind
from models.escalations import Escalation
from models.roles import Role
from models.todos import Todo, TodoStatus
from tests.factories import make_complaint, make_compensation, make_customer, make_levels, make_order, make_staff, make_store, make_vehicle

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def later(**span):
    """The clock stands that much further on for the length of a block."""
    return clock.stopped_at(clock.now() + timedelta(**span))


def staff(session, role):
    return make_staff(session, role=role)


STEPS = {
    Status.ACKNOWLEDGED: lambda case: case.acknowledge(),
    Status.ASSESSED: lambda case: case.assess(severity=Severity.CONSIDERABLE, assessment="影响行车，先约车检查"),
    Status.INVESTIGATING: lambda case: case.investigate(),
    Status.PROPOSAL_MADE: lambda case: case.propose(
        decision="免费更换刹车片", promised_at=clock.now() + 5 * HOUR, responsible=make_staff(case.session), cause="装配时漏涂润滑脂",
    ),
    Status.AGREED: lambda case: case.agree(),
    Status.IMPLEMENTING: lambda case: case.implement(),
    Status.RESOLVED: lambda case: case.resolve(result="已更换并试车"),
    Status.FOLLOW_UP: lambda case: case.confirm(satisfied=True, satisfaction=9),
    Status.CLOSED: lambda case: case.close(),
}


def bring(case, goal):
    """Take a received complaint the whole way to a state."""
    sidesteps = {
        Status.PAUSED: (Status.INVESTIGATING, lambda one: one.pause(waits_for=PauseReason.PARTS, until=clock.now() + DAY)),
        Status.REJECTED: (Status.RECEIVED, lambda one: one.reject(reason="车辆不属本店服务范围")),
        Status.WITHDRAWN: (Status.RECEIVED, lambda one: one.withdraw(reason="客户来电撤回")),
        Status.EXTERNAL: (Status.RECEIVED, lambda one: one.refer(reason="12315已受理")),
    }
    road, last = sidesteps.get(goal, (goal, None))
    for state, step in STEPS.items():
        if case.status == road:
            break
        step(case)
        case.session.flush()
        assert case.status is state
    if last:
        last(case)
    case.session.flush()
    return case


# Receipt


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
    case = Complaint(complaint_no="1", customer=vehicle.owner, vehicle=vehicle, store=vehicle.owner.store, from_history=True, status=Status.CLOSED)
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
    ("投诉编号", "complaint_no"), ("ODINO", "complaint_no"), ("来源", "source"), ("投诉时间", "received_at"), ("客户编号", "customer"), ("customer_code", "customer"),
    ("车架号", "vehicle"), ("工单号", "order"), ("经销商代码", "store"), ("dealer_code", "store"), ("投诉问题", "category"), ("典型问题", "subcategory"),
    ("问题类型", "problem_type"), ("严重程度", "severity"), ("状态", "status"), ("投诉状态", "status"), ("发生日期", "occurred_on"), ("投诉简述", "description"),
    ("问题简述", "summary"), ("CDESCR", "description"), ("FAILDATE", "occurred_on"),
])
def test_the_headers_of_the_real_files_are_known(header, field):
    one = plan_of(Complaint).fields[field]

    assert header in {one.name, one.label.zh, one.label.en, *one.aliases}


# The way through


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


def test_nothing_is_told_before_it_is_decided(session):
    case = make_complaint(session)

    with pytest.raises(Refused):
        case.tell()
    assert case.communicated_at is None


def test_nothing_was_told_in_the_future(session):
    case = bring(make_complaint(session), Status.PROPOSAL_MADE)

    with pytest.raises(Refused):
        case.tell(told_at=clock.now() + HOUR)
    case.tell(told_at=clock.now() - HOUR)

    assert case.communicated_at == clock.now() - HOUR


def test_a_customer_who_does_not_confirm_sends_it_back(session):
    """And the clocks run on"""
    case = bring(make_complaint(session), Status.RESOLVED)
    due = case.overall_due_at
    with later(hours=3):
        case.confirm(satisfied=False, satisfaction=2, note="还是响")

    assert (case.status, case.satisfaction, case.follow_up_note) == (Status.INVESTIGATING, 2, "还是响")
    assert (case.overall_due_at, case.confirmed_at, case.communicated_at) == (due + 3 * HOUR, None, None)


# Pauses and clocks


def test_a_pause_moves_both_due_moments_by_its_length(session):
    case = bring(make_complaint(session), Status.PAUSED)
    level, overall = case.level_due_at, case.overall_due_at
    with later(hours=30):
        case.resume()

    assert (case.level_due_at, case.overall_due_at) == (level + 30 * HOUR, overall + 30 * HOUR)
    assert (case.status, case.pause_reason, case.level_breached_at) == (Status.INVESTIGATING, None, None)


@pytest.mark.parametrize("mark", ["safety", "media"])
def test_safety_and_press_do_not_wait_at_level_three(session, mark):
    case = bring(make_complaint(session, **{mark: True}), Status.INVESTIGATING)
    case.raise_level(reason="涉及重大风险", to=make_levels(session)["L3"])

    with pytest.raises(Refused) as no:
        case.pause(waits_for=PauseReason.PARTS, until=clock.now() + DAY)
    assert no.value.code == "no_pause"


def test_other_cases_may_wait_at_level_three(session):
    case = bring(make_complaint(session, vip=True), Status.INVESTIGATING)
    case.raise_level(reason="金牌客户", to=make_levels(session)["L3"])
    case.pause(waits_for=PauseReason.PARTS, until=clock.now() + DAY)

    assert case.status is Status.PAUSED


def test_raising_a_waiting_safety_case_to_level_three_ends_its_pause(session):
    case = bring(make_complaint(session, safety=True), Status.PAUSED)
    with later(hours=2):
        case.raise_level(reason="刹车失灵", to=make_levels(session)["L3"])
        session.flush()

        assert (case.status, case.clock_stopped_at) == (Status.INVESTIGATING, None)
        assert case.level_due_at == clock.now() + 72 * HOUR


def test_marking_a_waiting_case_at_level_three_as_safety_is_refused_until_it_resumes(session):
    """A pause cannot be kept by editing"""
    case = bring(make_complaint(session), Status.INVESTIGATING)
    case.raise_level(reason="客户要求", to=make_levels(session)["L3"])
    case.pause(waits_for=PauseReason.PARTS, until=clock.now() + DAY)
    session.flush()
    case.safety = True

    with pytest.raises(Refused):
        session.flush()


def test_a_missed_limit_is_remembered_for_good(session):
    """Even where a later pause moves the due moment beyond now"""
    case = bring(make_complaint(session), Status.INVESTIGATING)
    due = case.overall_due_at
    with later(hours=25):
        case.pause(waits_for=PauseReason.OEM, until=clock.now() + DAY)
    with later(hours=60):
        case.resume()

    assert (case.overall_breached_at, case.level_breached_at) == (due, due)


# Levels


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADVISOR, Role.SUPERVISOR, Role.MANAGER])
def test_anybody_who_handles_complaints_may_raise(session, role):
    person, case = staff(session, role), make_complaint(session)
    with later(hours=5), acting(person):
        case.raise_level(reason="涉及两个部门")
        session.flush()
        row = case.escalations[0]

        assert (case.level.code, case.level_entered_at, case.level_due_at) == ("L2", clock.now(), clock.now() + 48 * HOUR)
        assert (row.sequence, row.from_level.code, row.to_level.code, row.raised_by, row.status) == (1, "L1", "L2", person, EscalationStatus.RAISED)


def test_raising_leaves_the_overall_clock_and_the_first_owner(session):
    """首问负责: whoever took it stays named, and the promise of 24 hours is not renewed"""
    taker, head = staff(session, Role.AGENT), staff(session, Role.SUPERVISOR)
    with acting(taker):
        case = make_complaint(session)
    overall = case.overall_due_at
    with later(hours=5), acting(head):
        case.raise_level(reason="客户要求")
        case.accept()
    session.flush()

    assert (case.first_owner, case.owner, case.overall_due_at) == (taker, head, overall)
    assert case.escalations[0].from_owner is taker


def test_accepting_takes_the_case_over_and_clears_the_todo(session):
    """Whoever accepts becomes the owner; the level's role was told with half an hour to accept"""
    head, case = staff(session, Role.SUPERVISOR), make_complaint(session)
    case.raise_level(reason="重复投诉")
    session.flush()
    todo = session.scalars(select(Todo)).one()

    assert (todo.role, todo.store, todo.record_key, todo.due_at) == (Role.SUPERVISOR, case.store, case.complaint_no, clock.now() + timedelta(minutes=30))
    with acting(head):
        case.accept()
    session.flush()

    assert (case.owner, todo.status, todo.ended_by) == (head, TodoStatus.DONE, head)
    assert (case.escalations[0].status, case.escalations[0].acknowledged_by) == (EscalationStatus.ACKNOWLEDGED, head)


def test_what_was_not_raised_or_is_accepted_already_cannot_be_accepted(session):
    case = make_complaint(session)
    with pytest.raises(Refused):
        case.accept()
    case.raise_level(reason="x")
    case.accept()

    with pytest.raises(Refused) as no:
        case.accept()
    assert no.value.code == "wrong_state"


def test_only_the_new_level_accepts(session):
    case = make_complaint(session)
    case.raise_level(reason="x")
    with acting(staff(session, Role.AGENT)), pytest.raises(Refused) as no:
        case.accept()

    assert no.value.code == "not_the_level"


@pytest.mark.parametrize(("at", "to"), [("L2", "L2"), ("L2", "L1"), ("CRISIS", None)])
def test_raising_leads_upward(session, at, to):
    levels, case = make_levels(session), make_complaint(session)
    case.raise_level(reason="x", to=levels[at])

    with pytest.raises(Refused) as no:
        case.raise_level(reason="x", to=levels.get(to))
    assert (no.value.field, case.level) == ("to", levels[at])


def test_each_escalation_says_what_became_of_it(session):
    case = make_complaint(session)
    case.raise_level(reason="一")
    case.raise_level(reason="二")
    case.lower_level(reason="三")
    session.flush()

    assert [one.status for one in case.escalations] == [EscalationStatus.RAISED_NEXT, EscalationStatus.LOWERED, EscalationStatus.HANDLING]
    assert [one.sequence for one in case.escalations] == [1, 2, 3]


@pytest.mark.parametrize(("role", "level", "may"), [
    (Role.AGENT, "L2", False), (Role.ADVISOR, "L2", False), (Role.SUPERVISOR, "L2", True), (Role.MANAGER, "L2", True),
    (Role.SUPERVISOR, "L3", False), (Role.MANAGER, "L3", True), (Role.MANAGER, "CRISIS", True),
])
def test_only_the_levels_owner_or_above_lowers(session, role, level, may):
    levels, case = make_levels(session), make_complaint(session)
    case.raise_level(reason="x", to=levels[level])
    with acting(staff(session, role)):
        if may:
            case.lower_level(reason="已安抚", to=levels["L1"])
        else:
            with pytest.raises(Refused) as no:
                case.lower_level(reason="已安抚", to=levels["L1"])

            assert no.value.code == "not_the_level"

    assert case.level is levels["L1" if may else level]


@pytest.mark.parametrize(("mark", "least"), [("safety", "L3"), ("media", "L3"), ("legal", "L3"), ("vip", "L3"), ("repeat", "L2")])
def test_a_mark_keeps_the_level_it_demands(session, mark, least):
    """Never lowered under an active automatic trigger, down to it yes"""
    levels, case = make_levels(session), make_complaint(session, **{mark: True})
    case.raise_level(reason="x", to=levels["CRISIS"])
    case.lower_level(reason="x", to=levels[least])

    assert case.level is levels[least]
    with acting(staff(session, Role.MANAGER)), pytest.raises(Refused) as no:
        case.lower_level(reason="x")
    assert no.value.code == "trigger_active"


def test_there_is_no_level_below_the_first(session):
    case = make_complaint(session)

    with pytest.raises(Refused) as no:
        case.lower_level(reason="x")
    assert no.value.field == "to"


def test_work_at_a_level_is_for_its_owner_or_above(session):
    """An agent reads a raised complaint and no longer works on it"""
    case = make_complaint(session)
    case.raise_level(reason="x")
    with acting(staff(session, Role.AGENT)), pytest.raises(Refused) as no:
        case.acknowledge()

    assert (no.value.code, case.status) == ("not_the_level", Status.RECEIVED)


def test_the_history_of_levels_is_not_rewritten(session):
    case = make_complaint(session)
    case.raise_level(reason="客户不满意")
    session.flush()
    case.escalations[0].reason = "客户满意"

    with pytest.raises(Refused) as no:
        session.flush()
    assert (no.value.code, no.value.field) == ("immutable", "reason")


def test_an_assignment_stays_within_the_level(session):
    head, agent, case = staff(session, Role.SUPERVISOR), staff(session, Role.AGENT), make_complaint(session)
    case.assign(owner=agent)

    assert (case.owner, case.first_owner) == (agent, agent)
    case.raise_level(reason="x")
    with pytest.raises(Refused) as no:
        case.assign(owner=agent)
    case.assign(owner=head)

    assert (no.value.field, case.owner, case.first_owner) == ("owner", head, agent)


@pytest.mark.parametrize("act", [
    lambda case: case.raise_level(reason="x"), lambda case: case.lower_level(reason="x"), lambda case: case.assign(owner=make_staff(case.session)),
    lambda case: case.propose_compensation(kind=CompensationKind.VOUCHER, amount=Decimal(1), reason="x"), lambda case: case.accept(),
])
def test_an_ended_complaint_is_left_alone(session, act):
    case = bring(make_complaint(session), Status.CLOSED)

    with pytest.raises(Refused) as no:
        act(case)
    assert no.value.code == "wrong_state"


# Closing: the one list of Part 4 (o)


def closable(session):
    return bring(make_complaint(session), Status.FOLLOW_UP)


def lose(name):
    return lambda case: setattr(case, name, None)


def breach(case):
    case.level_breached_at = clock.now()


def promise(case):
    with acting(make_staff(case.session, role=Role.AGENT)):
        make_compensation(case.session, complaint=case)
    case.session.expire(case, ["compensations"])


LIST = {
    "根本原因": lose("cause"), "责任人": lose("responsible"), "将处理决定告知客户": lose("communicated_at"), "补偿结清": promise,
    "回访并经客户确认": lose("confirmed_at"), "超时原因": breach,
}


@pytest.mark.parametrize("words", LIST)
def test_each_thing_on_the_closing_list_is_asked_for(session, words):
    case = closable(session)
    LIST[words](case)

    with pytest.raises(Refused) as no:
        case.close()
    assert str(no.value) == f"暂不能关闭，还缺少：{words}。"
    assert case.status is Status.FOLLOW_UP


def test_the_sentence_names_all_that_is_missing(session):
    case = closable(session)
    for spoil in LIST.values():
        spoil(case)

    with pytest.raises(Refused) as no:
        case.close()
    assert all(words in str(no.value) for words in LIST)
    assert "the cause, the person responsible" in no.value.why.in_locale("en")


def test_what_is_missing_may_be_filled_in_while_closing(session):
    case, person = closable(session), make_staff(session)
    case.cause = case.responsible = None
    breach(case)
    case.close(cause="沟通不到位", responsible=person, breach_reason="节假日人手不足")

    assert (case.status, case.cause, case.responsible) == (Status.CLOSED, "沟通不到位", person)


def test_a_refused_closing_leaves_no_half_of_it(session):
    case = closable(session)
    case.cause, case.confirmed_at = None, None

    with pytest.raises(Refused):
        case.close(cause="沟通不到位")
    assert case.cause is None


@pytest.mark.parametrize(("status", "closes"), [
    (CompensationStatus.PENDING, False), (CompensationStatus.SECOND, False), (CompensationStatus.APPROVED, False), (CompensationStatus.REJECTED, True),
    (CompensationStatus.ISSUED, True), (CompensationStatus.ACCEPTED, True),
])
def test_a_compensation_is_settled_when_it_is_handed_over_or_rejected(session, status, closes):
    case = closable(session)
    session.add(Compensation(complaint=case, kind=CompensationKind.VOUCHER, amount=Decimal(30), status=status, from_history=True))
    session.flush()

    assert (not case.missing_to_close()) is closes


def test_a_closed_complaint_keeps_lacking_nothing(session):
    """Editing it afterwards does not get around the list"""
    case = bring(make_complaint(session), Status.CLOSED)
    case.cause = None

    with pytest.raises(Refused, match=r"根本原因|cause"):
        session.flush()


def test_the_database_keeps_the_list_too(session):
    with pytest.raises(IntegrityError, match="closed_lacks_nothing"):
        make_complaint(session, status=Status.CLOSED, acknowledged_at=clock.now(), closed_at=clock.now())


# Reopening


@pytest.mark.parametrize(("days", "may"), [(0, True), (30, True), (31, False)])
def test_it_reopens_within_thirty_days(session, days, may):
    case = bring(make_complaint(session), Status.CLOSED)
    with later(days=days):
        if may:
            case.reopen(reason="问题再次出现")
        else:
            with pytest.raises(Refused) as no:
                case.reopen(reason="问题再次出现")

            assert no.value.code == "too_late"

    assert case.status is (Status.INVESTIGATING if may else Status.CLOSED)


def test_reopening_keeps_number_owners_level_and_clocks(session):
    """The time closed does not count; what was confirmed holds no longer"""
    with acting(staff(session, Role.AGENT)):
        case = make_complaint(session)
    with later(hours=4):
        bring(case, Status.CLOSED)
    before = case.complaint_no, case.first_owner, case.owner, case.level
    level, overall = case.level_due_at, case.overall_due_at
    with later(hours=4, days=10):
        case.reopen(reason="又响了")
        session.flush()

        assert (case.complaint_no, case.first_owner, case.owner, case.level) == before
        assert (case.level_due_at, case.overall_due_at) == (level + 10 * DAY, overall + 10 * DAY)
        assert (case.reopened_count, case.reopen_reason, case.closed_at) == (1, "又响了", None)
        assert (case.confirmed_at, case.communicated_at) == (None, None)


def test_it_counts_each_reopening(session):
    case = bring(make_complaint(session), Status.CLOSED)
    case.reopen(reason="一")
    session.flush()
    bring(case, Status.INVESTIGATING)
    for state in (Status.PROPOSAL_MADE, Status.AGREED, Status.IMPLEMENTING, Status.RESOLVED, Status.FOLLOW_UP, Status.CLOSED):
        STEPS[state](case)
    case.reopen(reason="二")

    assert case.reopened_count == 2


def test_a_closing_of_unknown_date_is_not_reopened(session):
    """An old record that does not say when it was closed"""
    case = make_complaint(session, status=Status.CLOSED, from_history=True)

    with pytest.raises(Refused) as no:
        case.reopen(reason="x")
    assert no.value.code == "too_late"


def test_a_missed_limit_survives_the_reopening(session):
    case = bring(make_complaint(session), Status.INVESTIGATING)
    with later(hours=25):
        for state in (Status.PROPOSAL_MADE, Status.AGREED, Status.IMPLEMENTING, Status.RESOLVED, Status.FOLLOW_UP):
            STEPS[state](case)
        case.close(breach_reason="配件延误")
        case.reopen(reason="x")

    assert case.overall_breached_at is not None
    assert case.breach_reason == "配件延误"


# Rows


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


def test_the_outside_channel_is_known():
    """12315 has its own clock later"""
    assert plan_of(Complaint).fields["channel"].kind.parse("12315") is Channel.HOTLINE
    assert set(WORKING) < set(OPEN)
