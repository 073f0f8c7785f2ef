"""When a customer is called again: the table of call outcomes as arithmetic, without a database (domain.md 3.4, Part 4 (m))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from backoffice.declare import Choice, _, clock
from models.call_windows import first_opening

if TYPE_CHECKING:
    from models.callback_plans import CallbackPlan


class Outcome(Choice):
    """How a call ended."""

    OK = "OK", _("Completed", "完成"), "good"
    NO_ANSWER = "NA", _("No answer", "无人接听"), "neutral"
    BUSY = "BUSY", _("Busy", "占线"), "neutral"
    OFF = "OFF", _("Off or suspended", "关机/停机"), "neutral", ("关机", "停机")
    LATER = "LATER", _("Asks for another time", "改约"), "info", ("方便时间不对",)
    REFUSE = "REFUSE", _("Refuses this call", "拒访"), "bad"
    WRONG = "WRONG", _("Wrong or invalid number", "错号/空号"), "bad", ("错号", "空号")
    THIRD = "THIRD", _("Another person answers", "他人接听"), "neutral"
    COMPLAINT = "COMPL", _("Complaint raised", "已转投诉"), "warn", ("已投诉转交",)


FINAL = (Outcome.OK, Outcome.REFUSE, Outcome.WRONG, Outcome.COMPLAINT)
"""Outcomes after which nobody calls again."""


@dataclass(frozen=True)
class Call:
    """A call that was made."""

    outcome: Outcome
    at: datetime


def next_call(plan: CallbackPlan, calls: Sequence[Call], given: datetime | None = None) -> datetime | None:
    """The moment of the next attempt after the last of ``calls``, or None where there is none any more.

    ``given`` is the time that the customer (LATER) or the other person (THIRD) named.
    """
    last = calls[-1]
    if last.outcome in FINAL:
        return None
    if last.outcome is Outcome.LATER:
        return given
    if len(calls) >= plan.max_attempts or _count(calls, Outcome.OFF) >= plan.off_attempts:
        return None
    return _within_daily_cap(plan, calls, _wanted(plan, calls, given))


def _wanted(plan: CallbackPlan, calls: Sequence[Call], given: datetime | None) -> datetime:
    """The moment that the outcome alone asks for, moved into the call window."""
    last = calls[-1]
    if last.outcome is Outcome.THIRD and given is not None:
        return given
    if last.outcome in (Outcome.OFF, Outcome.THIRD):
        return first_opening(plan.parts, last.at + timedelta(hours=plan.off_gap_hours))
    if is_quick_retry(plan, calls):
        return first_opening(plan.parts, last.at + timedelta(minutes=plan.busy_gap_minutes))
    now_in = next((part for part in plan.parts if part.holds(last.at)), None)
    return first_opening(plan.parts, last.at + timedelta(minutes=plan.min_gap_minutes), avoid=now_in)


def is_quick_retry(plan: CallbackPlan, calls: Sequence[Call]) -> bool:
    """Whether the last call met a busy line that is tried again soon; that call is exempt from the minimum gap."""
    return calls[-1].outcome is Outcome.BUSY and _count(calls, Outcome.BUSY) <= plan.busy_retries


def _within_daily_cap(plan: CallbackPlan, calls: Sequence[Call], wanted: datetime) -> datetime:
    if calls_on(calls, wanted) < plan.max_per_day:
        return wanted
    local = wanted.astimezone(clock.zone())
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
    return first_opening(plan.parts, midnight.astimezone(wanted.tzinfo))


def calls_on(calls: Sequence[Call], moment: datetime) -> int:
    """How many of the calls were made on the day of ``moment``, as the wall calendar has it."""
    day = moment.astimezone(clock.zone()).date()
    return sum(call.at.astimezone(clock.zone()).date() == day for call in calls)


def earliest_next(plan: CallbackPlan, calls: Sequence[Call]) -> datetime | None:
    """The moment before which the minimum gap forbids another call; None where it does not apply."""
    if not calls or is_quick_retry(plan, calls):
        return None
    return calls[-1].at + timedelta(minutes=plan.min_gap_minutes)


def _count(calls: Sequence[Call], outcome: Outcome) -> int:
    return sum(call.outcome is outcome for call in calls)
