"""What people are told about a compensation: that it waits for them, and what became of what they proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backoffice.declare import Occasion, Text, _, tell
from models.acting import linked, me
from models.level_people import of_level
from models.staff import Staff

if TYPE_CHECKING:
    from models.compensation_decisions import CompensationDecision
    from models.compensations import Compensation


def _still_waits(one: Compensation, key: str) -> bool:
    """Whether nothing was decided since."""
    return one.is_waiting and key == str(len(one.decisions))


ASKED = Occasion("compensation-asked", _("A compensation has to be decided", "补偿待审批"), "compensations", still=_still_waits)
DECIDED = Occasion("compensation-decided", _("A compensation was decided", "补偿审批结果"), "complaints")


def asked(one: Compensation) -> None:
    """The people of the level who may decide or sign it: not whoever proposed it, nor whoever has signed."""
    from models.complaints import Complaint  # noqa: PLC0415  # complaints import compensations

    case, level = linked(one, "complaint", Complaint), one.required_level
    if case is None or level is None:
        return
    people = set(of_level(case, level)) - {me(), one.proposed_by, one.approved_by}
    title: Text = _("Compensation {number} waits for you", "补偿 {number} 待您审批", number=one.compensation_no)
    tell(one, ASKED, people, key=str(len(one.decisions)), title=title)


def decided(one: Compensation, row: CompensationDecision) -> None:
    """Whoever proposed it learns the outcome on the complaint, for not everybody reads compensations."""
    from models.complaints import Complaint  # noqa: PLC0415  # complaints import compensations

    case, person = linked(one, "complaint", Complaint), linked(one, "proposed_by", Staff)
    if case is None or person is None or person is me() or not person.active:
        return
    title: Text = _("Compensation {number} for complaint {case}: {status}", "投诉 {case} 的补偿 {number}：{status}",
                    number=one.compensation_no, case=case.complaint_no, status=one.status.label)
    body: Text = _("{verdict}: {reason}", "{verdict}：{reason}", verdict=row.verdict.label, reason=row.reason or "")
    tell(case, DECIDED, [person], key=f"{one.compensation_no}-{row.sequence}", title=title, body=body)
