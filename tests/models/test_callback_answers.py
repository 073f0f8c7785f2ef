
import pytest
from sqlalchemy import select

from backoffice.declare import Refused, clock
from models.callback_answers import Answer
from models.callback_issues import CallbackIssue, IssueStatus
from tests.factories import (
    make_codes,
    make_staff,
    make_task,
)
from tests.models.calling import log


@pytest.mark.parametrize("said", [{"score": 8}, {"yes_no": False}, {"text": "都挺好"}])
def test_an_answer_is_a_score_yes_or_no_or_words(session, said):
    task = make_task(session)
    task.record_answer(question="B", **said)
    session.flush()
    [row] = session.scalars(select(Answer))

    assert {name: getattr(row, name) for name in said} == said
    assert row.task is task


def test_an_answer_says_something(session):
    with pytest.raises(Refused):
        make_task(session).record_answer(question="B")


def test_a_question_has_one_answer(session):
    """Asked again it is replaced"""
    task = make_task(session)
    task.record_answer(question="B", score=3)
    task.record_answer(question="B", text="其实还可以")
    session.flush()

    assert [(row.score, row.text) for row in session.scalars(select(Answer))] == [(None, "其实还可以")]


def test_a_low_answer_under_a_code_raises_one_issue(session):
    task, code = make_task(session), make_codes(session)["B"]
    task.record_answer(question="B", score=4, code=code)
    session.flush()
    task.record_answer(question="B2", score=2, code=code)
    task.record_answer(question="C", score=2)
    session.flush()

    assert [one.code for one in session.scalars(select(CallbackIssue))] == [code]


def test_an_issue_is_raised_by_hand(session):
    task, blamed = make_task(session), make_staff(session)
    task.raise_issue(code=make_codes(session)["G"], verbatim="休息室太冷", responsible=blamed)
    session.flush()
    [issue] = task.issues

    assert (issue.issue_no, issue.order, issue.store, issue.issue_class) == ("HW20261120-0001", task.order, task.store, issue.code.issue_class)
    assert (issue.status, issue.responsible, issue.raised_at) == (IssueStatus.OPEN, blamed, clock.now())


@pytest.mark.parametrize("act", [
    lambda task: task.record_answer(question="B", score=8), lambda task: task.raise_issue(code=make_codes(task.session)["B"], verbatim="x"),
])
def test_without_a_talk_there_is_nothing_to_write_down(session, act):
    task = make_task(session)
    log(task, "WRONG")

    with pytest.raises(Refused) as no:
        act(task)
    assert no.value.code == "wrong_state"
