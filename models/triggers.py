"""Escalation triggers: what sends a complaint to a level by itself, as rows (domain.md 1.11, 2.2 and 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backoffice.declare import (
    Count,
    Flag,
    LongText,
    Model,
    Name,
    Number,
    Refused,
    Resource,
    Text,
    _,
    action,
    children,
    clock,
    concerns,
    field,
    link,
)
from models.acting import linked
from models.customers import Customer, Grade
from models.escalation_levels import EscalationLevel
from models.ladder import FULL
from models.phrases import phrases
from models.roles import CRU, RU, A, E, I, R, Role, rights
from models.signs import COUNTED, WORDS, Mark, Rule, Sign, demands, meets
from models.spans import MOST_DAYS, TOO_LONG_AGO
from models.vehicles import Vehicle

if TYPE_CHECKING:
    from models.complaint_fields import ComplaintFields
    from models.escalation_draft_lines import EscalationDraftLine

TRIED_DAYS = 365
"""How far back a trigger is tried on complaints of the past, in days."""
KEPT = "active_triggers"


class Trigger(Model):
    """A sign that demands a level, and the mark that it leaves. Records of old systems never meet it (Part 4 (p))."""

    __tablename__ = "escalation_triggers"
    __table_args__ = (
        CheckConstraint("sign <> 'phrase' OR phrases IS NOT NULL", name="phrases_are_named"),
        CheckConstraint("sign <> 'mark' OR mark IS NOT NULL", name="the_mark_is_named"),
        CheckConstraint("sign <> 'grade' OR grade IS NOT NULL", name="the_grade_is_named"),
        CheckConstraint("sign NOT IN ('repeat', 'reach', 'departments', 'time') OR threshold > 0", name="a_threshold_is_above_zero"),
        CheckConstraint("sign <> 'time' OR (of_level_id IS NOT NULL AND threshold <= 100)", name="time_is_that_of_a_level"),
    )
    __resource__ = Resource(
        _("Escalation trigger", "升级触发条件"), _("Escalation triggers", "升级触发条件"), name="escalation-triggers", small=True, key=("code",),
        title=("code", "name_zh"), icon="lightning", group=_("Reference data", "基础数据"), order=("code",), search=("code", "name_zh", "name_en", "phrases"),
        columns=("code", "name_zh", "name_en", "sign", "threshold", "level", "mark", "active"), filters=("sign", "level", "active"),
        rights=rights(agent=R, advisor=R, workshop=R, supervisor=R, manager=RU | A, admin=CRU | A | I | E, auditor=R | E),
    )

    code: Mapped[Number] = field(_("Trigger code", "触发代码"), unique=True)
    name_zh: Mapped[Name] = field(_("Chinese name", "中文名称"))
    name_en: Mapped[Name] = field(_("English name", "英文名称"))
    sign: Mapped[Sign] = field(_("Looks at", "触发依据"))
    level_id: Mapped[int] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    level: Mapped[EscalationLevel] = link(_("Raises to", "升至级别"), foreign_keys=[level_id])
    mark: Mapped[Mark | None] = field(
        _("Mark", "标记"), help=_("The mark that is looked for, or else the one that is set.", "所依据的标记；其他触发依据则为触发后加上的标记。"),
    )
    phrases: Mapped[LongText | None] = field(_("Phrases", "关键词"), help=_("One on each line, or with commas between.", "每行一个，或以逗号分隔。"))
    harmless: Mapped[LongText | None] = field(
        _("Harmless words", "排除词"), help=_("Longer words in which a phrase means nothing: 安全带 holds 安全.", "含有关键词但无关的词，如“安全带”含“安全”。"),
    )
    threshold: Mapped[Count | None] = field(
        _("Threshold", "阈值"),
        help=_("Days for the same again, readers, departments, or percent of the time limit.", "重复投诉填天数，传播范围填阅读量，涉及部门填个数，用时填百分比。"),
    )
    grade: Mapped[Grade | None] = field(_("Grade", "客户等级"))
    of_level_id: Mapped[int | None] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    of_level: Mapped[EscalationLevel | None] = link(_("Time of level", "计时级别"), foreign_keys=[of_level_id])
    unacknowledged: Mapped[Flag] = field(_("Only while nobody has acknowledged it", "仅限尚未受理时"), default=False)
    active: Mapped[Flag] = field(_("In use", "启用"), default=True)
    draft_lines: Mapped[list[EscalationDraftLine]] = children(_("Drafts with other values", "调整草案"), back="trigger", order_by="EscalationDraftLine.id.desc()")

    @concerns("sign", "phrases", "mark", "threshold", "grade", "level", "of_level", "active")
    def before_save(self, *, is_new: bool) -> None:
        """A trigger says what it looks for. What time does is counted anew where it changed."""
        self.session.info.pop(KEPT, None)
        at = self.sign
        lacking: list[tuple[bool, str, Text]] = [
            (at is Sign.PHRASE and not phrases(self.phrases), "phrases", _("Name the phrases.", "请填写关键词。")),
            (at is Sign.MARK and self.mark is None, "mark", _("Name the mark.", "请选择标记。")),
            (at is Sign.GRADE and self.grade is None, "grade", _("Name the grade.", "请选择客户等级。")),
            (at in COUNTED and not self.threshold, "threshold", _("From which number on? At least one.", "请填写阈值，至少为1。")),
            (at is Sign.REPEAT and (self.threshold or 0) > MOST_DAYS, "threshold", TOO_LONG_AGO),
        ]
        for is_lacking, name, why in lacking:
            if is_lacking:
                raise Refused(why, field=name)
        if at is Sign.TIME:
            self._insist_on_time()
            from models.complaint_clocks import look_again, of_levels  # noqa: PLC0415  # complaints import triggers

            look_again(of_levels([level for level in (self.of_level,) if level is not None]))

    def _insist_on_time(self) -> None:
        of, to = linked(self, "of_level", EscalationLevel), linked(self, "level", EscalationLevel)
        if of is None:
            raise Refused(_("Name the level whose time counts.", "请选择计时级别。"), field="of_level")
        if (self.threshold or 0) > FULL:
            raise Refused(_("At most 100 percent.", "不能超过100%。"), field="threshold")
        if to is not None and to.rank <= of.rank:
            raise Refused(_("The new level must be higher than the present one.", "目标级别必须高于当前级别。"), field="level")

    def met_by(self, case: ComplaintFields) -> Text | None:
        """Why a complaint meets it now, in words; None where it does not. Time is not asked here."""
        rule, told = self.rule(), OfCase(case)
        if not meets(rule, told):
            return None
        return _("The customer's words: {words}.", "客户提到：{words}。", words="、".join(rule.hits(told.words))) if self.sign is Sign.PHRASE else self.in_words

    def demands(self, case: ComplaintFields) -> bool:
        """Whether it holds a complaint at its level."""
        return demands(self.rule(), OfCase(case))

    def rule(self, **different: Any) -> Rule:
        """The trigger as it is asked, with some fields otherwise than they are written."""

        def said(name: str) -> Any:
            return different.get(name, getattr(self, name))

        return Rule(
            self.code, self.sign, self.level.rank, self.mark, phrases(said("phrases")), phrases(said("harmless")), said("threshold") or 0, self.grade,
            self.of_level.rank if self.of_level is not None else None, bool(self.unacknowledged),
        )

    @property
    def in_words(self) -> Text:
        """Its name in the reader's language."""
        return _(self.name_en, self.name_zh)

    @action(_("Try on past complaints", "用历史投诉试算"), by=(Role.MANAGER, Role.ADMIN), icon="clock-history", when=lambda one: one.sign is Sign.PHRASE)
    def try_out(self) -> Text:
        """How many complaints of the past year the phrases would have met; nothing is changed."""
        met, total = tried(self.session, self)
        says = _("Of {total} complaints of the past {days} days it meets {met}.", "近{days}天的{total}件投诉中，命中{met}件。")
        return says.format(total=total, days=TRIED_DAYS, met=met)

    def __str__(self) -> str:
        return f"{self.code} {self.in_words}"


class OfCase:
    """What is said of a complaint that is written."""

    def __init__(self, case: ComplaintFields) -> None:
        self.case, self.readers, self.departments, self.asks_higher = case, case.readers, case.departments, case.asks_higher

    @property
    def words(self) -> str:
        """What the customer said."""
        return "\n".join(filter(None, (getattr(self.case, name) for name in WORDS)))

    @property
    def grade(self) -> Grade | None:
        """The grade of the customer."""
        customer = linked(self.case, "customer", Customer)
        return customer.grade if customer is not None else None

    def bears(self, mark: Mark) -> bool:
        """Whether it bears the mark."""
        return bool(getattr(self.case, mark.value))

    def complained_within(self, days: int) -> bool:
        """Whether the same was complained of lately."""
        return has_complained(self.case, days)


def active(session: Session) -> Sequence[Trigger]:
    """The triggers in use; looked up once in a transaction, for a file may bring thousands of complaints."""
    known = session.info.get(KEPT)
    if known is None or known[0] is not session.get_transaction():
        rows = session.scalars(select(Trigger).where(Trigger.active, Trigger.archived_at.is_(None)).order_by(Trigger.code)).all()
        known = session.info[KEPT] = (session.get_transaction(), rows)
    found: Sequence[Trigger] = known[1]
    return found


def of_time(session: Session, level: EscalationLevel) -> list[Trigger]:
    """The triggers that look at the time used on a level."""
    return [one for one in active(session) if one.sign is Sign.TIME and one.of_level is level]


def tried(session: Session, trigger: Trigger) -> tuple[int, int]:
    """How many complaints of the past year the phrases meet, and of how many."""
    from models.complaints import Complaint  # noqa: PLC0415  # complaints import this file

    since = clock.now() - timedelta(days=TRIED_DAYS)
    rows = session.execute(select(*(getattr(Complaint, name) for name in WORDS)).where(Complaint.received_at >= since, Complaint.archived_at.is_(None)))
    total, met, rule = 0, 0, trigger.rule()
    for row in rows.yield_per(1_000):
        total, met = total + 1, met + bool(rule.hits("\n".join(filter(None, row))))
    return met, total


def has_complained(case: ComplaintFields, days: int) -> bool:
    """Whether there is an earlier complaint about the same car and category within so many days."""
    noun: Any = type(case)
    car = linked(case, "vehicle", Vehicle)
    if car is None or not case.category:
        return False
    same = select(noun.id).where(
        noun.vehicle_id == car.id, noun.category == case.category, noun.archived_at.is_(None), noun.id.is_distinct_from(case.id),
        noun.received_at.between(case.received_at - timedelta(days=days), case.received_at),
    )
    return case.session.scalar(same.limit(1)) is not None
