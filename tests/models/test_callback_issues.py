from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from models.callback_codes import IssueClass
from models.callback_issues import CallbackIssue, IssueStatus, Tone, own_issues
from models.complaint_states import Channel
from models.roles import Role
from tests.factories import make_codes, make_complaint, make_issue, make_order, make_staff, make_task

STEPS = {
    IssueStatus.ASSIGNED: lambda one: one.assign(owner=make_staff(one.session)),
    IssueStatus.IN_PROGRESS: lambda one: one.start(),
    IssueStatus.SOLVED: lambda one: one.solve(measure="增加接待工位", result="客户已接待"),
    IssueStatus.CUSTOMER_CONFIRMED: lambda one: one.confirm(),
    IssueStatus.CLOSED: lambda one: one.close(),
}


def bring(issue, goal):
    """Take an open issue the whole way to a state."""
    if goal is IssueStatus.CONVERTED:
        issue.convert_to_complaint()
    elif goal is IssueStatus.REOPENED:
        bring(issue, IssueStatus.SOLVED).reopen(reason="客户再次反映")
    else:
        for state, step in STEPS.items():
            if issue.status is goal:
                break
            step(issue)
            issue.session.flush()
            assert issue.status is state
    issue.session.flush()
    return issue


ALLOWED = {
    "assign": {IssueStatus.OPEN, IssueStatus.ASSIGNED, IssueStatus.REOPENED},
    "start": {IssueStatus.ASSIGNED, IssueStatus.REOPENED},
    "solve": {IssueStatus.IN_PROGRESS},
    "confirm": {IssueStatus.SOLVED},
    "close": {IssueStatus.CUSTOMER_CONFIRMED},
    "reopen": {IssueStatus.SOLVED, IssueStatus.CUSTOMER_CONFIRMED, IssueStatus.CLOSED},
    "convert_to_complaint": {IssueStatus.OPEN, IssueStatus.ASSIGNED, IssueStatus.IN_PROGRESS, IssueStatus.REOPENED},
    "take_note": {IssueStatus.OPEN},
}
PAIRS = [(name, state) for name, states in ALLOWED.items() for state in IssueStatus if state in states]


def dialog(name, session):
    return {
        "assign": lambda: {"owner": make_staff(session)}, "solve": lambda: {"measure": "a", "result": "b"}, "reopen": lambda: {"reason": "c"},
    }.get(name, dict)()


@pytest.mark.parametrize(("name", "state"), PAIRS)
def test_each_step_leads_on_from_each_of_its_states(session, name, state):
    issue = bring(make_issue(session, tone=Tone.PRAISE), state)
    getattr(issue, name)(**dialog(name, session))
    session.flush()

    assert issue.status is not state or name == "assign"


@pytest.mark.parametrize("name", ALLOWED)
def test_no_step_leads_on_from_any_other_state(session, name):
    details = dialog(name, session)
    for state in set(IssueStatus) - ALLOWED[name]:
        issue = CallbackIssue(status=state)
        with pytest.raises(Refused) as no:
            getattr(issue, name)(**details)

        assert (no.value.code, issue.status) == ("wrong_state", state)


def test_the_whole_way_leaves_what_the_form_asks_for(session):
    """Measure, result, owner, signature: the columns of 回访问题解决措施登记表 (S4)"""
    issue, owner = make_issue(session), make_staff(session)
    issue.assign(owner=owner, due_at=clock.now() + timedelta(days=2))
    issue.start()
    issue.solve(measure="与车间重排班次", result="等候降到十分钟")
    issue.confirm(customer_signed=True)
    issue.close()
    session.flush()

    assert (issue.owner, issue.due_at, issue.customer_signed) == (owner, clock.now() + timedelta(days=2), True)
    assert (issue.measure, issue.result) == ("与车间重排班次", "等候降到十分钟")
    assert (issue.confirmed_at, issue.closed_at) == (clock.now(), clock.now())


def test_an_issue_knows_its_order_store_and_class_by_itself(session):
    """From its callback and its code, by link or by key"""
    task, code = make_task(session), make_codes(session)["D"]
    issue = CallbackIssue(task_id=task.id, code_id=code.id, verbatim="还是响")
    session.add(issue)
    session.flush()

    assert (issue.order, issue.store, issue.issue_class) == (task.order, task.store, IssueClass.TECHNICAL)


def test_it_becomes_a_complaint_with_one_owner(session):
    """In the customer's own words; the callback names the complaint too"""
    owner, issue = make_staff(session), make_issue(session, verbatim="第三次返修了", code=make_codes(session)["D"])
    issue.assign(owner=owner)
    with acting(make_staff(session, role=Role.SUPERVISOR)):
        issue.convert_to_complaint(category="维修质量", problem_type="返修")
        session.flush()
    complaint = issue.complaint

    assert (complaint.description, complaint.category, complaint.channel, complaint.order) == ("第三次返修了", "维修质量", Channel.CALLBACK, issue.order)
    assert (complaint.first_owner, complaint.owner, issue.task.complaint) == (owner, owner, complaint)


def test_a_second_complaint_does_not_displace_the_first_of_the_callback(session):
    task = make_task(session)
    first, second = (make_issue(session, task=task) for _ in range(2))
    first.convert_to_complaint()
    second.convert_to_complaint()
    session.flush()

    assert task.complaint is first.complaint
    assert second.complaint is not first.complaint


@pytest.mark.parametrize("details", [{"active": False}, {"due_at": timedelta(0)}])
def test_an_assignment_can_be_kept(session, details):
    """By somebody who works here, by a moment that lies ahead"""
    issue, owner = make_issue(session), make_staff(session, active=details.get("active", True))

    with pytest.raises(Refused) as no:
        issue.assign(owner=owner, due_at=clock.now() if "due_at" in details else None)
    assert no.value.field == ("due_at" if "due_at" in details else "owner")


def test_a_reopened_issue_is_no_longer_confirmed(session):
    issue = bring(make_issue(session), IssueStatus.CLOSED)
    issue.reopen(reason="又等了很久")
    session.flush()

    assert (issue.status, issue.confirmed_at, issue.closed_at, issue.reopen_reason) == (IssueStatus.REOPENED, None, None, "又等了很久")


def test_criticism_is_not_merely_noted(session):
    issue = make_issue(session)

    with pytest.raises(Refused):
        issue.take_note()
    assert issue.status is IssueStatus.OPEN


@pytest.mark.parametrize(("values", "rule"), [
    ({"verbatim": None}, "new_has_the_customers_words"), ({"status": IssueStatus.ASSIGNED}, "beyond_open_has_owner"),
    ({"status": IssueStatus.SOLVED}, "beyond_open_has_owner|solved_says_how"), ({"status": IssueStatus.CONVERTED}, "converted_has_complaint"),
])
def test_the_database_keeps_the_rules_too(session, values, rule):
    with pytest.raises(IntegrityError, match=rule):
        make_issue(session, **values)


def test_an_open_issue_has_no_complaint(session):
    with pytest.raises(IntegrityError, match="converted_has_complaint"):
        make_issue(session, complaint=make_complaint(session))


def test_history_may_lack_owner_measure_and_words(session):
    issue = make_issue(session, from_history=True, status=IssueStatus.SOLVED, verbatim=None)

    assert (issue.status, issue.owner, issue.raised_at) == (IssueStatus.SOLVED, None, None)


def test_an_advisor_reads_issues_about_own_orders(session):
    advisor = make_staff(session)
    mine = make_issue(session, task=make_task(session, order=make_order(session, advisor=advisor)))
    make_issue(session)

    assert session.query(CallbackIssue).where(own_issues(advisor)).all() == [mine]
