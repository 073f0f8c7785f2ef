"""Runs of an action over several records: every record has its own outcome, and all that succeed are kept together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_admin import expose
from sqlalchemy.orm.exc import StaleDataError

from backoffice.db import db
from backoffice.declare import Refused, Text, Verb, _
from backoffice.declare.choice import Tone
from backoffice.errors import BadRequest, Denied, NotFound
from backoffice.plan import Action, Plan
from backoffice.views.answers import Answers
from backoffice.views.common import record_ids
from backoffice.views.converter import PlanForm
from backoffice.views.running import action_form, action_named, run
from backoffice.views.writing import address, insist_open, locked, next_address

MOST = 1000


@dataclass(frozen=True)
class Outcome:
    """What became of one record."""

    id: int
    name: str
    label: Text
    tone: Tone
    why: Text | None = None
    is_open: bool = True

    @property
    def is_done(self) -> bool:
        """Whether the action went through."""
        return self.tone == "good"


class BulkPages(Answers):
    """One action on several records: ``/<resource>/bulk/<action>``."""

    @expose("/bulk/<wanted>", methods=("POST",))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def bulk_page(self, wanted: str) -> Any:
        """Ask first where the action asks something, then run it and tell what became of each record."""
        action = action_named(self.plan, wanted)
        if not action.spec.bulk:
            raise NotFound
        ids = record_ids(request.form.getlist("ids"))
        if not ids or len(ids) > MOST:
            raise BadRequest(_("Tick at least one record, and at most {most}.", most=MOST))
        is_sent = "confirmed" in request.form
        form = action_form(self.plan, action, None, request.form if is_sent else None)
        if not is_sent and (action.fields or action.spec.confirm):
            return self._ask_about_many(action, form, ids)
        if not form.validate():
            return self._ask_about_many(action, form, ids, status=422)
        outcomes = list(_run_each(self.plan, action, form, ids))
        db.session.commit()
        return self.answer(
            "record/outcomes.html", action=action, outcomes=outcomes, done=sum(one.is_done for one in outcomes),
            next=next_address(address(self.plan)),
        )

    def _ask_about_many(self, action: Action, form: PlanForm, ids: list[int], status: int = 200) -> Any:
        sentence = action.spec.confirm.format(count=len(ids)) if action.spec.confirm else None
        return self.answer(
            "record/action.html", status, action=action, form=form, record=None, sentence=sentence, ids=ids, is_fragment=False,
            target=f"/{self.plan.name}/bulk/{action.name}", next=next_address(address(self.plan)),
        )


def _run_each(plan: Plan, action: Action, form: PlanForm, ids: list[int]) -> Iterator[Outcome]:
    for number in ids:
        yield _run_one(plan, action, form, number)


def _run_one(plan: Plan, action: Action, form: PlanForm, number: int) -> Outcome:
    """In a savepoint of its own, so that a refusal leaves no trace of this record and all of the others."""
    name = str(_("Record {id}", id=number))
    try:
        with db.session.begin_nested():
            record = locked(plan, number, Verb.ACT)
            name = str(record)
            insist_open(record)
            run(plan, action, record, form)
    except (NotFound, Denied) as no:
        return Outcome(number, name, _("Not yours"), "neutral", is_open=isinstance(no, Denied))
    except Refused as no:
        return Outcome(number, name, _("Refused"), "bad", no.why)
    except StaleDataError:
        return Outcome(number, name, _("Refused"), "bad", _("The record has changed since you opened it."))
    return Outcome(number, name, _("Done"), "good")
