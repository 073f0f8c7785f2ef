"""Calls in tests: at what moment, by whom, with what outcome."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from backoffice.declare import clock
from models.callbacks import RefusalScope
from models.recall import Outcome
from models.roles import Role
from tests.factories import (
    make_staff,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(text):
    """Let it be a moment of November 2026 in Shanghai, as ``20 09:30``."""
    return clock.stopped_at(moment(text))


def moment(text):
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def agent(session):
    return make_staff(session, role=Role.AGENT)


def log(task, outcome, **details):
    task.log_call(outcome=Outcome(outcome), **details)
    task.session.flush()


DETAILS = {
    "LATER": {"next_at": moment("25 10:00")}, "REFUSE": {"refusal": RefusalScope.THIS_TIME}, "COMPL": {"criticism": "修了三次还是漏油"},
}
