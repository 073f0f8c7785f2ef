"""What triggers look at, and whether something meets them. Pure functions: a complaint that is written and one that is replayed are asked alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from backoffice.declare import Choice, _
from models.phrases import found

WORDS = ("category", "summary", "description", "remedy_sought")
"""The fields of a complaint in which phrases are looked for."""


class Sign(Choice):
    """What a trigger looks at."""

    PHRASE = "phrase", _("Phrases", "关键词")
    MARK = "mark", _("A mark of the complaint", "投诉标记")
    REPEAT = "repeat", _("The same again, within days", "重复投诉（天数内）")
    GRADE = "grade", _("Grade of the customer", "客户等级")
    REACH = "reach", _("Readers of a post", "传播范围（阅读量）")
    DEPARTMENTS = "departments", _("Departments concerned", "涉及部门数")
    WISH = "wish", _("The customer asks for it", "客户要求升级")
    TIME = "time", _("Time used on a level, in percent", "本级用时（百分比）")


COUNTED = (Sign.REPEAT, Sign.REACH, Sign.DEPARTMENTS, Sign.TIME)
JUDGED = (Sign.PHRASE, Sign.REPEAT, Sign.GRADE)
"""Signs that may mislead: once they have left their mark, the mark counts, and people judge it."""


class Mark(Choice):
    """The marks of a complaint."""

    SAFETY = "safety", _("Safety", "涉及安全"), "bad"
    MEDIA = "media", _("Press or social media", "涉及媒体"), "bad"
    LEGAL = "legal", _("Legal threat", "涉及法律"), "bad"
    VIP = "vip", _("VIP customer", "贵宾客户"), "warn"
    REPEAT = "repeat", _("Repeated complaint", "重复投诉"), "warn"


LOOKS_AT = {
    Sign.PHRASE: WORDS, Sign.REPEAT: ("vehicle", "category"), Sign.GRADE: ("customer",), Sign.REACH: ("readers",), Sign.DEPARTMENTS: ("departments",),
    Sign.WISH: ("asks_higher",), Sign.MARK: tuple(mark.value for mark in Mark),
}
"""The fields whose change may meet a trigger. Marks stand last: other triggers leave them."""


@dataclass(frozen=True)
class Rule:
    """A trigger as it is asked: the rank that it raises to, its phrases as they are compared, and for one of time the rank whose time counts."""

    code: str
    sign: Sign
    rank: int
    mark: Mark | None = None
    phrases: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    threshold: int = 0
    grade: Choice | None = None
    of: int | None = None
    unacknowledged: bool = False

    def hits(self, words: str) -> tuple[str, ...]:
        """The phrases that these words hold."""
        return found(words, self.phrases, self.harmless)


class Told(Protocol):
    """What is said of a complaint, as far as triggers look at it."""

    @property
    def words(self) -> str:
        """What the customer said, in :data:`WORDS`."""

    @property
    def grade(self) -> Choice | None:
        """The grade of the customer."""

    @property
    def readers(self) -> int | None:
        """How many read the post."""

    @property
    def departments(self) -> int | None:
        """How many departments are concerned."""

    @property
    def asks_higher(self) -> bool | None:
        """Whether the customer asks for a higher level."""

    def bears(self, mark: Mark) -> bool:
        """Whether it bears the mark."""

    def complained_within(self, days: int) -> bool:
        """Whether there is an earlier complaint about the same car and category within so many days."""


def meets(rule: Rule, told: Told) -> bool:
    """Whether what is said of a complaint meets a rule. Time is not asked here."""
    match rule.sign:
        case Sign.PHRASE:
            return bool(rule.hits(told.words))
        case Sign.MARK:
            return rule.mark is not None and told.bears(rule.mark)
        case Sign.REPEAT:
            return told.complained_within(rule.threshold)
        case Sign.GRADE:
            return told.grade is not None and told.grade is rule.grade
        case Sign.REACH:
            return (told.readers or 0) >= rule.threshold
        case Sign.DEPARTMENTS:
            return (told.departments or 0) >= rule.threshold
        case Sign.WISH:
            return bool(told.asks_higher)
        case Sign.TIME:
            return False


def demands(rule: Rule, told: Told) -> bool:
    """Whether a rule holds a complaint at its level: by the mark that it left, which people may take away, or by what is said of it now."""
    return told.bears(rule.mark) if rule.sign in JUDGED and rule.mark is not None else meets(rule, told)
