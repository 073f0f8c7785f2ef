"""Callback plans: after which event a customer is called, how soon, and how often it is tried."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from backoffice.declare import Choice, Count, Flag, LongText, Model, Name, Number, Resource, _, field
from models.call_windows import CallWindow, DayPart, day_parts
from models.roles import CRU, RU, E, I, R, rights

TO_BE_SET = _("A proposal of this program; the dealer sets it.", "本系统的建议值，由经销商设定。")


class Trigger(Choice):
    """What makes a callback due."""

    ORDER = "order_delivered", _("Car handed back after service", "维修交车")
    NEW_CAR = "car_delivered", _("New car delivered", "新车交车")
    POLICY = "policy_ending", _("Insurance policy ends", "保险到期")
    LOST = "no_visit", _("No visit for a year", "一年未进店")


class CallbackPlan(Model):
    """A kind of callback with its rules of calling (domain.md 3.4, Part 4 (f) and (m)); all of it is data."""

    __tablename__ = "callback_plans"
    __table_args__ = (
        CheckConstraint("due_hours <= hard_limit_hours", name="target_comes_before_the_limit"),
        CheckConstraint("max_attempts > 0 AND max_per_day > 0", name="somebody_is_called_at_least_once"),
    )
    __resource__ = Resource(
        _("Callback plan", "回访计划"), _("Callback plans", "回访计划"), name="callback-plans", small=True, key=("code",), title=("code", "name_zh"),
        icon="calendar-check", group=_("Reference data", "基础数据"), search=("code", "name_zh", "name_en"), filters=("trigger", "active"),
        columns=("code", "name_zh", "name_en", "trigger", "due_hours", "hard_limit_hours", "max_attempts", "active"), order=("code",),
        rights=rights(agent=R, advisor=R, workshop=R, supervisor=R, manager=RU, admin=CRU | I | E, auditor=R | E),
    )

    code: Mapped[Number] = field(_("Plan code", "计划代码"), unique=True)
    name_zh: Mapped[Name] = field(_("Chinese name", "中文名称"))
    name_en: Mapped[Name] = field(_("English name", "英文名称"))
    trigger: Mapped[Trigger] = field(_("Starts with", "触发事件"), default=Trigger.ORDER)
    due_hours: Mapped[Count] = field(_("Due after (hours)", "目标时限（小时）"), default=72)
    hard_limit_hours: Mapped[Count] = field(_("Void after (hours)", "最迟时限（小时）"), default=168)
    call_window: Mapped[CallWindow] = field(_("Times to call", "可致电时段"), default="09:00-12:00, 14:00-19:30", help=TO_BE_SET)
    max_attempts: Mapped[Count] = field(_("Attempts in all", "最多拨打次数"), default=4)
    max_per_day: Mapped[Count] = field(_("Attempts a day", "每日最多次数"), default=2)
    min_gap_minutes: Mapped[Count] = field(_("Minutes between attempts", "最短间隔（分钟）"), default=240)
    busy_gap_minutes: Mapped[Count] = field(_("Minutes after a busy line", "占线重拨间隔（分钟）"), default=30)
    busy_retries: Mapped[Count] = field(_("Quick tries of a busy line", "占线快速重拨次数"), default=2)
    off_gap_hours: Mapped[Count] = field(_("Hours after a switched-off phone", "关机重拨间隔（小时）"), default=24)
    off_attempts: Mapped[Count] = field(_("Tries of a switched-off phone", "关机最多次数"), default=3)
    low_score: Mapped[Count] = field(_("A score up to this raises an issue", "低于或等于此分须登记问题"), default=6, help=TO_BE_SET)
    claim_minutes: Mapped[Count] = field(_("Minutes a claim holds", "领取保留时间（分钟）"), default=15)
    script_zh: Mapped[LongText | None] = field(_("Chinese script", "中文话术"))
    script_en: Mapped[LongText | None] = field(_("English script", "英文话术"))
    active: Mapped[Flag] = field(_("In use", "启用"), default=True)

    @property
    def parts(self) -> list[DayPart]:
        """The parts of the day in which customers are called."""
        return day_parts(self.call_window)

    def __str__(self) -> str:
        return f"{self.code} {_(self.name_en, self.name_zh)}"
