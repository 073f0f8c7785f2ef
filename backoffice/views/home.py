"""Home: what needs me now, and what to do when nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from flask_admin import AdminIndexView, expose
from sqlalchemy import Select, select

from backoffice.access import can, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Queue, Verb, _
from backoffice.plan import Plan
from backoffice.views import links
from backoffice.views.common import person
from backoffice.views.imports.queue import waiting as waiting_imports
from backoffice.views.ordering import ordered
from backoffice.views.search import Hit, facts, hits
from backoffice.views.words import noun

PER_QUEUE = 5
MOST = 1000
"""Records of a queue that are counted; a queue of more is not read to its end."""
URGENCY = ("bad", "warn", "info", "neutral", "good")


@dataclass(frozen=True)
class Waiting:
    """One queue with its first records and the number of all, as far as it is counted."""

    plan: Plan
    queue: Queue
    total: int
    hits: list[Hit] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The number as people read it."""
        return f"{self.total:,}" if self.total <= MOST else f"{MOST:,}+"

    @property
    def address(self) -> str:
        """The list of all of them."""
        return f"/{self.plan.name}/?queue={self.queue.name}"


class HomeView(AdminIndexView):  # type: ignore[misc]  # Flask-Admin's views are untyped for subclasses
    """The first page after signing in."""

    def __init__(self) -> None:
        super().__init__(name=_("Home"), url="/", menu_icon_value="house")

    def is_accessible(self) -> bool:
        """Everybody who is signed in has a home."""
        return bool(person().is_authenticated)

    @expose("/")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def index(self) -> str:
        """List what waits for the person, what is urgent first."""
        who = person()
        found = sorted(waiting(who), key=lambda one: URGENCY.index(one.queue.tone))
        full, calm = [one for one in found if one.total], [one for one in found if not one.total]
        return str(self.render("home.html", imports=waiting_imports(who), waiting=full, calm=calm, makes=makes(who), noun=noun))


def waiting(who: Any) -> Iterator[Waiting]:
    """The queues of the nouns that the person reads, in menu order."""
    for plan in current_app.extensions["plans"].values():
        if can(who, Verb.READ, plan):
            yield from (_waiting(who, plan, queue) for queue in plan.resource.queues if queue.is_for(who))


def makes(who: Any) -> list[Plan]:
    """The nouns of which the person makes new records and reads them, in menu order."""
    plans = current_app.extensions["plans"].values()
    return [plan for plan in plans if can(who, Verb.CREATE | Verb.READ, plan)]


def _waiting(who: Any, plan: Plan, queue: Queue) -> Waiting:
    """At most two queries, however many records the noun has: the ids, then what is shown of the first."""
    rows = scoped_query(who, plan).where(queue.where(who))
    ids = list(db.session.scalars(rows.with_only_columns(plan.model.id).limit(MOST + 1)))
    if not ids:
        return Waiting(plan, queue, 0)
    first = queue.shows or queue.order
    loads = (*links.loading(plan, facts(who, plan, first)), *links.naming(plan))
    records = db.session.scalars(_first(rows, plan, queue, ids).options(*loads))
    return Waiting(plan, queue, len(ids), hits(who, plan, records, first=first))


def _first(rows: Select[Any], plan: Plan, queue: Queue, ids: list[int]) -> Select[Any]:
    """The records that come first. Among few they are sorted; where many wait, the walk through the order soon meets them."""
    model: type[Model] = plan.model
    chosen = select(model).where(model.id.in_(ids)) if len(ids) <= MOST else rows
    return ordered(chosen, plan, queue.order or plan.resource.order).limit(PER_QUEUE)
