"""Saved views are made, renamed, replaced and deleted at ``/<resource>/views/…``; behind the question mark stands what the list shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import flash, g, request
from flask_admin import expose
from sqlalchemy import delete, func, select
from werkzeug.datastructures import MultiDict

from backoffice.db import db
from backoffice.declare import Invalid, Line, Refused, _
from backoffice.declare.views import Audience, SavedView, team_of
from backoffice.errors import BadRequest, Denied, NotFound
from backoffice.plan import Plan, plan_of
from backoffice.views import shelf
from backoffice.views.answers import Answers
from backoffice.views.column_choice import chosen_text
from backoffice.views.common import clipped, person, record_id, whole_number
from backoffice.views.selection import Selection
from backoffice.views.tables import ListColumns
from backoffice.views.writing import flush, gone_to, is_fragment, persistently

MOST = 100
NAME = Line(width=100)
OF_PAGE = ("fragment",)


@dataclass
class Wish:
    """What the form asks for."""

    name: str = ""
    audience: Audience = Audience.OWN
    team: str | None = None
    pinned: bool = False
    is_default: bool = False
    is_replaced: bool = False

    @classmethod
    def sent(cls) -> Wish:
        """As it was sent. Raises :class:`BadRequest` for what no form of ours sends."""
        form = request.form
        audience = next((one for one in Audience if one.value == form.get("audience", Audience.OWN.value)), None)
        if audience is None:
            raise BadRequest(_("There is no audience “{name}”.", name=clipped(form.get("audience"))))
        team = form.get("team") if audience is Audience.TEAM else None
        return cls(form.get("name", ""), audience, team, "pinned" in form, "is_default" in form, "replace" in form)

    @classmethod
    def of(cls, view: SavedView) -> Wish:
        """As a view is."""
        return cls(view.name, view.audience, view.team, view.pinned, view.is_default)


class ViewPages(Answers):
    """The dialogs of saved views, for the plan of the list."""

    plan: Plan

    @expose("/views/new", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def new_view_page(self) -> Any:
        """Ask for a name, then save what the list shows."""
        selection = self._shown_list()
        wish = Wish.sent() if request.method == "POST" else Wish(team=team_of(person()))
        if request.method != "POST":
            return self._ask_view(selection, wish, None)
        who = person()
        view = SavedView(resource=self.plan.name, owner_id=who.id, who=str(who)[:200], query="", audience=wish.audience)
        return self._keep_view(selection, wish, None, view)

    @expose("/views/<number>", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def view_page(self, number: str) -> Any:
        """Rename a view, give it to others, pin it, or replace what it shows by what the list shows."""
        selection, view = self._shown_list(), self._own_view(number)
        if request.method != "POST":
            return self._ask_view(selection, Wish.of(view), view)
        if whole_number(request.form.get("version")) not in (None, view.version):
            return self._ask_view(selection, Wish.sent(), view, Refused(_("Somebody has changed the view since you opened it. Save once more if yours shall hold.")))
        return self._keep_view(selection, Wish.sent(), view, view)

    @expose("/views/<number>/delete", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @persistently
    def drop_view_page(self, number: str) -> Any:
        """Ask, then delete a view; the records stay."""
        view = self._own_view(number)
        if request.method != "POST":
            return self.answer("list/view_delete.html", view=view, is_fragment=is_fragment(), team_label=shelf.team_label)
        db.session.execute(delete(ListColumns).where(ListColumns.view_id == view.id))
        db.session.delete(view)
        flush(plan_of(SavedView))
        db.session.commit()
        flash(str(_("The view “{name}” is deleted.", name=view.name)), "success")
        return gone_to(f"/{self.plan.name}/?view={shelf.ALL}")

    def _shown_list(self) -> Selection:
        said = [(name, value) for name, value in request.args.items(multi=True) if name not in OF_PAGE]
        return Selection(person(), self.plan, MultiDict(said))

    def _own_view(self, number: str) -> SavedView:
        """A view of this list that the person may change. One that is somebody's own is not told apart from none."""
        view = db.session.get(SavedView, record_id(number))
        if view is None or view.resource != self.plan.name or (view not in shelf.within_reach(person(), self.plan) and not shelf.may_change(person(), view)):
            raise NotFound
        if not shelf.may_change(person(), view):
            raise Denied
        return view

    def _ask_view(self, selection: Selection, wish: Wish, view: SavedView | None, why: Refused | None = None) -> Any:
        over = shelf.shelf(person(), self.plan, selection)
        return self.answer(
            "list/view.html", 422 if why else 200, wish=wish, view=view, why=why, selection=selection, is_fragment=is_fragment(),
            is_changed=over.is_changed and over.current is view, query=urlencode(selection.kept()), may_share=shelf.may_share(person()),
            audiences=list(Audience), teams=shelf.teams(), team_label=shelf.team_label,
        )

    def _keep_view(self, selection: Selection, wish: Wish, view: SavedView | None, kept: SavedView) -> Any:
        """Write it, or ask again and say why not."""
        try:
            _insist(self.plan, wish, kept, is_new=view is None)
        except Refused as why:
            return self._ask_view(selection, wish, view, why)
        is_moved = view is not None and (view.audience is not wish.audience)
        if view is None or wish.is_replaced:
            kept.query = urlencode(shelf.said(selection))
            kept.columns = chosen_text(person(), self.plan, shelf.shelf(person(), self.plan, selection).current)
        kept.name, kept.audience, kept.team = wish.name, wish.audience, wish.team
        kept.pinned, kept.is_default = wish.pinned, wish.is_default
        if is_moved and wish.audience is Audience.OWN:
            kept.owner_id, kept.who = person().id, str(person())[:200]
        db.session.add(kept)
        flush(plan_of(SavedView))
        _only_default(kept)
        db.session.commit()
        g.pop("saved_views", None)
        flash(str(_("The view “{name}” is saved.", name=kept.name)), "success")
        return gone_to(shelf.address_of(self.plan, kept, shelf.sound(person(), self.plan, kept)[0]))


def _insist(plan: Plan, wish: Wish, view: SavedView, *, is_new: bool) -> None:
    """Refuse a name that is none or taken, a team that is none, and more views than anybody finds again."""
    wish.name = _name(wish.name)
    if wish.audience is not Audience.OWN and not shelf.may_share(person()):
        raise Denied
    if wish.audience is Audience.TEAM and wish.team not in {one.value for one in shelf.teams()}:
        raise Refused(_("Choose a team."), field="team")
    same = select(SavedView.id).where(
        SavedView.resource == plan.name, SavedView.name == wish.name, SavedView.audience == wish.audience, SavedView.archived_at.is_(None),
        SavedView.team.is_(wish.team) if wish.team is None else SavedView.team == wish.team,
    )
    if wish.audience is Audience.OWN:
        same = same.where(SavedView.owner_id == person().id)
    if set(db.session.scalars(same.limit(2))) - {view.id}:
        raise Refused(_("There is a view of this name already. Open it to replace it, or choose another name."), field="name")
    own = select(func.count()).select_from(SavedView).where(SavedView.owner_id == person().id)
    if is_new and (db.session.scalar(own) or 0) >= MOST:
        raise Refused(_("You have {most} views. Delete one that you do not need.", most=MOST))


def _name(text: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise Refused(_("Give it a name first."), field="name")
    try:
        return NAME.parse(plain)
    except Invalid as no:
        raise Refused(no.why, field="name") from no


def _only_default(view: SavedView) -> None:
    """A list opens with one view of the same people."""
    if not view.is_default:
        return
    others = select(SavedView).where(
        SavedView.resource == view.resource, SavedView.audience == view.audience, SavedView.is_default, SavedView.id != view.id,
        SavedView.team.is_(None) if view.team is None else SavedView.team == view.team,
    )
    if view.audience is Audience.OWN:
        others = others.where(SavedView.owner_id == view.owner_id)
    for other in db.session.scalars(others):
        other.is_default = False
