"""The demo: a dealer group of three stores on one day, made by the rules of the models and not around them.

``plant`` makes the records, ``accounts`` names the people who may sign in. Nothing here has a
number that a real file carries, and the same day always gives the same records.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.declare import Refused, _, clock
from models.callback_codes import CallbackCode
from models.escalation_levels import EscalationLevel
from models.stores import Store
from seeds.demo import people
from seeds.demo.calls import Desk
from seeds.demo.court import Court
from seeds.demo.errands import ask_around
from seeds.demo.floor import Floor
from seeds.demo.names import HOUSES, PEOPLE
from seeds.demo.plot import RECENT, Plot
from seeds.demo.stage import Stage

ORDERS = 200
"""How many orders the demo has unless somebody asks for more."""
TODAY = 75
"""About how many of them are of this week."""


def accounts() -> tuple[str, ...]:
    """The names under which the people of the demo sign in."""
    return tuple(one.login for one in PEOPLE if one.login)


def is_planted(session: Session) -> bool:
    """Whether the demo is there already."""
    return session.scalars(select(Store.id).where(Store.code == HOUSES[0].code)).first() is not None


def plant(session: Session, day: date, orders: int = ORDERS) -> None:
    """Make the records as of the morning of ``day``, with about so many orders; a second time changes nothing.

    Raises :class:`Refused` where the reference data is missing.
    """
    if is_planted(session):
        return
    codes = {one.code: one for one in session.scalars(select(CallbackCode))}
    if not codes or session.scalars(select(EscalationLevel.id)).first() is None:
        raise Refused(_("Load the reference data first: flask seed reference.", "请先导入基础数据：flask seed reference。"))
    stage = Stage(session, day)
    with clock.stopped_at(stage.at(-1000)):
        people.open_stores(stage)
    old = max(0, orders - TODAY)
    cars = people.welcome(stage, 60 + old // 2)
    people.tell_apart(stage, cars)
    _live(stage, Floor(stage, cars), Desk(stage, codes), old)


def _live(stage: Stage, floor: Floor, desk: Desk, old: int) -> None:
    """The weeks before the day, oldest first."""
    plot = Plot(stage, floor, desk)
    plot.old_visits(old)
    plot.questions()
    plot.recent_visits()
    floor.fill()
    Court(stage, plot.good).sit()
    ask_around(stage)


__all__ = ["ORDERS", "RECENT", "accounts", "is_planted", "plant"]
