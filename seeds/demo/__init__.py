"""The demo: a dealer group of three stores on one day, made by the rules of the models and not around them.

``plant`` makes the records, ``accounts`` names the people who may sign in. Nothing here has a
number that a real file carries, and the same day always gives the same records.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import cast

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from backoffice.declare import Refused, _, clock
from models.callback_codes import CallbackCode
from models.escalation_levels import EscalationLevel
from models.stores import Store
from seeds.demo import past, people
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
LIVED = 2_000
"""So many orders are lived through step by step; a larger demo has those of the usual one, and a past for all others."""
MOST = 1_000_000


def accounts() -> tuple[str, ...]:
    """The names under which the people of the demo sign in."""
    return tuple(one.login for one in PEOPLE if one.login)


def is_planted(session: Session) -> bool:
    """Whether the demo is there already."""
    return session.scalars(select(Store.id).where(Store.code == HOUSES[0].code)).first() is not None


def _silence(_words: str) -> None:
    """Say nothing."""


def plant(session: Session, day: date, orders: int = ORDERS, tell: Callable[[str], None] = _silence) -> None:
    """Make the records as of the morning of ``day``, with about so many orders; a second time changes nothing.

    ``tell`` hears how far a large one is. Raises :class:`Refused` where the reference data is missing, or for too many.
    """
    is_first = not session.in_transaction()
    if is_planted(session):
        return
    if orders > MOST:
        raise Refused(_("A demo has {most} orders at most.", "演示数据最多 {most} 张工单。", most=f"{MOST:,}"))
    if orders > LIVED and is_first:  # nothing is lost: the transaction has only asked
        session.rollback()
        past.unlogged(cast(Engine, session.get_bind()))
    codes = {one.code: one for one in session.scalars(select(CallbackCode))}
    if not codes or session.scalars(select(EscalationLevel.id)).first() is None:
        raise Refused(_("Load the reference data first: flask seed reference.", "请先导入基础数据：flask seed reference。"))
    stage = Stage(session, day)
    with clock.stopped_at(stage.at(-1000)):
        people.open_stores(stage)
    lived = orders if orders <= LIVED else ORDERS
    old = max(0, lived - TODAY)
    cars = people.welcome(stage, 60 + old // 2)
    people.tell_apart(stage, cars)
    _live(stage, Floor(stage, cars), Desk(stage, codes), old)
    if orders > lived:
        past.remember(stage, orders - lived, tell)


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
