"""The trial of a record at ``/<resource>/<id>/trial``: what it would change for those of a period, worked out while the page is asked for.

It understands ``from`` and ``to`` (days); without them it tries last month. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from flask_admin import expose
from sqlalchemy import func, select

from backoffice.access import Access, can, field_access, get_record, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Text, Trial, Tried, Verb
from backoffice.errors import NotFound
from backoffice.plan import Plan
from backoffice.views import periods
from backoffice.views.answers import Answers
from backoffice.views.common import person, record_id
from backoffice.views.periods import FROM, TO, Period
from backoffice.views.words import noun


@dataclass(frozen=True)
class Asked:
    """What an address asks of a trial: on which records, and how many there are."""

    plan: Plan
    trial: Trial
    record: Model
    tried: Plan
    period: Period
    count: int
    rows: Any

    @property
    def is_too_much(self) -> bool:
        """Whether a page cannot try so many."""
        return self.count > self.trial.most

    @property
    def list_of(self) -> str:
        """The list of the records that it is tried on."""
        at = self.tried.fields[self.trial.at].name
        return f"/{self.tried.name}/?{urlencode({f'{at}_from': self.period.first.isoformat(), f'{at}_to': self.period.last.isoformat()})}"

    @property
    def spans(self) -> list[tuple[Text, str, bool]]:
        """Periods that people ask for, each with its address, and whether it is the one that is shown."""
        return [(label, f"?{urlencode({FROM: one.first, TO: one.last})}", one == self.period) for label, one in periods.usual(13)]

    @property
    def noun(self) -> str:
        """What the records are called, in the midst of a sentence."""
        return str(noun(self.tried.resource.plural))


class TrialPages(Answers):
    """The trial of a record, where the noun has one and the person reads what it is tried on."""

    needs = "trial"

    @expose("/<number>/trial")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def trial_page(self, number: str) -> Any:
        """Work out what the record would change."""
        from backoffice.views.records import offered  # noqa: PLC0415  # the page of a record leads to its trial

        record, trial = get_record(db.session(), person(), self.plan, record_id(number)), trial_of(self.plan)
        if trial is None or record.archived_at is not None:
            raise NotFound
        asked = _asked(self.plan, trial, record)
        came = Tried(0) if asked.is_too_much else trial.run(record, asked.rows)
        effects = [(heading, list(lines)) for heading, lines in groupby(came.effects, lambda one: one.heading)]
        return self.answer(
            "record/trial.html", record=record, trial=trial, asked=asked, came=came, effects=effects, changes=list(trial.changes(record)),
            actions=offered(self.plan, record), target=f"/{self.plan.name}/{record.id}",
        )


def trial_of(plan: Plan) -> Trial | None:
    """The trial that the person may make of records of the noun."""
    trial = plan.resource.trial
    tried = current_app.extensions["plans"].get(trial.of) if trial is not None else None
    if trial is None or tried is None or not can(person(), Verb.READ, tried) or field_access(person(), tried, tried.fields[trial.at]) < Access.READ:
        return None
    return trial


def _asked(plan: Plan, trial: Trial, record: Model) -> Asked:
    tried = current_app.extensions["plans"][trial.of]
    period, at = periods.read(request.args, None), tried.fields[trial.at]
    rows = scoped_query(person(), tried).with_only_columns(tried.model.id).where(period.within(getattr(tried.model, at.column), at.kind))
    count = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    return Asked(plan, trial, record, tried, period, count, rows)
