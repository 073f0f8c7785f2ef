"""The rules of calling: who may call whom now, and what each outcome of a call leads to (domain.md 2.4, 3.4, Part 4 (m))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from backoffice.declare import Refused, Text, _, clock
from models.acting import me
from models.callback_answers import Answer
from models.callback_attempts import CallAttempt
from models.callback_codes import CallbackCode
from models.callback_issues import CallbackIssue, Tone
from models.callbacks import ANSWERABLE, CALLABLE, CallbackTask, RefusalScope, TaskStatus
from models.complaint_states import Channel
from models.complaints import Complaint
from models.contact_preferences import ContactPreference, Purpose
from models.customers import Customer
from models.recall import Call, Outcome, calls_on, earliest_next, next_call
from models.roles import Role
from models.staff import Staff
from models.todos import Todo

TALKED = (Outcome.OK, Outcome.COMPLAINT)
ENDING = {
    Outcome.OK: TaskStatus.COMPLETED, Outcome.COMPLAINT: TaskStatus.COMPLETED, Outcome.REFUSE: TaskStatus.REFUSED, Outcome.WRONG: TaskStatus.UNREACHABLE,
}


@dataclass(frozen=True)
class Details:
    """What the caller filled in."""

    outcome: Outcome
    note: str | None
    next_at: datetime | None
    score: int | None
    code: CallbackCode | None
    criticism: str | None
    praise: str | None
    refusal: RefusalScope | None
    other_number: str | None
    seconds: int | None
    category: str | None
    problem_type: str | None
    urgent: bool
    angry: bool


# Who may call


def may_call(task: CallbackTask) -> None:
    """Refuse the own advisor, a customer who opted out, another's claim, and calls too many or too soon."""
    must_not_be_own(task)
    if (wish := opt_out(task)) is not None:
        why = wish.reason or wish.purpose
        raise Refused(_("The customer does not want to be called: {reason}", "客户不希望接到此类电话：{reason}", reason=why), code="opted_out")
    if (holder := held_by_other(task)) is not None:
        raise Refused(_("{person} has claimed this customer.", "{person}已领取该客户。", person=holder), code="claimed")
    if not task.promised:
        _must_not_be_too_soon(task)


def must_not_be_own(task: CallbackTask) -> None:
    """The serving advisor never calls back the own order, nor speaks for its customer."""
    person = me()
    if person is not None and task.order is not None and task.order.advisor is person:
        raise Refused(_("The serving advisor does not call back the own order.", "服务顾问不得回访本人接待的工单。"), code="own_order")


def opt_out(task: CallbackTask) -> ContactPreference | None:
    """The wish by which this customer is not called back about this car."""
    wishes = task.session.scalars(select(ContactPreference).where(
        ContactPreference.customer == task.customer, ContactPreference.purpose.in_((Purpose.ALL, Purpose.CALLBACK)), ContactPreference.allowed.is_(False),
        or_(ContactPreference.vehicle_id.is_(None), ContactPreference.vehicle == task.vehicle),
    ))
    return next((wish for wish in wishes if wish.holds_on(clock.today())), None)


def is_held(task: CallbackTask) -> bool:
    """Whether somebody's claim still holds."""
    return task.status is TaskStatus.CLAIMED and task.claimed_until is not None and task.claimed_until > clock.now()


def held_by_other(task: CallbackTask) -> Staff | None:
    """Whoever else holds a callback of this customer; all callbacks of a customer are one talk."""
    claims = task.session.scalars(select(CallbackTask).where(
        CallbackTask.customer == task.customer, CallbackTask.status == TaskStatus.CLAIMED, CallbackTask.claimed_until > clock.now(),
    ))
    return next((one.claimed_by for one in claims if one.claimed_by is not me()), None)


def _must_not_be_too_soon(task: CallbackTask) -> None:
    past, now = history(task), clock.now()
    if len(past) >= task.plan.max_attempts:
        raise Refused(_("All {most} attempts have been made.", "已达到最多{most}次拨打。", most=task.plan.max_attempts), code="too_many")
    if calls_on(past, now) >= task.plan.max_per_day:
        raise Refused(_("At most {most} attempts a day.", "每天最多拨打{most}次。", most=task.plan.max_per_day), code="too_many_today")
    earliest = earliest_next(task.plan, past)
    if earliest is not None and now < earliest:
        at = f"{earliest.astimezone(clock.zone()):%m-%d %H:%M}"
        raise Refused(_("Too soon after the last attempt; call again from {at} on.", "距上次拨打时间太短，请在{at}之后再拨。", at=at), code="too_soon")


def history(task: CallbackTask) -> list[Call]:
    """The calls made so far, oldest first."""
    return [Call(one.outcome, one.at) for one in sorted(task.attempts, key=lambda one: one.attempt_no)]


def hold(task: CallbackTask) -> None:
    """The colleague who acts has the customer for a while."""
    task.claimed_by = me() or task.claimed_by or task.assignee
    if task.claimed_by is None:
        raise Refused(_("A person has to claim it; sign in first.", "须由具体人员领取，请先登录。"))
    task.claimed_until = clock.now() + timedelta(minutes=task.plan.claim_minutes)


def give_back(task: CallbackTask) -> None:
    """End a claim; the task waits as before."""
    person = me()
    if is_held(task) and person is not None and person is not task.claimed_by and person.role is Role.AGENT:
        raise Refused(_("Only {person} or a head releases it.", "只有{person}或主管可以释放。", person=task.claimed_by), code="claimed")
    tried = TaskStatus.RETRY_WAIT if task.attempts else TaskStatus.DUE
    task.status = TaskStatus.RESCHEDULED if task.promised else tried
    task.claimed_by = task.claimed_until = None


def end(task: CallbackTask) -> None:
    """Nobody calls again."""
    task.claimed_by = task.claimed_until = task.next_attempt_at = None
    task.promised, task.ended_at = False, clock.now()


# What a call leads to


def check(task: CallbackTask, call: Details) -> None:
    """Refuse details that lack something the outcome asks for, or that do not go with it."""
    if call.outcome is Outcome.LATER and call.next_at is None:
        raise Refused(_("Fill in the time that the customer asked for.", "请填写客户要求的时间。"), field="next_at")
    if call.next_at is not None and (call.outcome not in (Outcome.LATER, Outcome.THIRD) or call.next_at <= clock.now()):
        raise Refused(
            _("A time to call again lies ahead, and goes with another time or another person only.", "再次致电时间须晚于现在，且仅用于“改约”或“他人接听”。"),
            field="next_at",
        )
    if call.outcome is Outcome.REFUSE and call.refusal is None:
        raise Refused(_("Ask what the customer refuses: this call, this purpose, or all.", "请询问客户拒访范围：仅本次、此类回访或所有来电。"), field="refusal")
    if call.outcome not in TALKED and (call.score is not None or call.criticism):
        raise Refused(_("A score or criticism needs a completed call.", "只有完成的通话才能填写评分或批评。"), field="outcome")
    if call.outcome is Outcome.COMPLAINT and not (call.criticism or call.note):
        raise Refused(_("Write down what the customer complains about.", "请记录客户投诉的内容。"), field="criticism")
    if call.outcome is Outcome.OK and call.code is None and _is_critical(task, call):
        raise Refused(_("Criticism or a low score needs an issue code.", "有批评或低分时必须选择问题代码。"), field="code")


def _is_critical(task: CallbackTask, call: Details) -> bool:
    return bool(call.criticism) or _is_low(task, call.score)


def _is_low(task: CallbackTask, score: int | None) -> bool:
    return score is not None and score <= task.plan.low_score


def log(task: CallbackTask, call: Details) -> None:
    """Write the attempt down and do what its outcome asks for."""
    attempt = _attempt(task, call)
    task.session.add(attempt)
    task.urgent, task.angry = task.urgent or call.urgent, task.angry or call.angry
    again = next_call(task.plan, history(task), call.next_at)
    end(task)
    if again is not None:
        task.ended_at, task.next_attempt_at = None, again
        task.promised = call.outcome is Outcome.LATER
        task.status = TaskStatus.RESCHEDULED if task.promised else TaskStatus.RETRY_WAIT
    else:
        task.status = ENDING.get(call.outcome, TaskStatus.UNREACHABLE)
    _follow(task, call)


def _attempt(task: CallbackTask, call: Details) -> CallAttempt:
    number = task.other_number or task.customer.phone
    phone = Customer.__table__.c.phone.info["kind"]
    return CallAttempt(
        task=task, attempt_no=max((one.attempt_no for one in task.attempts), default=0) + 1, at=clock.now(), caller=me(), seconds=call.seconds,
        number_masked=phone.mask(number) if number else None, outcome=call.outcome, note=call.note, praise=call.praise, criticism=call.criticism,
    )


def _follow(task: CallbackTask, call: Details) -> None:
    """What an outcome leads to beyond the next attempt."""
    match call.outcome:
        case Outcome.OK:
            task.score = call.score
            if call.code is not None and _is_critical(task, call):
                raise_issue(task, call.code, call.criticism or call.note or _low_score(call.score))
        case Outcome.COMPLAINT:
            task.score = call.score
            _complain(task, call)
        case Outcome.LATER:
            task.assignee = me() or task.assignee
        case Outcome.THIRD:
            task.other_number = call.other_number or task.other_number
        case Outcome.REFUSE:
            _respect(task, call)
        case Outcome.WRONG:
            _ask_for_number(task, call)
        case _:
            pass


def _low_score(score: int | None) -> str:
    return str(_("Score {score} of 10.", "评分 {score}（满分 10 分）。", score=score))


def _complain(task: CallbackTask, call: Details) -> None:
    """The complaint replaces the callback; an issue that has a code is counted as well."""
    words = call.criticism or call.note or ""
    task.complaint = complaint_from(task, words, category=call.category, problem_type=call.problem_type, code=call.code)
    if call.code is not None:
        raise_issue(task, call.code, words).hand_over(task.complaint)


def complaint_from(
    task: CallbackTask, words: str, *, category: str | None = None, problem_type: str | None = None, code: CallbackCode | None = None, **more: Any,
) -> Complaint:
    """A complaint that a callback brought up, about its order."""
    complaint = Complaint(
        customer=task.customer, vehicle=task.vehicle, order=task.order, store=task.store, channel=Channel.CALLBACK, description=words,
        category=category or (code.wording_zh if code else str(_("Raised in a callback", "回访反映"))),
        problem_type=problem_type or (str(code.issue_class.label) if code else str(_("Other", "其他"))), **more,
    )
    task.session.add(complaint)
    return complaint


def _respect(task: CallbackTask, call: Details) -> None:
    """Remember what the customer refuses; other callbacks of the customer end with it."""
    if call.refusal in (None, RefusalScope.THIS_TIME):
        return
    purpose = Purpose.ALL if call.refusal is RefusalScope.ALL else Purpose.CALLBACK
    session = task.session
    known = select(ContactPreference).where(
        ContactPreference.customer == task.customer, ContactPreference.purpose == purpose, ContactPreference.vehicle_id.is_(None),
    )
    wish = session.scalars(known).first() or ContactPreference(customer=task.customer, purpose=purpose)
    wish.allowed, wish.until, wish.archived_at = False, None, None
    wish.reason = str(_("Refused in callback {number}", "回访 {number} 中拒访", number=task.task_no))
    session.add(wish)
    others = select(CallbackTask).where(CallbackTask.customer == task.customer, CallbackTask.id != task.id, CallbackTask.status.in_(CALLABLE))
    for other in session.scalars(others):
        other.cancel(reason=wish.reason)


def _ask_for_number(task: CallbackTask, call: Details) -> None:
    """The advisor, or any advisor of the store, finds the right number."""
    advisor = task.order.advisor if task.order else None
    title: Text = _("Find the right phone number of {customer}", "核实客户 {customer} 的电话号码", customer=task.customer)
    task.session.add(Todo(
        title=str(title), person=advisor if advisor and advisor.active else None, role=Role.ADVISOR, store=task.store, note=call.note, resource="customers",
        record_key=task.customer.customer_no, due_at=clock.now() + timedelta(hours=task.plan.off_gap_hours),
    ))


def raise_issue(task: CallbackTask, code: CallbackCode, words: str, responsible: Staff | None = None) -> CallbackIssue:
    """An issue about this callback's order, owned by whoever took it."""
    issue = CallbackIssue(task=task, code=code, verbatim=words, tone=Tone.CRITICISM, responsible=responsible)
    task.session.add(issue)
    return issue


def answer(task: CallbackTask, question: str, score: int | None, text: str | None, yes_no: bool | None, code: CallbackCode | None) -> None:
    """Keep one answer a question; a low score under a code raises an issue, once."""
    if task.status not in ANSWERABLE:
        raise Refused(_("The callback has ended without a talk.", "该回访未与客户通话即已结束。"), code="wrong_state")
    if score is None and yes_no is None and not text:
        raise Refused(_("Fill in a score, yes or no, or words.", "请填写评分、是/否或文字回答。"), field="score")
    row = next((one for one in task.answers if one.question == question), None) or Answer(task=task, question=question)
    row.score, row.yes_no, row.text, row.code = score, yes_no, text, code
    task.session.add(row)
    if code is not None and _is_low(task, score) and all(one.code is not code for one in task.issues):
        raise_issue(task, code, text or _low_score(score))
