from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from models.authority_limits import CompensationKind
from models.compensations import Compensation, CompensationStatus
from models.complaint_states import Status
from models.roles import Role
from tests.factories import make_compensation, make_complaint, make_levels, make_staff

APPROVED, PENDING, SECOND = CompensationStatus.APPROVED, CompensationStatus.PENDING, CompensationStatus.SECOND


def staff(session, role):
    return make_staff(session, role=role)


def at_level(session, code, **overrides):
    case = make_complaint(session, **overrides)
    if code != "L1":
        case.raise_level(reason="客户要求", to=make_levels(session)[code])
        session.flush()
    return case


def propose(session, role, code, amount, kind=CompensationKind.VOUCHER):
    """A proposal by somebody of the role, for a case at the level."""
    case, person = at_level(session, code), staff(session, role)
    with acting(person):
        case.propose_compensation(kind=kind, amount=Decimal(amount), reason="久等")
        session.flush()
    return session.query(Compensation).filter_by(complaint=case).one()


MATRIX = [
    # role, level, amount: granted at once, waits for another person, or for a second signature
    (Role.AGENT, "L1", "0.00", APPROVED, "L1"), (Role.AGENT, "L1", "200.00", APPROVED, "L1"), (Role.AGENT, "L1", "200.01", PENDING, "L2"),
    (Role.AGENT, "L2", "200.00", APPROVED, "L1"), (Role.AGENT, "L2", "200.01", PENDING, "L2"), (Role.AGENT, "L3", "2000.01", PENDING, "L3"),
    (Role.ADVISOR, "L1", "200.00", APPROVED, "L1"), (Role.ADVISOR, "L2", "2000.00", PENDING, "L2"), (Role.ADVISOR, "L3", "5000.00", PENDING, "L3"),
    (Role.SUPERVISOR, "L1", "200.00", APPROVED, "L1"), (Role.SUPERVISOR, "L1", "200.01", PENDING, "L2"), (Role.SUPERVISOR, "L2", "200.01", APPROVED, "L2"),
    (Role.SUPERVISOR, "L2", "2000.00", APPROVED, "L2"), (Role.SUPERVISOR, "L2", "2000.01", PENDING, "L3"), (Role.SUPERVISOR, "L3", "2000.00", APPROVED, "L2"),
    (Role.SUPERVISOR, "L3", "2000.01", PENDING, "L3"), (Role.MANAGER, "L1", "200.00", APPROVED, "L1"), (Role.MANAGER, "L1", "200.01", PENDING, "L2"),
    (Role.MANAGER, "L2", "2000.00", APPROVED, "L2"), (Role.MANAGER, "L2", "2000.01", PENDING, "L3"), (Role.MANAGER, "L3", "2000.00", APPROVED, "L2"),
    (Role.MANAGER, "L3", "2000.01", SECOND, "L3"), (Role.MANAGER, "CRISIS", "50000.00", SECOND, "L3"),
]


@pytest.mark.parametrize(("role", "level", "amount", "status", "required"), MATRIX)
def test_within_the_lower_of_both_limits_it_is_granted_at_once(session, role, level, amount, status, required):
    """The person's limit and the case's level; above it an approval is asked for (domain.md 3.9)"""
    one = propose(session, role, level, amount)

    assert (one.status, one.required_level.code) == (status, required)
    assert one.within_authority is (status is not PENDING)
    assert (one.approved_by is one.proposed_by) is (status is not PENDING)


@pytest.mark.parametrize(("kind", "status"), [
    (CompensationKind.VOUCHER, APPROVED), (CompensationKind.ADJUSTMENT, APPROVED), (CompensationKind.REDUCTION, PENDING), (CompensationKind.PRIORITY, PENDING),
    (CompensationKind.REFUND, PENDING), (CompensationKind.EXCEPTION, PENDING),
])
def test_a_kind_belongs_to_a_level_as_well(session, kind, status):
    """The front line gives vouchers, not refunds, however small"""
    assert propose(session, Role.AGENT, "L3", "10.00", kind).status is status


def test_what_the_system_proposes_a_person_decides(session):
    assert make_compensation(session, complaint=at_level(session, "L3")).status is PENDING


@pytest.mark.parametrize(("role", "level", "amount", "may"), [
    (Role.SUPERVISOR, "L1", "500.00", True), (Role.MANAGER, "L1", "500.00", True), (Role.SUPERVISOR, "L1", "2500.00", False), (Role.MANAGER, "L1", "2500.00", True),
    (Role.AGENT, "L1", "500.00", False),
])
def test_a_person_of_the_level_that_may_decides(session, role, level, amount, may):
    one, person = propose(session, Role.AGENT, level, amount), staff(session, role)
    with acting(person):
        if may:
            one.approve(reason="合理")
            session.flush()
        else:
            with pytest.raises(Refused) as no:
                one.approve(reason="合理")

            assert no.value.code == "not_the_level"

    assert (one.approved_by is person) is may
    assert (one.status is PENDING) is not may


@pytest.mark.parametrize(("role", "amount"), [(Role.SUPERVISOR, "500.00"), (Role.MANAGER, "500.00"), (Role.MANAGER, "9000.00")])
@pytest.mark.parametrize("decide", [lambda one: one.approve(reason="合理"), lambda one: one.reject(reason="x")])
def test_nobody_decides_an_own_proposal(session, role, amount, decide):
    """Even where the person's level would do"""
    one = propose(session, role, "L1", amount)
    with acting(one.proposed_by), pytest.raises(Refused) as no:
        decide(one)

    assert (no.value.code, one.status) == ("own_proposal", PENDING)


def test_nobody_decides_without_signing_in(session):
    one = propose(session, Role.AGENT, "L1", "500.00")

    with pytest.raises(Refused):
        one.approve(reason="合理")
    assert one.status is PENDING


def test_without_a_limit_two_people_sign(session):
    """The first by approving, the second another of the level; the proposer is neither"""
    one = propose(session, Role.AGENT, "L1", "9000.00")
    first, second, head = staff(session, Role.MANAGER), staff(session, Role.MANAGER), staff(session, Role.SUPERVISOR)
    with acting(first):
        one.approve(reason="合理")
        session.flush()

        assert one.status is SECOND
        with pytest.raises(Refused) as no:
            one.sign_second(reason="同意")
        assert no.value.code == "same_person"
    with acting(head), pytest.raises(Refused) as no:
        one.sign_second(reason="同意")
    assert no.value.code == "not_the_level"
    with acting(second):
        one.sign_second(reason="同意")
    session.flush()

    assert (one.status, one.approved_by, one.second_signed_by) == (APPROVED, first, second)


def test_a_manager_who_proposes_signs_first_and_never_second(session):
    one = propose(session, Role.MANAGER, "L3", "9000.00")
    with acting(one.proposed_by), pytest.raises(Refused) as no:
        one.sign_second(reason="同意")

    assert (no.value.code, one.status) == ("own_proposal", SECOND)
    with acting(staff(session, Role.MANAGER)):
        one.sign_second(reason="同意")
    session.flush()
    assert one.status is APPROVED


@pytest.mark.parametrize(("level", "amount"), [("L1", "500.00"), ("L3", "9000.00")])
def test_a_rejection_says_why(session, level, amount):
    """From either stage of waiting"""
    one = propose(session, Role.MANAGER if level == "L3" else Role.AGENT, level, amount)
    with acting(staff(session, Role.MANAGER)):
        one.reject(reason="超出惯例")
    session.flush()

    assert (one.status, one.reject_reason) == (CompensationStatus.REJECTED, "超出惯例")


def test_what_is_approved_is_issued_and_accepted(session):
    one, head = propose(session, Role.AGENT, "L1", "50.00"), staff(session, Role.SUPERVISOR)
    with acting(head):
        one.issue(voucher_no="XC0007")
        one.accept()
    session.flush()

    assert (one.status, one.voucher_no, one.issued_by, one.issued_at) == (CompensationStatus.ACCEPTED, "XC0007", head, clock.now())


ALLOWED = {
    "approve": {PENDING}, "sign_second": {SECOND}, "reject": {PENDING, SECOND}, "cancel": {PENDING, SECOND, APPROVED}, "issue": {APPROVED},
    "accept": {CompensationStatus.ISSUED},
}


@pytest.mark.parametrize("name", ALLOWED)
def test_no_step_leads_on_from_any_other_state(name):
    for state in set(CompensationStatus) - ALLOWED[name]:
        one = Compensation(status=state)
        with pytest.raises(Refused) as no:
            getattr(one, name)(**({"reason": "x"} if name not in {"issue", "accept"} else {}))

        assert (no.value.code, one.status) == ("wrong_state", state)


@pytest.mark.parametrize(("field", "value"), [("amount", Decimal("60.00")), ("reason", "别的"), ("kind", CompensationKind.ADJUSTMENT)])
def test_a_proposal_is_not_rewritten(session, field, value):
    """An approval is for what was proposed"""
    one = propose(session, Role.AGENT, "L1", "50.00")
    setattr(one, field, value)

    with pytest.raises(Refused) as no:
        session.flush()
    assert (no.value.code, no.value.field) == ("immutable", field)


def test_a_decision_is_not_rewritten(session):
    one = propose(session, Role.AGENT, "L1", "50.00")
    one.approved_by = staff(session, Role.MANAGER)

    with pytest.raises(Refused) as no:
        session.flush()
    assert no.value.code == "immutable"


def test_a_compensation_goes_to_its_own_complaint(session):
    one, other = propose(session, Role.AGENT, "L1", "50.00"), make_complaint(session)
    one.complaint = other

    with pytest.raises(Refused) as no:
        session.flush()
    assert no.value.field == "complaint"


def test_an_ended_complaint_grants_nothing(session):
    case = make_complaint(session)
    case.withdraw(reason="客户撤回")

    with pytest.raises(Refused) as no:
        make_compensation(session, complaint=case)
    assert no.value.field == "complaint"


@pytest.mark.parametrize(("values", "rule"), [
    ({"status": APPROVED}, "approved_has_time"), ({"amount": Decimal("-0.01")}, "nobody_is_fined"), ({"status": CompensationStatus.REJECTED}, "rejected_has_reason"),
    ({"status": CompensationStatus.ISSUED, "approved_at": clock.now()}, "issued_has_time"),
])
def test_the_database_keeps_the_rules_too(session, monkeypatch, values, rule):
    """Whatever writes to it, even past the rules in words"""
    monkeypatch.setattr(Compensation, "before_save", lambda self, *, is_new: None)
    with pytest.raises(IntegrityError, match=rule):
        make_compensation(session, **values)


def test_the_database_knows_no_own_approval(session, monkeypatch):
    person = staff(session, Role.MANAGER)
    monkeypatch.setattr(Compensation, "before_save", lambda self, *, is_new: None)

    with pytest.raises(IntegrityError, match="no_own_proposal_is_approved"):
        make_compensation(session, proposed_by=person, approved_by=person, approved_at=clock.now(), status=APPROVED)


def test_history_is_taken_as_it_was(session):
    """An old system may not say who approved"""
    one = make_compensation(
        session, from_history=True, status=CompensationStatus.ISSUED, reason=None, complaint=make_complaint(session, status=Status.CLOSED, from_history=True),
    )

    assert (one.status, one.required_level, one.proposed_by) == (CompensationStatus.ISSUED, None, None)
