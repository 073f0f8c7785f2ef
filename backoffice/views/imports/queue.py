"""Imports that wait for a person, for home: those of others to be approved, and the person's own to be reviewed."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import and_, or_, select

from backoffice.access import can
from backoffice.db import db
from backoffice.declare import Verb
from backoffice.declare.journal import ImportRun, RunState
from backoffice.exchange.lifecycle import nouns
from backoffice.plan import Plan, plan_of
from backoffice.views import cells
from backoffice.views.search import Hit, marked

FACTS = ("state", "who", "resource", "rows", "started_at")
MOST = 20


def waiting(who: Any) -> list[Hit]:
    """The runs as lines to click on, the oldest first."""
    names = [name for name in (*current_app.extensions["plans"], *current_app.extensions["layouts"]) if _may_load(who, name)]
    if not names or getattr(who, "id", None) is None:
        return []
    asked = and_(ImportRun.state == RunState.WAITING, ImportRun.user_id != who.id)
    mine = and_(ImportRun.state == RunState.PLANNED, ImportRun.user_id == who.id)
    query = select(ImportRun).where(ImportRun.resource.in_(names), or_(asked, mine)).order_by(ImportRun.id).limit(MOST)
    return [_hit(run) for run in db.session.scalars(query)]


def _may_load(who: Any, name: str) -> bool:
    found = nouns(ImportRun(resource=name))
    return bool(found) and all(can(who, Verb.IMPORT, plan) for plan in found)


def _hit(run: ImportRun) -> Hit:
    plan: Plan = plan_of(ImportRun)
    facts = [(plan.fields[name], cells.in_words(plan.fields[name], run) or cells.shown(plan.fields[name], getattr(run, name))) for name in FACTS]
    return Hit(f"/imports/{run.id}", marked(run.file_name, ""), [(field, value) for field, value in facts if value])
