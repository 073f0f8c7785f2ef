"""Who may look at a run, and what of its values: whoever made it, whoever sees imports, and whoever is asked to approve it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app
from sqlalchemy import select

from backoffice.access import Access, can, field_access, get_record
from backoffice.db import db
from backoffice.declare import Verb
from backoffice.declare.journal import ImportRun, RunState
from backoffice.errors import Denied, NotFound
from backoffice.exchange.layouts import LayoutPlan
from backoffice.exchange.lifecycle import nouns
from backoffice.exchange.outcome import Finding
from backoffice.exchange.staged import Said
from backoffice.plan import Field, Plan
from backoffice.views.common import person, record_id
from backoffice.views.importing import begins_at

HIDDEN = "•" * 6


@dataclass(frozen=True)
class Look:
    """One person's look at one run in the ``state`` that it was found in."""

    person: Any
    run: ImportRun
    is_own: bool
    state: RunState

    @property
    def plan(self) -> Plan | None:
        """The noun of the file; None where it holds several, or the noun is gone."""
        plan: Plan | None = current_app.extensions["plans"].get(self.run.resource)
        return plan

    @property
    def layout(self) -> LayoutPlan | None:
        """The layout of a file that tells of several nouns."""
        layout: LayoutPlan | None = current_app.extensions["layouts"].get(self.run.resource)
        return layout

    @property
    def begins_at(self) -> str | None:
        """The page where files of this kind are chosen."""
        target = self.plan or self.layout
        return begins_at(target) if target is not None else None

    @property
    def may_import(self) -> bool:
        """Whether the person may load such files at all."""
        found = nouns(self.run)
        return bool(found) and all(can(self.person, Verb.IMPORT, plan) for plan in found)

    @property
    def may_work(self) -> bool:
        """Whether the person goes on with this run: it is the person's own, and the right is still there."""
        return self.is_own and self.may_import

    @property
    def may_approve(self) -> bool:
        """Whether this is the other person who is asked."""
        return self.run.state is RunState.WAITING and not self.is_own and self.may_import

    def covers(self, plan: Plan, one: Field | None) -> bool:
        """Whether what the file says of a field stays covered: somebody else's personal data does."""
        if self.is_own:
            return False
        return one is None or one.personal is not None or field_access(self.person, plan, one) < Access.READ

    def said(self, plan: Plan, some: Iterable[Said]) -> list[Said]:
        """What is said about a row, with covered values."""
        return [replace(one, value=HIDDEN) if one.value and self.covers(plan, plan.by_word.get(one.word or "")) else one for one in some]


def look_at(number: str, *, lock: bool = False) -> Look:
    """The run and who looks at it; raises :class:`NotFound` where the person may not know of it."""
    here = record_id(number)
    query = select(ImportRun).where(ImportRun.id == here)
    run = db.session.scalars(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    if run is None:
        raise NotFound
    look = Look(person(), run, run.user_id is not None and run.user_id == person().id, run.state)
    if not (look.is_own or _is_asked(look)):
        plans = current_app.extensions["plans"]
        if "imports" not in plans:
            raise NotFound
        get_record(db.session(), person(), plans["imports"], run.id)
    return look


def own(number: str, *, lock: bool = True) -> Look:
    """One's own run to go on with; raises :class:`Denied` for somebody else's, or where the right is gone."""
    look = look_at(number, lock=lock)
    if not look.may_work:
        raise Denied
    return look


def _is_asked(look: Look) -> bool:
    return look.may_approve or (look.run.approver_id is not None and look.run.approver_id == look.person.id)


def stored_findings(look: Look, name: str) -> list[Finding]:
    """Findings that the receipt kept (``errors``, ``notices``), with covered values."""
    plan, found = look.plan, [Finding(**one) for one in look.run.receipt.get(name, [])]
    if look.is_own:
        return found
    return [
        replace(one, value=HIDDEN) if one.value and (plan is None or look.covers(plan, plan.by_word.get(one.field or ""))) else one
        for one in found
    ]
