"""The saved views over a list: which ones the person has, which one is shown, and where each leads.

``view=7`` in the address names the view that is shown; beside it the address says in words what the
view says, so that a link means the same list for whoever gets it. ``view=all`` is the list without any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import current_app, flash, g, request
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from backoffice.access import can, reaches
from backoffice.db import db
from backoffice.declare import Text, Verb, _
from backoffice.declare.views import Audience, SavedView, for_person, own_or_shared, team_of
from backoffice.errors import BadRequest
from backoffice.plan import Plan, plan_of
from backoffice.views.common import clipped, whole_number
from backoffice.views.selection import Selection

ALL = "all"
MOST = 300
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Shelf:
    """The views of a list for one person, and the one that is shown."""

    person: Any
    plan: Plan
    selection: Selection
    views: list[SavedView]
    others: list[SavedView]
    """Views of other teams, for those who keep them."""
    current: SavedView | None

    @property
    def start(self) -> str:
        """The whole list; said aloud where a view would open first."""
        return f"/{self.plan.name}/" + (f"?view={ALL}" if default_of(self.person, self.views) else "")

    @property
    def is_changed(self) -> bool:
        """Whether the list shows something else than the view says."""
        return self.current is not None and sorted(said(self.selection)) != sorted(pairs_of(self.current))

    @property
    def may_change(self) -> bool:
        """Whether the person may rename, replace and delete the view that is shown."""
        return self.current is not None and may_change(self.person, self.current)

    def page(self, name: str | int) -> str:
        """A page about what the list shows now."""
        pairs = self.selection.kept()
        return f"/{self.plan.name}/views/{name}" + (f"?{urlencode(pairs)}" if pairs else "")

    @property
    def columns(self) -> str:
        """The dialog of the columns."""
        view = [] if self.current is None else [("view", str(self.current.id))]
        return f"/{self.plan.name}/columns?{urlencode([*view, ('next', request.full_path.removesuffix('?'))])}"


def shelf(person: Any, plan: Plan, selection: Selection) -> Shelf:
    """The views of a list. Raises :class:`BadRequest` for what names no view."""
    known = within_reach(person, plan)
    views = [one for one in known if is_for(person, one)]
    return Shelf(person, plan, selection, views, [one for one in known if one not in views], _named(known, selection.args.get("view")))


def within_reach(person: Any, plan: Plan) -> list[SavedView]:
    """The views of a list that the person opens: the own ones, those of the team and of everybody; of all teams for those who keep them."""
    return [one for one in all_views(person) if one.resource == plan.name]


def is_for(person: Any, view: SavedView) -> bool:
    """Whether a view stands over the person's list, and opens it where it is the default."""
    return view.audience is not Audience.TEAM or view.team == team_of(person)


def all_views(person: Any) -> list[SavedView]:
    """The views of all lists that the person opens; asked for once in a request, for the menu and the list."""
    if "saved_views" not in g:
        reach = own_or_shared(person) if may_share(person) else for_person(person)
        found = db.session.scalars(select(SavedView).where(reach, SavedView.archived_at.is_(None)).order_by(SavedView.id).limit(MOST))
        order = list(Audience)
        g.saved_views = sorted(found, key=lambda one: (order.index(one.audience), not one.pinned))
    plans = current_app.extensions["plans"]
    return [one for one in g.saved_views if one.resource in plans and can(person, Verb.READ, plans[one.resource])]


def default_of(person: Any, views: list[SavedView]) -> SavedView | None:
    """The view that a list opens with: the person's own choice, else the team's, else the house's."""
    wanted = [one for one in views if one.is_default and is_for(person, one)]
    return min(wanted, key=lambda one: list(Audience).index(one.audience), default=None)


def may_share(person: Any) -> bool:
    """Whether the person may save views for others."""
    return can(person, Verb.UPDATE, plan_of(SavedView))


def may_change(person: Any, view: SavedView) -> bool:
    """Whether the person may change a view: the own one, or as somebody who keeps the views of others."""
    if view.audience is Audience.OWN:
        return bool(view.owner_id == person.id)
    return may_share(person) and reaches(db.session(), person, plan_of(SavedView), view, Verb.UPDATE)


def said(selection: Selection) -> Pairs:
    """What a view of this list would say: everything but which page and which view."""
    return [(name, value) for name, value in selection.kept() if name != "view"]


def pairs_of(view: SavedView) -> Pairs:
    """What a view says."""
    return parse_qsl(view.query)


def way_to(person: Any, plan: Plan, args: MultiDict[str, str]) -> str | None:
    """Where an address that names nothing but a view leads, or the bare list that a view opens first; None where it is shown as it is."""
    if set(args) - {"view"} or args.get("view") == ALL:
        return None
    known = within_reach(person, plan)
    view = _named(known, args.get("view")) if args.get("view") else default_of(person, known)
    if view is None:
        if args.get("view"):
            flash(str(_("This view is gone, or it is somebody else's. You see the whole list.")), "warning")
        return None
    pairs, whys = sound(person, plan, view)
    if whys and (pairs or args):  # of a bare address all of whose view has lost its meaning, the next one tells
        flash(str(_("The view “{name}” is out of date: {why} You see the rest of it.", name=view.name, why=" ".join(map(str, whys)))), "warning")
    return address_of(plan, view, pairs) if pairs or not args else None


def address_of(plan: Plan, view: SavedView, pairs: Pairs) -> str:
    """The list as a view shows it, in words."""
    return f"/{plan.name}/?{urlencode([*pairs, ('view', str(view.id))])}"


def _named(views: list[SavedView], text: str | None) -> SavedView | None:
    if not text or text == ALL:
        return None
    number = whole_number(text)
    if number is None:
        raise BadRequest(_("“{text}” is no view.", text=clipped(text)))
    return next((one for one in views if one.id == number), None)


def sound(person: Any, plan: Plan, view: SavedView) -> tuple[Pairs, list[Text]]:
    """The parts of a view that this person may still ask for, and why the others are left out."""
    pairs = pairs_of(view)
    try:
        Selection(person, plan, MultiDict(pairs))
    except BadRequest:
        return _sorted_out(person, plan, pairs)
    return pairs, []


def _sorted_out(person: Any, plan: Plan, pairs: Pairs) -> tuple[Pairs, list[Text]]:
    good: Pairs = []
    whys: list[Text] = []
    for name in dict.fromkeys(name for name, _value in pairs):
        group = [pair for pair in pairs if pair[0] == name]
        try:
            Selection(person, plan, MultiDict(group))
            good += group
        except BadRequest as no:
            whys.append(no.why)
    return good, whys


def team_label(code: str | None) -> str:
    """How people call a role."""
    return next((str(one.label) for one in teams() if one.value == code), code or "")


def teams() -> list[Any]:
    """The roles that people sign in with."""
    role = current_app.extensions["plans"].accounts.fields.get("role")
    return list(getattr(role.kind, "members", ())) if role is not None else []
