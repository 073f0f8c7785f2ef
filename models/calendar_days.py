"""Days of a calendar that are not like their weekday: holidays, make-up workdays, own closures and other hours (domain.md 2.1)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, inspect
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Day, Model, Resource, ShortText, _, field, link
from models.acting import linked
from models.calendars import WorkCalendar, count_anew, revise
from models.changes import changed, settle_links
from models.opening import DayKind
from models.roles import CRU, RU, E, I, R, rights
from models.types import OpeningHours

COUNTED = ("calendar", "on", "kind", "hours", "archived_at")
"""What clocks count by."""


class CalendarDay(Model):
    """One date of one calendar. Of an override, a make-up day and a holiday on one date the first counts, wherever each comes from."""

    __tablename__ = "calendar_days"
    __table_args__ = (UniqueConstraint("calendar_id", "on"),)
    __resource__ = Resource(
        _("Calendar day", "日历日期"), _("Calendar days", "日历日期"), name="calendar-days", small=True, key=("calendar", "on"), icon="calendar-day",
        group=_("Reference data", "基础数据"), order=("-on",), search=("name", "calendar.code"), filters=("calendar", "kind", "on"),
        columns=("calendar", "on", "kind", "hours", "name", "source"),
        rights=rights(agent=R, advisor=R, workshop=R, supervisor=R, manager=RU, admin=CRU | I | E, auditor=R | E),
    )

    calendar_id: Mapped[int] = mapped_column(ForeignKey(WorkCalendar.id), index=True)
    calendar: Mapped[WorkCalendar] = link(_("Calendar", "工作日历"), back_populates="days", active_history=True)
    on: Mapped[Day] = field(_("Date", "日期"))
    kind: Mapped[DayKind] = field(_("Kind of day", "日期类型"), default=DayKind.HOLIDAY)
    hours: Mapped[OpeningHours | None] = field(
        _("Hours", "时间"), help=_("Empty: closed; on a make-up workday, the hours of a workday.", "不填表示不开门；调休上班日不填则按工作日时间。"),
    )
    name: Mapped[ShortText | None] = field(_("Name", "名称"))
    source: Mapped[ShortText | None] = field(_("Source", "来源"), help=_("The address of what was published.", "公告网址。"))

    def before_save(self, *, is_new: bool) -> None:
        """The calendar has changed with its day, and with it the one that the day was taken from; clocks are counted anew once a flush."""
        settle_links(self, "calendar")
        if not is_new and not changed(self, *COUNTED):
            return
        for one in self.calendars():
            revise(one)
        waiting = self._waiting()
        if waiting[-1] is self:
            count_anew(dict.fromkeys(one for day in waiting for one in day.calendars()))

    def calendars(self) -> list[WorkCalendar]:
        """Its calendar, and the one that it belonged to until now; not one that is itself new."""
        found = dict.fromkeys((linked(self, "calendar", WorkCalendar), *(inspect(self).attrs.calendar.history.deleted or ())))
        return [one for one in found if one is not None and inspect(one).persistent]

    def _waiting(self) -> list[CalendarDay]:
        """The days that are about to be written and count, in the order in which their rules are asked."""
        session = self.session
        asked: list[Any] = [*session.new, *(one for one in session.dirty if isinstance(one, CalendarDay) and changed(one, *COUNTED))]
        return [one for one in asked if isinstance(one, CalendarDay)]
