from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from models.authority_limits import CompensationKind
from models.compensations import Compensation, CompensationStatus
from models.complaint_states import Status
from models.roles import Role
from tests.factories import make_compensation, make_complaint, make_staff
from tests.models.ways import DAY, STEPS, bring, later, staff


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


@pytest.mark.parametrize("end", ["reject", "withdraw"])
def test_nothing_is_granted_on_a_complaint_that_is_over(session, end):
    """What waits for a decision, or was promised and not handed out, is settled or called off before the complaint ends in another way."""
    case = make_complaint(session)
    one = Compensation(complaint=case, kind=CompensationKind.VOUCHER, amount=Decimal(30), status=CompensationStatus.APPROVED, from_history=True)
    session.add(one)
    session.flush()
    with pytest.raises(Refused) as no:
        getattr(case, end)(reason="不属于本店责任")

    assert (no.value.code, case.closed_at) == ("not_settled", None)
    one.status = CompensationStatus.REJECTED
    getattr(case, end)(reason="不属于本店责任")

    assert case.closed_at is not None


def test_a_closed_complaint_keeps_lacking_nothing(session):
    """Editing it afterwards does not get around the list"""
    case = bring(make_complaint(session), Status.CLOSED)
    case.cause = None

    with pytest.raises(Refused, match=r"根本原因|cause"):
        session.flush()


def test_the_database_keeps_the_list_too(session):
    with pytest.raises(IntegrityError, match="closed_lacks_nothing"):
        make_complaint(session, status=Status.CLOSED, acknowledged_at=clock.now(), closed_at=clock.now())


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
