"""What people are told about a complaint on its way up: a limit comes near, a limit is missed, a level is asked, a pause is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backoffice.declare import Occasion, Text, _, clock, tell
from models.acting import linked, me
from models.complaint_states import OPEN, EscalationStatus, Status
from models.level_people import of_level
from models.signs import Sign
from models.staff import Staff
from models.triggers import active

if TYPE_CHECKING:
    from models.complaint_steps import ComplaintSteps
    from models.escalations import Escalation

LIMITS: dict[str, Text] = {
    "level": _("the time limit of the level", "本级时限"), "overall": _("the promise of a solution", "解决时限"),
    "reply": _("the first public reply", "首次公开回应"), "plan": _("the plan", "处理方案"),
}


def _is_due(case: ComplaintSteps, key: str) -> bool:
    """A warning holds while somebody still works on the case, on the level that it was about."""
    return case.status in OPEN and case.status is not Status.RESOLVED and key.startswith(_since(case))


def _is_open(case: ComplaintSteps, _key: str) -> bool:
    return case.status in OPEN


def _is_asked(case: ComplaintSteps, key: str) -> bool:
    """Whether the change of level that the message is about still waits to be accepted."""
    return any(f"{one.sequence}-" == key[: len(str(one.sequence)) + 1] and one.status is EscalationStatus.RAISED for one in case.escalations)


WARNED = Occasion("complaint-warned", _("A time limit comes near", "投诉时限预警"), "complaints", still=_is_due)
BREACHED = Occasion("complaint-breached", _("A time limit was missed", "投诉超时"), "complaints", still=_is_open, urgent=True)
RAISED = Occasion("complaint-raised", _("A complaint was raised to a level", "投诉升级"), "complaints", still=_is_asked, urgent=True)
RESUMED = Occasion("complaint-resumed", _("A pause is over", "投诉暂停到期"), "complaints", still=_is_open)


def warned(case: ComplaintSteps, limit: str, percent: int) -> None:
    """So much of a limit is used up; its owner is told."""
    says = _("Complaint {number}: {percent} % of {limit} used", "投诉 {number}：{limit}已用 {percent}%")
    title = says.format(number=case.complaint_no, percent=percent, limit=LIMITS[limit])
    tell(case, WARNED, _responsible(case), key=f"{_since(case)}{limit}-{percent}", title=title, body=_due(case, limit))


def breached(case: ComplaintSteps, limit: str) -> None:
    """A limit was missed; the owner and whoever took the complaint are told."""
    title: Text = _("Complaint {number} is late: {limit} was missed", "投诉 {number} 已超时：{limit}", number=case.complaint_no, limit=LIMITS[limit])
    tell(case, BREACHED, {*_responsible(case), *_people(case.first_owner)}, key=f"{_since(case)}{limit}", title=title)


def raised(case: ComplaintSteps, row: Escalation) -> None:
    """A level is asked: the colleague who is to accept it, the one who had it, and whoever took it; not whoever raised it."""
    asked = _people(row.asked) or of_level(case, row.to_level)
    told = {*asked, *_people(row.from_owner), *_people(linked(case, "first_owner", Staff))} - {me()}
    title: Text = _("Complaint {number} was raised to {level}", "投诉 {number} 已升级至{level}", number=case.complaint_no, level=row.to_level)
    says = _("To be accepted within {minutes} minutes. Reason: {reason}", "请在{minutes}分钟内接手。原因：{reason}")
    body = says.format(reason=_why(case, row), minutes=row.to_level.accept_minutes)
    tell(case, RAISED, {one for one in told if one is not None}, key=f"{row.sequence}-raised", title=title, body=body)


def _why(case: ComplaintSteps, row: Escalation) -> Text | str:
    """The reason: what time demands is said in the reader's language, the words of people and customers as they are."""
    by_time = (one.in_words for one in active(case.session) if one.code == row.rule and one.sign is Sign.TIME)
    return next(by_time, row.reason or "")


def passed_on(case: ComplaintSteps, row: Escalation, before: Staff | None) -> None:
    """Nobody accepted in time; another colleague is asked."""
    title: Text = _("Complaint {number} now waits for {person}", "投诉 {number} 转由{person}接手", number=case.complaint_no, person=row.asked)
    tell(case, RAISED, {*_people(row.asked), *_people(before)}, key=f"{row.sequence}-asked-{row.asked.id if row.asked else 0}", title=title)


def resumed(case: ComplaintSteps) -> None:
    """The day that a pause was to last until has come; the clocks run on."""
    title: Text = _("Complaint {number} goes on: its pause is over", "投诉 {number} 暂停到期，已恢复计时", number=case.complaint_no)
    tell(case, RESUMED, _responsible(case), key=f"{_since(case)}resumed-{clock.now():%Y%m%d%H%M}", title=title)


def _since(case: ComplaintSteps) -> str:
    """The stay on a level, as the beginning of a key."""
    return f"{case.level_entered_at:%Y%m%d%H%M%S}-" if case.level_entered_at else "-"


def _due(case: ComplaintSteps, limit: str) -> Text | None:
    moment = getattr(case, f"{limit}_due_at")
    return _("Due {moment}.", "到期时间：{moment}。", moment=moment.astimezone(clock.zone()).strftime("%Y-%m-%d %H:%M")) if moment else None


def _responsible(case: ComplaintSteps) -> set[Staff]:
    """The owner, else whoever took the case; where there is nobody, the people of its level."""
    return _people(linked(case, "owner", Staff)) or _people(linked(case, "first_owner", Staff)) or (set(of_level(case, case.level)) if case.level else set())


def _people(*given: Staff | None) -> set[Staff]:
    return {one for one in given if one is not None and one.active}
