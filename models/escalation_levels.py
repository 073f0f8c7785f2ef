"""Escalation levels: who owns a complaint there, how long it may take, what may be granted (domain.md 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, inspect, select
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
    ShortText,
    _,
    children,
    concerns,
    field,
    link,
)
from models.acting import fill
from models.calendars import WorkCalendar
from models.changes import changed, settle_links
from models.ladder import FULL
from models.roles import AUTHORITY, CRU, RU, E, I, R, Role, rights
from models.spans import Hours, Minutes

if TYPE_CHECKING:
    from models.authority_limits import AuthorityLimit
    from models.escalation_draft_lines import EscalationDraftLine
    from models.staff import Staff

WARNINGS = "50 75 90"
"""Percent of a limit at which people are warned, unless a level says otherwise (domain.md 2.1); 100 is the limit itself."""


class EscalationLevel(Model):
    """A step of the ladder. Its numbers are data; what may be granted there stands in its authority limits."""

    __tablename__ = "escalation_levels"
    __table_args__ = (
        CheckConstraint("limit_hours > 0", name="everybody_gets_some_time", info={"why": _("The time limit is at least one hour.", "时限至少为 1 小时。")}),
    )
    __resource__ = Resource(
        _("Escalation level", "升级级别"), _("Escalation levels", "升级级别"), name="escalation-levels", small=True, key=("code",), title=("code", "name_zh"),
        icon="ladder", group=_("Reference data", "基础数据"), order=("rank",), search=("code", "name_zh", "name_en"), filters=("owner_role",),
        columns=("code", "name_zh", "name_en", "owner_role", "limit_hours", "calendar", "accept_minutes"),
        rights=rights(agent=R, advisor=R, workshop=R, supervisor=R, manager=RU, admin=CRU | I | E, auditor=R | E),
    )

    code: Mapped[Number] = field(_("Level code", "级别代码"), unique=True)
    rank: Mapped[Count] = field(_("Rank", "级别顺序"), unique=True, help=_("A case is raised to the next rank.", "逐级升级。"))
    name_zh: Mapped[Name] = field(_("Chinese name", "中文名称"))
    name_en: Mapped[Name] = field(_("English name", "英文名称"))
    owner_role: Mapped[Role] = field(_("Owner", "负责岗位"))
    authority: Mapped[Count] = field(
        _("Authority needed", "所需权限级别"), help=_("Colleagues of this authority level and above work here.", "达到该权限级别的员工可处理。"),
    )
    limit_hours: Mapped[Hours] = field(_("Time limit (hours)", "时限（小时）"))
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey(WorkCalendar.id), index=True)
    calendar: Mapped[WorkCalendar | None] = link(
        _("Counts by calendar", "计时日历"), help=_("Empty: around the clock, as promised to customers.", "不填表示全天候计时，即对客户的承诺。"),
    )
    first_reply_hours: Mapped[Hours | None] = field(_("First reply within (hours)", "首次回应时限（小时）"))
    plan_hours: Mapped[Hours | None] = field(_("Plan within (hours)", "提出方案时限（小时）"))
    accept_minutes: Mapped[Minutes] = field(_("Accept within (minutes)", "接手时限（分钟）"), default=30)
    warn_at: Mapped[ShortText] = field(
        _("Warns at (percent)", "预警点（%）"), default=WARNINGS,
        help=_("Percent of the time limit, with blanks between.", "时限的百分比，以空格分隔，如 50 75 90。"),
    )
    pause_hours: Mapped[Hours | None] = field(_("Pauses last up to (hours)", "单次暂停上限（小时）"), help=_("Empty: without limit.", "不填表示不设上限。"))
    grants_zh: Mapped[LongText | None] = field(_("Granted, in Chinese", "权限说明（中文）"))
    grants_en: Mapped[LongText | None] = field(_("Granted, in English", "权限说明（英文）"))
    no_pause: Mapped[Flag] = field(_("No pause for safety or press", "安全与媒体问题不得暂停"), default=False)
    limits: Mapped[list[AuthorityLimit]] = children(_("May grant", "可给予的补偿"), back="level", order_by="AuthorityLimit.kind")
    draft_lines: Mapped[list[EscalationDraftLine]] = children(_("Drafts with other values", "调整草案"), back="level", order_by="EscalationDraftLine.id.desc()")

    @concerns("limit_hours", "calendar", "warn_at", "owner_role", "authority")
    def before_save(self, *, is_new: bool) -> None:
        """Somebody owns the level. Another limit or calendar counts running clocks anew."""
        self._insist_on_an_owner()
        fill(self, warn_at=WARNINGS)
        self.warn_at = " ".join(str(mark) for mark in self.warnings)
        if changed(self, "limit_hours", "calendar"):
            from models.complaint_clocks import insist_on_an_end  # noqa: PLC0415  # complaints import levels

            settle_links(self, "calendar")
            insist_on_an_end(self)
        if not is_new and changed(self, "limit_hours", "calendar"):
            from models.complaint_clocks import count_anew, of_levels  # noqa: PLC0415  # complaints import levels

            count_anew(of_levels([self]), is_new_limit=True)
        if not is_new and changed(self, "warn_at"):
            from models.complaint_clocks import look_again, of_levels  # noqa: PLC0415  # complaints import levels

            look_again(of_levels([self]))

    def _insist_on_an_owner(self) -> None:
        if AUTHORITY.get(self.owner_role, 0) < (self.authority or 0):
            role = getattr(self.owner_role, "label", "")
            why = _("“{role}” has not the authority that the level needs; nobody would own it.", "“{role}”达不到该级别所需的权限，该级别将无人负责。", role=role)
            raise Refused(why, field="owner_role")

    @property
    def warnings(self) -> tuple[int, ...]:
        """The percentages at which people are warned, in order. Raises :class:`Refused` where they are none."""
        return percentages(self.warn_at)

    def owned_by(self, person: Staff) -> bool:
        """Whether the person owns this level or one above it."""
        return person.level >= self.authority

    def __str__(self) -> str:
        return f"{self.code} {_(self.name_en, self.name_zh)}"


def percentages(text: str | None) -> tuple[int, ...]:
    """The percentages that a text names, in order; raises :class:`Refused` where they are none."""
    words = (text or "").replace("%", " ").replace(",", " ").replace("，", " ").split()
    if wrong := [word for word in words if not (word.isascii() and word.isdigit() and 0 < int(word) < FULL)]:
        raise Refused(_("“{word}” is no percentage between 1 and 99.", "“{word}”不是 1 到 99 之间的百分比。", word=wrong[0]), field="warn_at")
    return tuple(sorted({int(word) for word in words}))


def ladder(session: Session) -> Sequence[EscalationLevel]:
    """The levels, lowest first."""
    return session.scalars(select(EscalationLevel).where(EscalationLevel.archived_at.is_(None)).order_by(EscalationLevel.rank)).all()


def lowest(session: Session) -> EscalationLevel | None:
    """The level that every complaint starts on; looked up once a session, for a file may bring thousands."""
    known: EscalationLevel | None = session.info.get("lowest_level")
    if known is None or not inspect(known).persistent:
        known = session.info["lowest_level"] = next(iter(ladder(session)), None)
    return known


def next_above(session: Session, level: EscalationLevel | None) -> EscalationLevel | None:
    """The next level up the ladder, or None at its top."""
    return next((one for one in ladder(session) if level is None or one.rank > level.rank), None)


def next_below(session: Session, level: EscalationLevel) -> EscalationLevel | None:
    """The next level down the ladder, or None at its foot."""
    return next((one for one in reversed(ladder(session)) if one.rank < level.rank), None)


