"""Records that may be one: the list of suspected pairs, what people say of them, and the question while somebody types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, jsonify, redirect, request
from flask_admin import expose
from sqlalchemy import select

from backoffice.access import Access, can, fields_for, get_record, scoped_query
from backoffice.db import db
from backoffice.declare import Invalid, Model, Text, Verb, _, clock
from backoffice.errors import Denied, NotFound
from backoffice.jobs import enqueue
from backoffice.merging import Pair, Verdict
from backoffice.merging.rights import insist_role
from backoffice.merging.suspecting import like, rule_of
from backoffice.plan import Field, Plan
from backoffice.views.answers import Answers
from backoffice.views.common import page_number, person, record_id
from backoffice.views.links import loading
from backoffice.views.merging_words import Looks
from backoffice.views.writing import address, next_address

ROWS, SHOWN, LONGEST = 20, 5, 200
UNIQUE = _("Only one record can have this value.")
NOTHING = 1
"""The subject of the job: there is one look at a time."""


@dataclass(frozen=True)
class Suspect:
    """A pair with both records, the older first."""

    pair: Pair
    records: tuple[Model, Model]
    why: Text | None

    def other(self, record: Model) -> Model:
        """The one that is not this."""
        return self.records[1] if self.records[0].id == record.id else self.records[0]


class PairPages(Answers):
    """``/<resource>/duplicates`` and ``/<resource>/alike``."""

    needs = "merge"

    @expose("/duplicates")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def pairs_page(self) -> Any:
        """The pairs that wait for a word, or those that were said to be different."""
        insist_role(person(), self.plan)
        verdict = Verdict.DIFFERENT if request.args.get("said") == Verdict.DIFFERENT.value else Verdict.OPEN
        page = page_number()
        query = _mine(self.plan, verdict).order_by(Pair.id).limit(ROWS + 1).offset((page - 1) * ROWS)
        found = list(_suspects(self.plan, db.session.scalars(query).all()))
        return self.answer(
            "merging/pairs.html", suspects=found[:ROWS], page=page, has_more=len(found) > ROWS, said=verdict.value, looks=Looks(self.plan, is_open=False),
            compared=_compared(self.plan),
        )

    @expose("/duplicates/different", methods=("POST",))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def different_page(self) -> Any:
        """Remember that two records are not the same, or that nobody knows."""
        insist_role(person(), self.plan)
        ids = sorted({record_id(request.form.get(name)) for name in ("one", "other")})
        names = [str(get_record(db.session(), person(), self.plan, one, Verb.UPDATE)) for one in ids]
        if len(ids) != 2:
            raise NotFound
        is_open = "ask" in request.form
        pair = db.session.scalars(select(Pair).where(Pair.resource == self.plan.name, Pair.first_id == ids[0], Pair.second_id == ids[1])).first()
        if pair is None:
            pair = Pair(resource=self.plan.name, first_id=ids[0], second_id=ids[1], code="", seen_at=clock.now())
            db.session.add(pair)
        pair.verdict, pair.who = (Verdict.OPEN, None) if is_open else (Verdict.DIFFERENT, str(person()))
        pair.settled_at = None if is_open else clock.now()
        db.session.commit()
        said = _("{one} and {other} are suspected again.") if is_open else _("Remembered: {one} and {other} are not the same.")
        flash(str(said.format(one=names[0], other=names[1])), "success")
        return redirect(next_address(address(self.plan) + "duplicates"))

    @expose("/duplicates/look", methods=("POST",))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def look_page(self) -> Any:
        """Let a worker look for pairs now."""
        insist_role(person(), self.plan)
        job = enqueue(db.session, "merging.look", subject_id=NOTHING, user_id=person().id)
        db.session.commit()
        flash(str(_("The records are being compared. Look here again in a moment.")), "info")
        return redirect(f"/jobs/{job.id}" if job.user_id == person().id else address(self.plan) + "duplicates")

    @expose("/alike")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def alike(self) -> Response:
        """The records that are like what somebody types: ``{"found": [{"text", "address", "why"}]}``."""
        if not (can(person(), Verb.CREATE, self.plan) or can(person(), Verb.UPDATE, self.plan)):
            raise Denied
        given = dict(_typed(self.plan))
        query = scoped_query(person(), self.plan)
        if request.args.get("except"):
            here = record_id(request.args.get("except"))
            query = query.where(self.plan.model.id != here)
        found = like(db.session(), query, self.plan, given, SHOWN) if given else []
        return jsonify(found=[
            {"text": str(record), "address": address(self.plan, record), "why": str(UNIQUE if rule is None else rule.why)} for record, rule in found
        ])


def pairs_of(plan: Plan, record: Model) -> list[Suspect]:
    """The open pairs that a record stands in."""
    query = _mine(plan, Verdict.OPEN).where((Pair.first_id == record.id) | (Pair.second_id == record.id)).limit(SHOWN)
    return list(_suspects(plan, db.session.scalars(query).all()))


def _mine(plan: Plan, verdict: Verdict) -> Any:
    """Pairs of living records both of which the person may change."""
    ids = scoped_query(person(), plan, Verb.UPDATE).with_only_columns(plan.model.id)
    return select(Pair).where(Pair.resource == plan.name, Pair.verdict == verdict, Pair.first_id.in_(ids), Pair.second_id.in_(ids))


def _suspects(plan: Plan, pairs: Sequence[Pair]) -> Iterator[Suspect]:
    ids = {number for one in pairs for number in (one.first_id, one.second_id)}
    query = select(plan.model).where(plan.model.id.in_(ids)).options(*loading(plan, _compared(plan)))
    records = {one.id: one for one in db.session.scalars(query).unique()}
    for one in pairs:
        rule = rule_of(plan, one.code)
        yield Suspect(one, (records[one.first_id], records[one.second_id]), rule.why if rule else None)


def _compared(plan: Plan) -> list[Field]:
    """What stands side by side in the list: the columns of the noun's own list."""
    seen = {one.name for one in fields_for(person(), plan)}
    return [one for one in plan.columns if one.name in seen]


def _typed(plan: Plan) -> Iterator[tuple[str, Any]]:
    """The values in the address that the person may write."""
    for purpose in (Verb.CREATE, Verb.UPDATE):
        for one in fields_for(person(), plan, purpose, Access.WRITE):
            text = request.args.get(one.name, "").strip()
            if text and len(text) <= LONGEST and not one.is_link:
                try:
                    yield one.name, one.kind.parse(text)
                except Invalid:
                    continue
