"""What clocks say of themselves: due when, why, and what counted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from backoffice.declare import _
from backoffice.declare.text import CHINESE, ENGLISH
from models.opening import CHINA, Calendar, DayKind, SpecialDay
from models.sla import Clock, NewLimit, Pause
from models.sla_words import explain

HOUR = timedelta(hours=1)
OFFICE = ((540, 1080),)
NAMES = {"waiting_parts": _("Waiting for parts", "等待配件")}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def said(texts, locale=ENGLISH):
    return [text.in_locale(locale) for text in texts]


def test_a_running_clock_says_when_it_is_due():
    """And how much is used, in both languages."""
    found = explain(Clock(at("2026-03-02 10:00"), 24 * HOUR), at("2026-03-02 20:30"))

    assert found.says.in_locale(ENGLISH) == "Due 2026-03-03 10:00: 10 h 30 min of 24 h used, 13 h 30 min left."
    assert found.says.in_locale(CHINESE) == "2026-03-03 10:00到期：已用10小时30分钟，限时24小时，剩余13小时30分钟。"
    assert (found.percent, found.is_late) == (43, False)


def test_a_clock_that_stands_still_says_why():
    """“Paused, fourteen hours left”, and each stretch by itself; the bar has the stretch that ran."""
    found = explain(Clock(at("2026-03-02 10:00"), 24 * HOUR, None, [Pause(at("2026-03-02 20:00"), None, "waiting_parts")]), at("2026-03-09 10:00"), NAMES)

    assert found.says.in_locale(ENGLISH) == "Stands still (Waiting for parts): 10 h of 24 h used, 14 h left."
    assert said(found.lines, CHINESE) == [
        "自2026-03-02 10:00起限时24小时，全天候计时。", "2026-03-02 10:00 – 2026-03-02 20:00：计时，计入10小时。",
        "2026-03-02 20:00 – 2026-03-09 10:00：停表（等待配件）。",
    ]
    assert [round(one, 1) for one in found.runs] == [41.7]


def test_a_late_clock_says_by_how_much():
    """And since when, for good; running or not."""
    late = Clock(at("2026-03-02 10:00"), 24 * HOUR)
    still = Clock(late.start, late.limit, None, [Pause(at("2026-03-03 12:00"), None, "waiting_parts")])
    now = at("2026-03-03 13:30")

    assert explain(late, now).says.in_locale(ENGLISH) == "Late by 3 h 30 min: 27 h 30 min used, the limit is 24 h."
    assert explain(still, now, NAMES).says.in_locale(ENGLISH) == "Late by 2 h, stands still (Waiting for parts): 26 h used, the limit is 24 h."
    assert "stands still (Waiting for parts)" in explain(still, at("2026-03-03 12:00"), NAMES).says.in_locale(ENGLISH)
    assert said(explain(late, now).lines)[-1] == "The limit was exceeded at 2026-03-03 10:00; that stays on record."


def test_whatever_counted_is_listed():
    """The calendar, the make-up day, holidays in a row as one line, a new limit, and the year that nobody knows yet."""
    days = {date(2026, 12, 27): SpecialDay(DayKind.MAKEUP, OFFICE, "元旦"), **{
        date(2026, 12, day): SpecialDay(DayKind.HOLIDAY, (), "元旦") for day in (29, 30, 31)
    }}
    calendar = Calendar((OFFICE,) * 5 + ((),) * 2, days, {2026}, name=_("Workdays", "工作日"))
    found = explain(Clock(at("2026-12-25 17:00"), 30 * HOUR, calendar, (), [NewLimit(at("2026-12-28 09:00"), 40 * HOUR)]), at("2026-12-28 10:00"))

    assert found.says.in_locale(ENGLISH).endswith("used, 29 h left. Provisional: the holidays of 2027 are not published yet.")
    assert said(found.lines) == [
        "30 h from 2026-12-25 17:00 on, in the hours of Workdays.",
        "2026-12-25 17:00 – 2026-12-28 09:00: ran, 10 h counted.",
        "From 2026-12-28 09:00 on the limit is 40 h; what was used stays used.",
        "2026-12-28 09:00 – 2026-12-28 10:00: ran, 1 h counted.",
        "2026-12-27 元旦: Make-up workday, 09:00-18:00.",
        "2026-12-29 – 2026-12-31 元旦: Holiday, closed.",
        "The holidays of 2027 are not published yet: those dates count by their weekdays alone.",
    ]
