"""Calendars: when time counts. The hours of the week stand here, the dates that differ in their days (domain.md 2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ForeignKey, Table, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from backoffice.declare import Flag, Model, Name, Number, Refused, Resource, Text, _, children, field, link
from models.acting import linked
from models.changes import changed
from models.opening import Calendar, DayKind, Hours, SpecialDay
from models.roles import CRU, RU, E, I, R, rights
from models.types import OpeningHours, hours_of

if TYPE_CHECKING:
    from models.calendar_days import CalendarDay

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKDAYS = 5
"""The weekdays of which a make-up day takes its hours: the first of them that is open."""


def _hours(en: str, zh: str) -> Mapped[OpeningHours | None]:
    why = _("Such as 09:00-12:00 13:00-18:00; empty: closed.", "例如 09:00-12:00 13:00-18:00；不填表示不开门。")
    return cast("Mapped[OpeningHours | None]", field(_(en, zh), help=why))


class WorkCalendar(Model):
    """Is open on some day of the week, and follows no calendar that follows it. A change of it counts running clocks anew."""

    __tablename__ = "calendars"
    __resource__ = Resource(
        _("Calendar", "工作日历"), _("Calendars", "工作日历"), name="calendars", small=True, key=("code",), title=("code", "name_zh"), icon="calendar3",
        group=_("Reference data", "基础数据"), order=("code",), search=("code", "name_zh", "name_en"), filters=("follows",),
        columns=("code", "name_zh", "name_en", "monday", "saturday", "sunday", "follows", "yearly"),
        rights=rights(agent=R, advisor=R, workshop=R, supervisor=R, manager=RU, admin=CRU | I | E, auditor=R | E),
    )

    code: Mapped[Number] = field(_("Calendar code", "日历代码"), unique=True)
    name_zh: Mapped[Name] = field(_("Chinese name", "中文名称"))
    name_en: Mapped[Name] = field(_("English name", "英文名称"))
    monday: Mapped[OpeningHours | None] = _hours("Monday", "星期一")
    tuesday: Mapped[OpeningHours | None] = _hours("Tuesday", "星期二")
    wednesday: Mapped[OpeningHours | None] = _hours("Wednesday", "星期三")
    thursday: Mapped[OpeningHours | None] = _hours("Thursday", "星期四")
    friday: Mapped[OpeningHours | None] = _hours("Friday", "星期五")
    saturday: Mapped[OpeningHours | None] = _hours("Saturday", "星期六")
    sunday: Mapped[OpeningHours | None] = _hours("Sunday", "星期日")
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("calendars.id"), index=True)
    follows: Mapped[WorkCalendar | None] = link(
        _("Follows the days of", "沿用节假日"), remote_side="WorkCalendar.id", post_update=True,
        help=_("Its holidays and make-up days hold here as well; own days count before them.", "该日历的节假日和调休同样适用；本日历自己的日期优先。"),
    )
    yearly: Mapped[Flag] = field(
        _("Holidays are published each year", "节假日逐年公布"), default=False,
        help=_("Then a due moment in a year without any holiday says that it is provisional.", "到期时间落在尚未公布的年份时会注明为暂定。"),
    )
    revision: Mapped[int] = mapped_column(default=1)
    """Counts the changes of its hours and days."""
    days: Mapped[list[CalendarDay]] = children(_("Days that differ", "特殊日期"), back="calendar", order_by="CalendarDay.on")

    def before_save(self, *, is_new: bool) -> None:
        """Refuse a circle and a calendar that never opens; what changed is counted anew in all that follows it."""
        self._refuse_a_circle()
        if not any(getattr(self, name) for name in WEEK):
            raise Refused(_("A calendar is open on some day of the week.", "工作日历每周至少须有一天开门。"), field="monday")
        if not is_new and changed(self, *WEEK, "follows", "yearly"):
            self.revision += 1
            count_anew([self])

    def _refuse_a_circle(self) -> None:
        if any(one is self for one in list(chain(self))[1:]):
            raise Refused(_("A calendar cannot follow itself, directly or by others.", "工作日历不能直接或间接沿用自身。"), field="follows", code="circle")

    @property
    def label(self) -> Text:
        """Its name in the reader's language."""
        return _(self.name_en, self.name_zh)

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


def chain(calendar: WorkCalendar) -> Iterator[WorkCalendar]:
    """The calendar, then those that it follows; a circle ends where it began."""
    seen: list[WorkCalendar] = []
    one: WorkCalendar | None = calendar
    while one is not None:
        yield one
        if one in seen:
            return
        seen.append(one)
        one = linked(one, "follows", WorkCalendar)


def followers(calendar: WorkCalendar) -> list[WorkCalendar]:
    """The calendar, and all that follow it."""
    everything = calendar.session.scalars(select(WorkCalendar)).all()
    return [one for one in everything if any(other is calendar for other in chain(one))]


def opening(calendar: WorkCalendar) -> Calendar:
    """When time counts by this calendar, for :mod:`models.sla`; made once a transaction."""
    session = calendar.session
    transaction, known = session.info.get("openings", (None, {}))
    if transaction is not session.get_transaction():
        transaction, known = session.get_transaction(), {}
        session.info["openings"] = transaction, known
    if calendar not in known:
        known[calendar] = _made(calendar)
    return cast(Calendar, known[calendar])


def forget(session: Session) -> None:
    """Something about calendars has changed: the next one who asks gets them anew."""
    session.info.pop("openings", None)


def revise(calendar: WorkCalendar) -> None:
    """A day of it has changed. Written beside the session, for a file may bring a hundred days and the calendar itself stays as it is."""
    table = cast(Table, WorkCalendar.__table__)
    calendar.session.execute(update(table).where(table.c.id == calendar.id).values(revision=table.c.revision + 1))
    calendar.session.expire(calendar, ["revision"])


def count_anew(calendars: Iterable[WorkCalendar]) -> None:
    """Running clocks that count by these calendars are due at another moment now."""
    from models.complaint_clocks import follow_calendar  # noqa: PLC0415  # complaints import calendars

    for one in calendars:
        forget(one.session)
        follow_calendar(one)


def _made(calendar: WorkCalendar) -> Calendar:
    week = [hours_of(getattr(calendar, name) or "") for name in WEEK]
    usual = next((hours for hours in week[:WORKDAYS] if hours), next(hours for hours in week if hours))
    days: dict[date, SpecialDay] = {}
    years, is_yearly = set(), False
    for one in chain(calendar):
        is_yearly = is_yearly or one.yearly
        for row in _days(one):
            special = _special(row, usual)
            if row.on not in days or special.kind.precedence < days[row.on].kind.precedence:
                days[row.on] = special
            if one.yearly and row.kind is DayKind.HOLIDAY:
                years.add(row.on.year)
    return Calendar(week, days, years if is_yearly else None, name=calendar.label)


def _days(calendar: WorkCalendar) -> Iterator[CalendarDay]:
    """The days as they are going to be: stored ones with what changes in them, and new ones."""
    from models.calendar_days import CalendarDay  # noqa: PLC0415  # the days import their calendar

    session = calendar.session
    stored = session.scalars(select(CalendarDay).where(CalendarDay.calendar_id == calendar.id)).all()
    new: list[Any] = list(session.new)
    for one in (*stored, *(other for other in new if isinstance(other, CalendarDay))):
        if one.archived_at is None and linked(one, "calendar", WorkCalendar) is calendar and one not in session.deleted:
            yield one


def _special(row: CalendarDay, usual: Hours) -> SpecialDay:
    hours = hours_of(row.hours or "")
    return SpecialDay(row.kind, usual if row.kind is DayKind.MAKEUP and not hours else hours, row.name or "")

