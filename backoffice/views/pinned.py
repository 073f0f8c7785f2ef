"""Views in the menu, each with the number of its rows: counted beside the page, never for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from werkzeug.datastructures import MultiDict

from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.views import SavedView
from backoffice.errors import BadRequest
from backoffice.plan import Plan
from backoffice.views import shelf
from backoffice.views.common import person
from backoffice.views.estimating import count_or_estimate
from backoffice.views.selection import Selection

MOST = 12
"""Views that the menu has room for."""
HIGHEST = 999
KEPT = timedelta(seconds=15)
REMEMBERED = 5_000

pinned = Blueprint("pinned", __name__)
Key = tuple[int, int, datetime]
Known = dict[Key, tuple[datetime, str]]


@dataclass(frozen=True)
class Pin:
    """A view in the menu; ``count`` is None while nobody has counted it lately."""

    view: SavedView
    plan: Plan
    count: str | None

    @property
    def address(self) -> str:
        """Where it leads."""
        return f"/{self.plan.name}/?view={self.view.id}"


def register(app: Flask) -> None:
    """Give the menu its views, and its script their numbers."""
    app.extensions["view_counts"] = {}
    app.jinja_env.globals["pins"] = pins
    app.register_blueprint(pinned)


def pins() -> list[Pin]:
    """The views that the person's menu shows, with those numbers that are at hand."""
    who, plans = person(), current_app.extensions["plans"]
    if not who.is_authenticated:
        return []
    views = [one for one in shelf.all_views(who) if one.pinned and shelf.is_for(who, one)][:MOST]
    return [Pin(one, plans[one.resource], _known(who, one)) for one in views]


@pinned.get("/pinned")
def counts() -> Response:
    """How many rows each view of the menu has now, as the menu writes it."""
    who = person()
    return jsonify(counts={str(pin.view.id): pin.count if pin.count is not None else _counted(who, pin) for pin in pins()})


def _key(who: Any, view: SavedView) -> Key:
    return who.id, view.id, view.updated_at


def _known(who: Any, view: SavedView) -> str | None:
    at, text = current_app.extensions["view_counts"].get(_key(who, view), (None, ""))
    return text if at is not None and at <= clock.now() < at + KEPT else None


def _counted(who: Any, pin: Pin) -> str:
    """The number, up to some; empty for a view that is out of date. Remembered for some seconds."""
    known: Known = current_app.extensions["view_counts"]
    if len(known) >= REMEMBERED:
        known.clear()
    pairs, whys = shelf.sound(who, pin.plan, pin.view)
    known[_key(who, pin.view)] = clock.now(), "" if whys else _number(who, pin.plan, pairs)
    return known[_key(who, pin.view)][1]


def _number(who: Any, plan: Plan, pairs: shelf.Pairs) -> str:
    try:
        number, is_exact = count_or_estimate(db.session(), Selection(who, plan, MultiDict(pairs)).rows(), plan)
    except BadRequest:
        return ""
    if number > HIGHEST:
        return f"{HIGHEST}+"
    return str(number) if is_exact else f"~{number}"
