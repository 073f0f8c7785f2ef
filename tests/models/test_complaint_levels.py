from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from models.authority_limits import CompensationKind
from models.complaint_levels import hand_to_deputy
from models.complaint_states import EscalationStatus, PauseReason, Status
from models.roles import Role
from models.todos import Todo, TodoStatus
from tests.factories import make_complaint, make_levels, make_staff, make_triggers
from tests.models.ways import DAY, HOUR, bring, later, staff


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


def test_the_todo_ends_with_a_late_acceptance_too(session):
    """Its time is over and there was no deputy to ask; whoever accepts then has done it all the same, and a to-do of one's own stays."""
    head, case = staff(session, Role.SUPERVISOR), make_complaint(session)
    case.raise_level(reason="重复投诉")
    about = {"store": case.store, "resource": "complaints", "record_key": case.complaint_no}
    own = Todo(title="给客户带一份资料", role=Role.SUPERVISOR, due_at=clock.now() + timedelta(days=2), **about)
    session.add(own)
    session.flush()
    hand_to_deputy(case)
    with acting(head):
        case.accept()
    session.flush()

    assert {todo.status for todo in session.scalars(select(Todo)) if todo is not own} == {TodoStatus.DONE}
    assert own.status is TodoStatus.OPEN


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
    make_triggers(session)
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
