from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from backoffice.declare import Invalid, Refused, clock
from backoffice.declare.messages import TOLD
from backoffice.declare.people import acting
from models.authority_limits import CompensationKind
from models.budgets import Budget
from models.compensation_decisions import CompensationDecision, Verdict
from models.compensations import Compensation, CompensationStatus
from models.granting import budget_meters
from models.roles import Role
from models.todos import Todo, TodoStatus
from models.types import MONTH_KIND
from tests.factories import make_budget, make_complaint, make_levels, make_staff, make_store

APPROVED, PENDING, SECOND = CompensationStatus.APPROVED, CompensationStatus.PENDING, CompensationStatus.SECOND
CANCELLED, REJECTED = CompensationStatus.CANCELLED, CompensationStatus.REJECTED


def staff(session, role):
    return make_staff(session, role=role)


def budget(session, code, amount, **more):
    return make_budget(session, level=make_levels(session)[code], amount=Decimal(amount), **more)


def propose(session, amount, role=Role.AGENT, case=None, kind=CompensationKind.VOUCHER):
    case = case or make_complaint(session)
    with acting(staff(session, role)):
        one = Compensation(complaint=case, kind=kind, amount=Decimal(amount), reason="久等")
        session.add(one)
        session.flush()
    return one


def figures(one):
    return one.used, one.left


def steps(one):
    return [(row.verdict, row.level.code, row.budget_left) for row in sorted(one.decisions, key=lambda row: row.sequence)]


def test_what_is_granted_is_taken_from_the_budget_of_its_level_and_month(session):
    """A request takes nothing until it is signed"""
    first, second, last = budget(session, "L1", 500), budget(session, "L2", 3000), budget(session, "L1", 500, month="2026-10")
    propose(session, "120.00")
    asked = propose(session, "700.00")

    assert [figures(one) for one in (first, second, last)] == [(120, 380), (0, 3000), (0, 500)]

    with acting(staff(session, Role.SUPERVISOR)):
        asked.approve(reason="合理")
        session.flush()

    assert [figures(one) for one in (first, second)] == [(120, 380), (700, 2300)]


def test_what_the_budget_does_not_cover_is_asked_of_the_next_level(session):
    """To the last cent it is granted at once; beyond, the level above decides, is told, and pays; the way is written down"""
    budget(session, "L1", 150)
    fits, over = propose(session, "150.00"), propose(session, "0.01")

    assert (fits.status, fits.required_level.code) == (APPROVED, "L1")
    assert (over.status, over.required_level.code) == (PENDING, "L2")
    assert steps(over) == [(Verdict.PASSED, "L1", 0), (Verdict.ASKED, "L2", None)]
    assert session.query(Todo).filter_by(record_key=over.compensation_no).one().role is Role.SUPERVISOR


def test_a_gesture_that_costs_nothing_needs_no_money(session):
    budget(session, "L2", 0)
    one = propose(session, "0.00", kind=CompensationKind.PRIORITY)
    with acting(staff(session, Role.SUPERVISOR)):
        one.approve(reason="合理")

    assert (one.status, one.required_level.code) == (APPROVED, "L2")


def test_an_approval_that_the_budget_does_not_cover_is_passed_on(session):
    """The head's word stays in the history; the to-do goes to the manager, who grants it on the own budget with a second signature"""
    lower, upper = budget(session, "L2", 2000), budget(session, "L3", 9000)
    first, one = propose(session, "1000.00"), propose(session, "1200.00")
    chief = staff(session, Role.MANAGER)
    with acting(staff(session, Role.SUPERVISOR)):
        first.approve(reason="合理")
        one.approve(reason="也合理")
        session.flush()

    assert (one.status, one.required_level.code, one.approved_by) == (PENDING, "L3", None)
    assert [todo.role for todo in session.query(Todo).filter_by(record_key=one.compensation_no, status=TodoStatus.OPEN)] == [Role.MANAGER]

    with acting(chief):
        one.approve(reason="同意")
        session.flush()

    assert (one.status, one.approved_by) == (SECOND, chief)
    assert [figures(row) for row in (lower, upper)] == [(1000, 1000), (1200, 7800)]
    assert steps(one) == [
        (Verdict.ASKED, "L2", 2000), (Verdict.PASSED, "L2", 1000), (Verdict.ASKED, "L3", 9000), (Verdict.APPROVED, "L3", 9000),
    ]
    assert [row.reason for row in one.decisions] == ["久等", "也合理", "也合理", "同意"]


def test_a_manager_goes_past_an_empty_budget_below(session):
    """Whoever owns the level that pays signs at once"""
    budget(session, "L2", 100)
    one, chief = propose(session, "700.00", kind=CompensationKind.REDUCTION), staff(session, Role.MANAGER)

    assert one.required_level.code == "L3"

    with acting(chief):
        one.approve(reason="同意")

    assert (one.status, one.approved_by) == (SECOND, chief)


def test_without_any_money_left_it_is_refused_until_a_budget_is_raised(session):
    """The request stays with the highest level; the sentence names month and rest"""
    last = [budget(session, code, 10) for code in ("L1", "L2", "L3")][-1]
    one, chief = propose(session, "50.00"), staff(session, Role.MANAGER)

    assert (one.status, one.required_level.code) == (PENDING, "L3")

    with acting(chief):
        with pytest.raises(Refused, match=r"2026-11.*¥10\.00") as no:
            one.approve(reason="同意")
        assert (no.value.code, one.status) == ("budget_used_up", PENDING)
        last.amount = Decimal(100)
        session.flush()
        one.approve(reason="同意")

    assert one.status is SECOND


@pytest.mark.parametrize(("amount", "role", "decide", "status"), [
    ("700.00", Role.SUPERVISOR, lambda one: one.cancel(reason="客户已满意"), CANCELLED),
    ("9000.00", Role.MANAGER, lambda one: one.reject(reason="不合惯例"), REJECTED),
    ("9000.00", Role.MANAGER, lambda one: one.cancel(reason="客户已满意"), CANCELLED),
])
def test_what_is_cancelled_or_refused_gives_the_budget_back(session, amount, role, decide, status):
    """After the first signature and after the last"""
    paying = budget(session, "L2" if role is Role.SUPERVISOR else "L3", 10_000)
    one = propose(session, amount)
    with acting(staff(session, role)):
        one.approve(reason="合理")
        session.flush()

        assert paying.used == Decimal(amount)
    with acting(staff(session, role)):
        decide(one)
        session.flush()

    assert (one.status, figures(paying)) == (status, (0, 10_000))
    assert one.decisions[-1].reason in {"客户已满意", "不合惯例"}


def test_what_was_handed_over_is_not_cancelled_and_not_by_anybody(session):
    """Below the level only whoever proposed it may; after it is issued nobody"""
    one = propose(session, "700.00")
    with acting(staff(session, Role.AGENT)), pytest.raises(Refused) as no:
        one.cancel(reason="x")
    assert no.value.code == "not_the_level"
    with acting(staff(session, Role.SUPERVISOR)):
        one.approve(reason="合理")
        one.issue()
        with pytest.raises(Refused) as no:
            one.cancel(reason="x")
    assert no.value.code == "wrong_state"


def test_a_store_has_its_own_budget_within_that_of_all(session):
    """Both must cover it; another store's does not matter"""
    here, there = make_store(session), make_store(session)
    own, other, common = budget(session, "L1", 100, store=here), budget(session, "L1", 0, store=there), budget(session, "L1", 130, store=None)
    propose(session, "90.00", case=make_complaint(session, store=here))

    assert [figures(one) for one in (own, other, common)] == [(90, 10), (0, 0), (90, 40)]
    assert propose(session, "11.00", case=make_complaint(session, store=here)).required_level.code == "L2"
    assert propose(session, "40.00", case=make_complaint(session)).required_level.code == "L1"
    assert propose(session, "0.01", case=make_complaint(session)).required_level.code == "L2"


def test_two_proposals_written_together_share_what_is_left(session):
    """Neither sees the other in the database yet"""
    budget(session, "L1", 100)
    cases = [make_complaint(session), make_complaint(session)]
    with acting(staff(session, Role.AGENT)):
        both = [Compensation(complaint=case, kind=CompensationKind.VOUCHER, amount=Decimal(60), reason="久等") for case in cases]
        session.add_all(both)
        session.flush()

    assert sorted(one.required_level.code for one in both) == ["L1", "L2"]


def test_a_budget_counts_what_was_granted_before_it_was_made(session):
    """And its month ends at midnight where the house is"""
    zone = ZoneInfo("Asia/Shanghai")
    case = make_complaint(session)
    for moment in (datetime(2026, 11, 30, 23, 59, tzinfo=zone), datetime(2026, 12, 1, 0, 0, tzinfo=zone)):
        with clock.stopped_at(moment):
            propose(session, "30.00", case=case)

    assert figures(budget(session, "L1", 100)) == (30, 70)
    assert figures(budget(session, "L1", 20, month="2026-12")) == (30, 0)


def test_old_records_take_nothing(session):
    """What an old system granted was paid from another purse"""
    session.add(Compensation(
        complaint=make_complaint(session), kind=CompensationKind.VOUCHER, amount=Decimal(80), status=APPROVED, approved_at=clock.now(),
        required_level=make_levels(session)["L1"], from_history=True,
    ))
    session.flush()

    assert budget(session, "L1", 100).used == 0
    assert session.query(CompensationDecision).count() == 0


def test_the_bar_shows_what_is_used_and_what_it_would_take(session):
    """In two pieces; red where it does not fit"""
    budget(session, "L2", 1000)
    first, second = propose(session, "500.00"), propose(session, "600.00")
    with acting(staff(session, Role.SUPERVISOR)):
        first.approve(reason="合理")
        session.flush()
    (after,), (before,) = budget_meters(first), budget_meters(second)

    assert (after.percent, after.parts, after.tone) == (50, (50.0, 0.0), "info")
    assert (before.percent, before.parts, before.tone) == (110, (50.0, 60.0), "bad")
    assert "¥500.00" in before.says.in_locale("en")


def test_a_decision_is_not_rewritten(session):
    one = propose(session, "30.00")
    one.decisions[0].reason = "别的"

    with pytest.raises(Refused) as no:
        session.flush()
    assert (no.value.code, no.value.field) == ("immutable", "reason")


def test_the_second_signer_is_told(session):
    """The to-do of the first signature is done, another asks for the second, and that one is done as well"""
    one = propose(session, "9000.00")
    for name, title in (("approve", "second"), ("sign_second", None)):
        with acting(staff(session, Role.MANAGER)):
            getattr(one, name)(reason="同意")
            session.flush()
        waiting = session.query(Todo).filter_by(record_key=one.compensation_no, status=TodoStatus.OPEN).all()

        assert [title in todo.title or "第二" in todo.title for todo in waiting] == ([True] if title else [])


def test_whoever_may_decide_is_told_and_whoever_proposed_learns_the_outcome(session):
    """On the complaint, which an agent may read; nobody is told of the own deed"""
    one = propose(session, "700.00")
    head = make_staff(session, role=Role.SUPERVISOR, store=one.store)
    other = propose(session, "800.00", case=one.complaint)
    with acting(head):
        other.reject(reason="不合惯例")
        session.flush()
    told = [(tidings.record, tidings.occasion.name, set(tidings.people), tidings.title[1], tidings.body) for tidings in session.info[TOLD]][-2:]

    assert told == [
        (other, "compensation-asked", {head.id}, f"Compensation {other.compensation_no} waits for you", None),
        (one.complaint, "compensation-decided", {other.proposed_by.id},
         f"Compensation {other.compensation_no} for complaint {one.complaint.complaint_no}: Rejected", ("驳回：不合惯例", "Rejected: 不合惯例")),
    ]


def test_a_budget_goes_on_next_month_once(session):
    """Over the end of a year as well; what was left stays behind"""
    one = budget(session, "L1", 500, month="2026-12")
    one.carry_on()
    session.flush()

    assert {row.month: row.amount for row in session.query(Budget)} == {"2026-12": 500, "2027-01": 500}
    with pytest.raises(Refused, match="2027-01"):
        one.carry_on()


@pytest.mark.parametrize(("text", "month"), [("2026-11", "2026-11"), ("2026/1", "2026-01"), ("2026年11月", "2026-11"), ("2026-11-01", "2026-11"),
                                             ("2026-13", None), ("2026-11-02", None), ("11", None), ("0000-01", None)])
def test_a_month_is_understood_as_people_and_spreadsheets_write_it(text, month):
    if month is None:
        with pytest.raises(Invalid):
            MONTH_KIND.parse(text)
    else:
        assert MONTH_KIND.parse(text) == month
