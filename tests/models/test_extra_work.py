from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from models.authorizations import Authorization
from models.evidence import Decision, Method, Relation
from models.extra_work import RequestStatus
from models.extra_work_lines import LineStatus, Urgency
from models.order_lines import Approval, LineKind
from models.order_states import OrderStatus, Payer
from tests.factories import (
    CONSENT,
    make_extra_work,
    make_extra_work_line,
    make_order,
    make_order_in_repair,
    make_sent_request,
    make_staff,
    make_vehicle,
    work,
)

NOTE = "客户签字：知晓刹车风险，暂不更换"


def words(session):
    """The evidence so far, oldest first."""
    session.flush()
    return session.query(Authorization).filter(Authorization.extra_line_id.is_not(None)).order_by(Authorization.id).all()


def test_a_request_is_sent_with_its_lines_and_prices(session):
    request = make_extra_work(session)
    with pytest.raises(Refused):
        request.send()
    line = make_extra_work_line(session, request=request, line_no=7, labor_amount=None, parts_amount=None)
    with pytest.raises(Refused, match="7"):
        request.send()
    line.labor_amount = Decimal("80.10")
    session.flush()
    request.send()

    assert request.status is RequestStatus.SENT


def test_sending_states_the_revised_total_to_the_fen(session):
    """What is approved already (180.00), and every line asked for"""
    request = make_sent_request(session, Urgency.SAFETY, Urgency.OPTIONAL, Urgency.RECOMMENDED)

    assert [line.amount for line in request.lines] == [Decimal("200.30")] * 3
    assert request.revised_total == Decimal("780.90")


def test_an_order_in_repair_waits_for_the_answer_and_goes_on_after_it(session):
    request = make_sent_request(session, Urgency.RECOMMENDED)
    waiting = request.order.status
    request.lines[0].approve(**CONSENT)

    assert (waiting, request.order.status) == (OrderStatus.WAITING_APPROVAL, OrderStatus.IN_REPAIR)


def test_the_order_waits_for_the_last_of_two_questions(session):
    first = make_sent_request(session, Urgency.OPTIONAL)
    second = make_sent_request(session, Urgency.OPTIONAL, order=first.order)
    first.lines[0].decline(**CONSENT)
    between = first.order.status
    second.lines[0].decline(**CONSENT)

    assert (between, first.order.status) == (OrderStatus.WAITING_APPROVAL, OrderStatus.IN_REPAIR)


def test_extra_work_found_in_a_check_sends_the_car_back(session):
    order = make_order_in_repair(session)
    work(order)
    order.finish_repair()
    request = make_sent_request(session, Urgency.SAFETY, order=order)
    request.lines[0].approve(**CONSENT)

    assert order.status is OrderStatus.IN_REPAIR


def test_nothing_is_asked_before_the_authorization(session):
    request = make_extra_work(session, order=make_order(session))
    make_extra_work_line(session, request=request)

    with pytest.raises(Refused) as refused:
        request.send()
    assert refused.value.code == "wrong_state"


@pytest.mark.parametrize(("promised", "asked", "ends"), [
    (timedelta(hours=6), None, timedelta(hours=6)), (None, None, timedelta(hours=24)), (timedelta(hours=-1), None, timedelta(hours=24)),
    (timedelta(hours=6), timedelta(hours=1), timedelta(hours=1)),
])
def test_a_question_ends_at_the_promised_time_or_after_a_day(session, promised, asked, ends):
    """Unless the advisor says otherwise (domain.md 2.3)"""
    order, now = make_order_in_repair(session), clock.now()
    order.promised_at = None if promised is None else now + promised
    request = make_extra_work(session, order=order)
    make_extra_work_line(session, request=request)
    request.send(expires_at=None if asked is None else now + asked)

    assert request.expires_at == now + ends


def test_a_question_does_not_end_in_the_past(session):
    request = make_extra_work(session)
    make_extra_work_line(session, request=request)

    with pytest.raises(Refused) as refused:
        request.send(expires_at=clock.now())
    assert refused.value.field == "expires_at"


def test_an_answer_is_kept_as_evidence(session):
    """Who, in what relation, how, by which number, when, who wrote it down, what it is about, and the revised total"""
    request = make_sent_request(session, Urgency.RECOMMENDED, Urgency.OPTIONAL)
    line, at, advisor = request.lines[0], clock.now() - timedelta(minutes=5), make_staff(session)
    with acting(advisor):
        line.approve(person="王强", relation=Relation.FAMILY, method=Method.PHONE, phone_called="13987654321", at=at, note="请今天修好")
    (word,) = words(session)

    assert (word.decision, word.person, word.relation, word.method, word.phone_called, word.at, word.staff, word.note) == (
        Decision.APPROVED, "王强", Relation.FAMILY, Method.PHONE, "13987654321", at, advisor, "请今天修好",
    )
    assert (word.order, word.extra_line, word.amount, word.revised_total) == (request.order, line, Decimal("200.30"), Decimal("380.30"))
    assert "更换刹车油" in word.shown
    assert line.decided_at == at


def test_totals_follow_each_answer(session):
    request = make_sent_request(session, Urgency.RECOMMENDED, Urgency.OPTIONAL, Urgency.RECOMMENDED)
    for line, answer in zip(request.lines, ("approve", "decline", "approve"), strict=True):
        getattr(line, answer)(**CONSENT)

    assert [word.revised_total for word in words(session)] == [Decimal("380.30"), Decimal("380.30"), Decimal("580.60")]


def test_partly_decided_then_decided(session):
    request = make_sent_request(session, Urgency.RECOMMENDED, Urgency.OPTIONAL)
    request.lines[0].approve(**CONSENT)
    between = (request.status, request.decided_at)
    request.lines[1].defer(**CONSENT)

    assert between == (RequestStatus.PARTIALLY_DECIDED, None)
    assert (request.status, request.decided_at) == (RequestStatus.DECIDED, clock.now())


def test_an_approved_line_becomes_approved_work_of_the_order(session):
    """Its labor and its parts, each a line; done when both are"""
    request = make_sent_request(session, Urgency.RECOMMENDED)
    (line,) = request.lines
    line.approve(**CONSENT)
    session.flush()
    added = [one for one in request.order.lines if one.extra_line is line]

    assert [(one.line_no, one.kind, one.amount, one.approval) for one in added] == [
        (2, LineKind.LABOR, Decimal("80.10"), Approval.APPROVED), (3, LineKind.PART, Decimal("120.20"), Approval.APPROVED),
    ]
    work(request.order)
    assert line.status is LineStatus.DONE


def test_extra_work_is_the_customers_to_pay_even_on_a_warranty_order(session):
    order = make_order_in_repair(session, payer=Payer.WARRANTY)
    request = make_sent_request(session, Urgency.RECOMMENDED, order=order)

    assert request.revised_total == Decimal("200.30")


def test_approval_takes_the_new_promised_time_over(session):
    later = clock.now() + timedelta(days=1)
    request = make_sent_request(session, Urgency.RECOMMENDED, new_promised_at=later)
    request.lines[0].approve(**CONSENT)

    assert request.order.promised_at == later


def test_a_decline_leaves_the_promised_time(session):
    request = make_sent_request(session, Urgency.RECOMMENDED, new_promised_at=clock.now() + timedelta(days=1))
    before = request.order.promised_at
    request.lines[0].decline(**CONSENT)

    assert request.order.promised_at == before


@pytest.mark.parametrize("answer", ["approve", "decline", "defer"])
def test_an_answer_by_phone_names_the_number_called(session, answer):
    (line,) = make_sent_request(session, Urgency.RECOMMENDED).lines

    with pytest.raises(Refused) as refused:
        getattr(line, answer)(person="王芳", relation=Relation.SELF, method=Method.PHONE)
    assert refused.value.field == "phone_called"
    assert (line.status, words(session)) == (LineStatus.PENDING, [])


@pytest.mark.parametrize("note", [None, "", "  \n"])
def test_declining_a_safety_line_needs_the_written_note(session, note):
    (line,) = make_sent_request(session, Urgency.SAFETY).lines

    with pytest.raises(Refused) as refused:
        line.decline(**CONSENT, note=note)
    assert (refused.value.field, line.status) == ("note", LineStatus.PENDING)


def test_a_declined_safety_line_keeps_its_note(session):
    (line,) = make_sent_request(session, Urgency.SAFETY).lines
    line.decline(**CONSENT, note=NOTE)
    session.flush()

    assert (line.status, line.note, words(session)[0].note) == (LineStatus.DECLINED, NOTE, NOTE)
    line.note = None
    with pytest.raises(IntegrityError, match="declined_safety_has_note"):
        session.flush()


@pytest.mark.parametrize(("asked", "kept"), [
    ({}, (date(2026, 12, 20), None)), ({"follow_up_on": date(2027, 1, 5)}, (date(2027, 1, 5), None)),
    ({"follow_up_km": 50_000}, (None, 50_000)), ({"follow_up_on": date(2027, 1, 5), "follow_up_km": 50_000}, (date(2027, 1, 5), 50_000)),
])
def test_a_deferred_line_is_followed_up(session, asked, kept):
    """On a day, at a mileage, or after 30 days"""
    (line,) = make_sent_request(session, Urgency.OPTIONAL).lines
    line.defer(**CONSENT, **asked)

    assert (line.follow_up_on, line.follow_up_km) == kept


def test_a_deferred_line_is_not_followed_up_in_the_past(session):
    (line,) = make_sent_request(session, Urgency.OPTIONAL).lines

    with pytest.raises(Refused) as refused:
        line.defer(**CONSENT, follow_up_on=clock.today())
    assert refused.value.field == "follow_up_on"


def test_a_deferred_line_may_still_be_approved_on_this_visit(session):
    (line,) = make_sent_request(session, Urgency.OPTIONAL).lines
    line.defer(**CONSENT)
    line.approve(**CONSENT)
    session.flush()

    assert (line.status, len(line.request.order.lines)) == (LineStatus.APPROVED, 3)


def test_a_deferred_line_moves_to_a_later_order_of_the_same_car(session):
    """With fresh evidence on that order; another car's order is refused"""
    (line,) = make_sent_request(session, Urgency.OPTIONAL).lines
    line.defer(**CONSENT)
    later = make_order_in_repair(session, vehicle=line.order.vehicle)
    with pytest.raises(Refused) as refused:
        line.convert(into=make_order_in_repair(session, vehicle=make_vehicle(session)), **CONSENT)
    line.convert(into=later, **CONSENT)
    session.flush()

    assert refused.value.field == "into"
    assert (line.status, len(later.lines), words(session)[-1].order) == (LineStatus.CONVERTED, 3, later)


def test_a_deferred_line_may_be_closed_with_a_reason(session):
    (line,) = make_sent_request(session, Urgency.OPTIONAL).lines
    line.defer(**CONSENT, note="等发工资")
    line.close(reason="车已卖")

    assert (line.status, line.note) == (LineStatus.CLOSED, "等发工资\n车已卖")


def test_no_answer_before_the_question(session):
    line = make_extra_work_line(session)

    with pytest.raises(Refused) as refused:
        line.approve(**CONSENT)
    assert (refused.value.code, words(session)) == ("wrong_state", [])


def test_no_second_answer(session):
    line = make_sent_request(session).lines[1]
    line.decline(**CONSENT)

    with pytest.raises(Refused):
        line.approve(**CONSENT)


@pytest.mark.parametrize("change", [
    {"description": "更换水泵"}, {"labor_amount": Decimal("1.00")}, {"parts_amount": None}, {"urgency": Urgency.OPTIONAL}, {"payer": Payer.INTERNAL},
    {"archived_at": clock.now()},
])
def test_a_line_of_a_sent_request_is_not_edited(session, change):
    (line,) = make_sent_request(session, Urgency.SAFETY).lines
    for name, value in change.items():
        setattr(line, name, value)

    with pytest.raises(Refused) as refused:
        session.flush()
    assert refused.value.code == "sent"


def test_no_line_is_added_to_a_sent_request(session):
    request = make_sent_request(session)

    with pytest.raises(Refused):
        make_extra_work_line(session, request=request, line_no=9)


def test_a_sent_request_itself_is_not_edited(session):
    request = make_sent_request(session)
    request.cause = "其他原因"

    with pytest.raises(Refused) as refused:
        session.flush()
    assert refused.value.code == "sent"


def test_a_revision_copies_the_open_lines_and_voids_the_old_ones(session):
    """What was answered stands with its evidence; the revision is a draft under the same number"""
    request = make_sent_request(session, Urgency.SAFETY, Urgency.OPTIONAL, Urgency.RECOMMENDED)
    request.lines[0].approve(**CONSENT)
    draft = request.revise()
    session.flush()

    assert (request.status, [line.status for line in request.lines]) == (
        RequestStatus.SUPERSEDED, [LineStatus.APPROVED, LineStatus.VOID, LineStatus.VOID],
    )
    assert (draft.request_no, draft.revision, draft.supersedes, draft.status) == (
        f"{request.request_no}-R2", 2, request, RequestStatus.DRAFT,
    )
    assert [(line.line_no, line.urgency, line.amount, line.status) for line in draft.lines] == [
        (2, Urgency.OPTIONAL, Decimal("200.30"), LineStatus.PENDING), (3, Urgency.RECOMMENDED, Decimal("200.30"), LineStatus.PENDING),
    ]


def test_open_answers_of_a_superseded_request_are_void(session):
    request = make_sent_request(session, Urgency.OPTIONAL)
    draft = request.revise()
    session.flush()
    with pytest.raises(Refused):
        request.lines[0].approve(**CONSENT)
    draft.lines[0].labor_amount = Decimal("60.00")
    session.flush()
    draft.send()
    draft.lines[0].approve(**CONSENT)

    assert words(session)[-1].amount == Decimal("180.20")


def test_a_third_revision_counts_on(session):
    request = make_sent_request(session, Urgency.OPTIONAL)
    second = request.revise()
    session.flush()
    second.send()
    third = second.revise()

    assert third.request_no == f"{request.request_no}-R3"


def test_withdrawing_voids_what_is_open_and_lets_the_order_go_on(session):
    request = make_sent_request(session, Urgency.SAFETY)
    request.withdraw()
    session.flush()

    assert (request.status, request.lines[0].status) == (RequestStatus.WITHDRAWN, LineStatus.VOID)
    assert request.order.status is OrderStatus.IN_REPAIR


def test_an_unanswered_question_expires_and_its_lines_are_followed_up(session):
    """Not before its time"""
    request = make_sent_request(session, Urgency.SAFETY)
    with pytest.raises(Refused):
        request.expire()
    with clock.stopped_at(request.expires_at):
        request.expire()
        session.flush()

    assert (request.status, request.lines[0].status) == (RequestStatus.EXPIRED, LineStatus.DEFERRED)
    assert request.lines[0].follow_up_on == date(2026, 12, 20)
    assert request.order.status is OrderStatus.IN_REPAIR


@pytest.mark.parametrize(("claim", "broken"), [
    ("decided_has_time_and_price", {"decided_at": None}), ("deferred_is_followed_up", {"follow_up_on": None}),
])
def test_the_database_keeps_what_a_decision_needs(session, claim, broken):
    (line,) = make_sent_request(session, Urgency.OPTIONAL).lines
    line.defer(**CONSENT)
    for name, value in broken.items():
        setattr(line, name, value)

    with pytest.raises(IntegrityError, match=claim):
        session.flush()


def test_what_was_sent_keeps_its_end_in_the_database(session):
    request = make_sent_request(session)
    request.expires_at = None

    with pytest.raises(IntegrityError, match="sent_has_time_and_total"):
        session.flush()


def test_evidence_is_never_rewritten(session):
    (line,) = make_sent_request(session, Urgency.OPTIONAL).lines
    line.approve(**CONSENT)
    (word,) = words(session)
    word.person = "别人"

    with pytest.raises(Refused) as refused:
        session.flush()
    assert refused.value.code == "immutable"


def test_a_phone_word_without_number_fails_in_the_database(session):
    order = make_order_in_repair(session)
    session.add(Authorization(
        order=order, decision=Decision.APPROVED, method=Method.PHONE, person="王芳", relation=Relation.SELF, at=clock.now(),
        revised_total=Decimal("1.00"),
    ))

    with pytest.raises(IntegrityError, match="phone_has_number_called"):
        session.flush()


def test_the_finder_is_whoever_writes_the_request(session):
    technician = make_staff(session)
    with acting(technician):
        request = make_extra_work(session)

    assert request.found_by is technician
