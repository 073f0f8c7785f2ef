"""Home: what needs me now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_admin import AdminIndexView, expose
from sqlalchemy import func, select

from backoffice.access import can, scoped_query
from backoffice.db import db
from backoffice.declare import Queue, Verb, _
from backoffice.plan import Plan
from backoffice.views import links
from backoffice.views.common import person
from backoffice.views.imports.queue import waiting as waiting_imports
from backoffice.views.ordering import ordered
from backoffice.views.search import Hit, facts, hits

PER_QUEUE = 5
URGENCY = ("bad", "warn", "info", "neutral", "good")


@dataclass(frozen=True)
class Waiting:
    """One queue with its first records and the number of all."""

    plan: Plan
    queue: Queue
    hits: list[Hit]
    total: int


class HomeView(AdminIndexView):  # type: ignore[misc]  # Flask-Admin's views are untyped for subclasses
    """The first page after signing in."""

    def __init__(self) -> None:
        super().__init__(name=_("Home"), url="/", menu_icon_value="house")

    def is_accessible(self) -> bool:
        """Everybody who is signed in has a home."""
        return bool(person().is_authenticated)

    @expose("/")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def index(self) -> str:
        """List what waits for the person."""
        imports = waiting_imports(person())
        return str(self.render("home.html", imports=imports, waiting=sorted(waiting(person()), key=lambda one: URGENCY.index(one.queue.tone))))


def waiting(who: Any) -> Iterator[Waiting]:
    """The queues of the nouns that the person reads, in menu order, with those that are not empty."""
    for plan in current_app.extensions["plans"].values():
        if can(who, Verb.READ, plan):
            for queue in plan.resource.queues:
                if queue.is_for(who) and (one := _waiting(who, plan, queue)).total:
                    yield one


def _waiting(who: Any, plan: Plan, queue: Queue) -> Waiting:
    rows = scoped_query(who, plan).where(queue.where(who))
    total = db.session.execute(select(func.count()).select_from(rows.with_only_columns(plan.model.id).subquery())).scalar_one()
    loads = (*links.loading(plan, facts(who, plan, queue.order)), *links.naming(plan))
    query = ordered(rows, plan, queue.order or plan.resource.order).options(*loads).limit(PER_QUEUE)
    return Waiting(plan, queue, hits(who, plan, db.session.scalars(query) if total else (), first=queue.order), total)
