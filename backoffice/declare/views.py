"""Views of lists that people have saved: which rows in which order and columns, and who sees them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, String, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare.base import Model
from backoffice.declare.choice import Choice
from backoffice.declare.fields import field
from backoffice.declare.journal import JOURNAL_RIGHTS
from backoffice.declare.resource import Resource
from backoffice.declare.text import _
from backoffice.declare.types import Flag, LongText, Name, ShortText


class Audience(Choice):
    """Who sees a view."""

    OWN = "own", _("Only me", "仅自己")
    TEAM = "team", _("A team", "团队"), "info"
    ALL = "all", _("Everybody", "所有人"), "info"


class SavedView(Model):
    """A list as somebody saved it. A personal one belongs to its owner; one for a team or everybody to those who may change views.

    ``query`` is the address behind the question mark, in words (``due_on=today``), ``columns`` names the columns in
    their order, with widths (``order_no:120,status``); without them a list has its usual ones. ``team`` is the code of a role.
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        Index("ix_saved_views_owner_id_audience", "owner_id", "audience"),
        CheckConstraint("(audience = 'team') = (team IS NOT NULL)", name="a_view_of_a_team_names_it"),
    )
    __resource__ = Resource(
        _("View", "视图"), _("Views", "视图"), name="views", key=("id",), title=("name",), rights=JOURNAL_RIGHTS["views"], importable=False,
        columns=("name", "resource", "audience", "team", "who", "pinned", "is_default"), filters=("resource", "audience"), order=("-id",),
        group=_("System", "系统"), icon="bookmark",
    )

    name: Mapped[Name] = field(_("Name", "名称"))
    resource: Mapped[str] = field(_("List", "列表"), String(64), locked=True, index=True)
    audience: Mapped[Audience] = field(_("For whom", "可见范围"), default=Audience.OWN, locked=True, index=True)
    team: Mapped[str | None] = field(_("Team", "团队（岗位）"), String(32), locked=True)
    owner_id: Mapped[int | None] = mapped_column()
    who: Mapped[ShortText | None] = field(_("Saved by", "保存人"), locked=True)
    query: Mapped[LongText] = field(_("Filters and order", "筛选与排序"), locked=True)
    columns: Mapped[LongText | None] = field(_("Columns", "列"), locked=True)
    pinned: Mapped[Flag] = field(_("In the menu", "固定在菜单"), default=False)
    is_default: Mapped[Flag] = field(_("Opens first", "默认打开"), default=False, locked=True)


def team_of(person: Any) -> str | None:
    """The code of the person's role."""
    role = getattr(person, "role", None)
    return None if role is None else str(role.value)


def for_person(person: Any) -> ColumnElement[bool]:
    """The views that stand over the person's lists."""
    return or_(and_(SavedView.audience == Audience.OWN, SavedView.owner_id == person.id), SavedView.audience == Audience.ALL, _of_team(person))


def _of_team(person: Any) -> ColumnElement[bool]:
    return and_(SavedView.audience == Audience.TEAM, SavedView.team == team_of(person))


def own_or_shared(person: Any) -> ColumnElement[bool]:
    """The person's own views and those of all teams: what those who oversee views reach. Nobody sees the personal ones of others."""
    return or_(SavedView.audience != Audience.OWN, SavedView.owner_id == person.id)
