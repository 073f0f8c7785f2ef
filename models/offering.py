"""The standard phrases beside a dialog: those of the situation, in the customer's language, with what the case knows filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from backoffice.declare import Language, Offer, clock
from models.acting import me
from models.customer_notices import NoticeStep
from models.sla_words import moment
from models.standard_phrases import Situation, StandardPhrase

if TYPE_CHECKING:
    from models.complaint_fields import ComplaintFields

FITTING: dict[NoticeStep, tuple[Situation, ...]] = {
    NoticeStep.ACKNOWLEDGED: (Situation.ACKNOWLEDGE, Situation.APOLOGIZE),
    NoticeStep.PROGRESS: (Situation.DELAY, Situation.APOLOGIZE),
    NoticeStep.RAISED: (Situation.RAISE,),
    NoticeStep.DECISION: (Situation.PROPOSE, Situation.APOLOGIZE),
    NoticeStep.FOLLOW_UP: (Situation.CLOSE,),
    NoticeStep.CLOSED: (Situation.CLOSE,),
}
"""What may be said at each step, the likeliest first."""
_BLANK = re.compile("<([^<>]+)>")


def said(*situations: Situation) -> Callable[[ComplaintFields], Iterator[Offer]]:
    """Phrases of these situations."""

    def offers(case: ComplaintFields) -> Iterator[Offer]:
        for situation, phrases in _phrases(case, situations).items():
            yield from (Offer(one, situation.label) for one in phrases)

    return offers


def at_step(field: str) -> Callable[[ComplaintFields], Iterator[Offer]]:
    """Phrases that fit the step which ``field`` of the dialog says."""

    def offers(case: ComplaintFields) -> Iterator[Offer]:
        found = _phrases(case, tuple(Situation))
        for step, situations in FITTING.items():
            for situation in situations:
                yield from (Offer(one, situation.label, {field: (step,)}) for one in found[situation])

    return offers


def _phrases(case: ComplaintFields, situations: Sequence[Situation]) -> dict[Situation, list[str]]:
    """What may be said in each of the situations, as this customer hears it."""
    used = StandardPhrase.active & StandardPhrase.archived_at.is_(None) & StandardPhrase.situation.in_(situations)
    known, is_english = _known(case), case.customer.language is Language.ENGLISH
    found: dict[Situation, list[str]] = {one: [] for one in situations}
    for one in case.session.scalars(select(StandardPhrase).where(used).order_by(StandardPhrase.code)):
        found[one.situation].append(_filled(one.wording_en if is_english else one.wording_zh, known))
    return found


def _filled(text: str, known: dict[str, str | None]) -> str:
    """What is not known stays blank, and so does what stands twice: it means two things."""
    blanks = _BLANK.findall(text)
    return _BLANK.sub(lambda found: (blanks.count(found[1]) == 1 and known.get(found[1])) or found[0], text)


def _known(case: ComplaintFields) -> dict[str, str | None]:
    """What the blanks of phrases mean, by their names in both languages."""
    person, owner = me(), case.owner
    higher = owner.name if owner is not None and owner is not person and owner is not case.first_owner else None
    is_ahead = case.promised_at is not None and case.promised_at > clock.now()
    pairs = {
        ("姓名", "name"): person.name if person else None,
        ("客户", "customer"): case.customer.name,
        ("编号", "number"): case.complaint_no,
        ("问题", "problem"): case.summary or case.category,
        ("诉求", "wish"): case.remedy_sought,
        ("时间", "time"): moment(case.promised_at) if case.promised_at is not None and is_ahead else None,
        ("措施", "measures"): case.decision,
        ("负责人", "person"): case.responsible.name if case.responsible else None,
        ("上级", "superior"): higher,
    }
    return {name: value.rstrip("。.!！ \n") if value else None for names, value in pairs.items() for name in names}
