"""What becomes of the issues that callbacks brought up."""

from __future__ import annotations

from datetime import timedelta

from models.callback_issues import CallbackIssue, Tone
from models.callback_issues import IssueStatus as Status
from models.roles import Role
from seeds.demo import talks
from seeds.demo.stage import Stage

WAY = (Status.ASSIGNED, Status.IN_PROGRESS, Status.SOLVED, Status.CUSTOMER_CONFIRMED, Status.CLOSED)
REOPENED = talks.Both("客户来电说问题又出现了。", "The customer rang: it is back.")


def handle(stage: Stage, issue: CallbackIssue, goal: Status) -> None:
    """Take an issue along its way to a state, a few hours for each step."""
    agent = stage.one_of(issue.store, Role.AGENT)
    head = stage.one_of(issue.store, Role.SUPERVISOR)
    moment = issue.raised_at
    for status in WAY[: WAY.index(goal) + 1] if goal in WAY else WAY:
        moment = min(moment + timedelta(hours=5), stage.at(0, 7, 30))
        with stage.scene(head if status is Status.ASSIGNED else agent, moment):
            _step(stage, issue, status)
    if goal is Status.REOPENED:
        with stage.scene(agent, min(moment + timedelta(hours=20), stage.at(0, 7, 45))):
            issue.reopen(reason=REOPENED.to(issue.task.customer))


def _step(stage: Stage, issue: CallbackIssue, status: Status) -> None:
    talk = next(one for one in talks.TALKS if one.code == issue.code.code)
    customer = issue.task.customer
    match status:
        case Status.ASSIGNED:
            issue.responsible = issue.order.advisor
            issue.assign(owner=stage.one_of(issue.store, Role.AGENT), due_at=stage.at(2, 18))
        case Status.IN_PROGRESS:
            issue.start()
        case Status.SOLVED:
            issue.solve(measure=talk.measure.to(customer), result=talk.result.to(customer))
        case Status.CUSTOMER_CONFIRMED:
            issue.confirm(customer_signed=stage.chance(0.5))
        case _:
            issue.close()


def convert(stage: Stage, issue: CallbackIssue) -> None:
    """The customer wants more than a measure: it becomes a complaint."""
    with stage.scene(stage.one_of(issue.store, Role.AGENT), issue.raised_at + timedelta(hours=3)):
        issue.convert_to_complaint(category="维修质量", problem_type="一次未修好")


def thank(stage: Stage, issue: CallbackIssue) -> None:
    """Praise is passed on."""
    if issue.tone is Tone.PRAISE:
        with stage.scene(stage.one_of(issue.store, Role.SUPERVISOR), issue.raised_at + timedelta(hours=2)):
            issue.take_note()
