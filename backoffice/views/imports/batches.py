"""The page of a run over the rows of a list: what was asked for, how far it is, and what became of each row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request, stream_with_context
from markupsafe import Markup
from sqlalchemy import Row, select

from backoffice.access import Access, field_access, scoped_query
from backoffice.batches import choosing, orders
from backoffice.batches.tables import ROWS, WORDS, Verdict
from backoffice.db import db
from backoffice.declare import Refused, Text, _
from backoffice.declare.choice import Tone
from backoffice.declare.journal import ImportRun, RunState
from backoffice.errors import BadRequest, NotFound
from backoffice.exchange.formats.csv import Csv
from backoffice.plan import Field, Plan
from backoffice.views.answers import in_full, moment
from backoffice.views.cells import NONE
from backoffice.views.common import clipped, whole_number
from backoffice.views.imports import receipts
from backoffice.views.imports.looking import Look, look_at
from backoffice.views.imports.tiles import Tile
from backoffice.views.writing import next_address

PER_PAGE = 50
PIECE = 1000
WAITS = "waiting"
NOT_DONE: tuple[Text, Tone] = (_("Not done"), "neutral")


@dataclass(frozen=True)
class Line:
    """One row and what became of it; without an address the person may not open the record."""

    place: int
    name: str
    address: str | None
    label: Text
    tone: str
    why: str


def is_batch(run: ImportRun) -> bool:
    """Whether a run worked on rows of a list, rather than on a file; true of its undoing as well."""
    return "batch" in run.options


def run_title(run: ImportRun | int) -> Text:
    """What a run is called."""
    found = db.session.get(ImportRun, run) if isinstance(run, int) else run
    number = run if isinstance(run, int) else run.id
    return _("Change of many rows {id}", id=number) if found is not None and is_batch(found) else _("Import {id}", id=number)


def page(look: Look, job: Any, *, may_undo: bool, undone_by: Sequence[ImportRun]) -> str:
    """The page of such a run, at work or over."""
    run, plan = look.run, look.plan
    if plan is None:
        raise NotFound
    batch = choosing.of_run(db.session(), run.id)
    label, values = _told(look, plan)
    shared: dict[str, Any] = {
        "look": look, "run": run, "plan": plan, "moment": moment, "label": label, "values": values, "back": next_address(f"/{plan.name}/"),
        "done": run.updated, "next": request.args.get("next", ""),
    }
    if run.state is RunState.APPLYING:
        return render_template("batches/working.html", job=job, **shared)
    view = _view()
    lines, more = _lines(look, plan, batch.id if batch else 0, view)
    return render_template(
        "batches/run.html", tiles=_tiles(run, batch is not None, view), lines=lines, more=more, is_kept=batch is not None, view=view,
        may_undo=may_undo, undone_by=undone_by, failure=run.receipt.get("failure"), left=_left(run), **shared,
    )


def _told(look: Look, plan: Plan) -> tuple[Text, list[tuple[Text, Markup]]]:
    """What was asked for; the values of an action are for the person who gave them."""
    told = look.run.options["batch"]
    try:
        order = orders.of(plan, told, db.session(), look.person)
    except Refused:
        return Text(look.run.file_name), []
    seen = [one for one in order.fields if look.is_own or (order.action is None and field_access(look.person, plan, one) >= Access.READ)]
    return order.label, [(one.label, _shown(one, order.values[one.name])) for one in seen]


def _shown(one: Field, value: Any) -> Markup:
    return NONE if value is None else in_full(one, value)


def _left(run: ImportRun) -> int:
    told: dict[str, int] = run.receipt.get("counts", {})
    return run.rows - sum(told.values())


def _tiles(run: ImportRun, is_kept: bool, view: str) -> Iterator[Tile]:
    counts = {**run.receipt.get("counts", {}), WAITS: _left(run)}
    for name, (label, tone) in ((WAITS, NOT_DONE), *((one.value, words) for one, words in WORDS.items())):
        if counts.get(name) or name not in (WAITS, Verdict.DENIED):
            yield Tile(name, label, tone, counts.get(name, 0), "?" + urlencode(_pairs(show=name)) if is_kept else None, name == view)


def _pairs(**changed: Any) -> dict[str, Any]:
    kept = {"next": next_address(""), **changed}
    return {name: value for name, value in kept.items() if value not in (None, "")}


def _view() -> str:
    wish = request.args.get("show", "")
    if wish and wish != WAITS and wish not in set(Verdict):
        raise BadRequest(_("There is no filter “{name}” here.", name=clipped(wish)))
    return wish


def _lines(look: Look, plan: Plan, batch_id: int, view: str) -> tuple[list[Line], str | None]:
    text = request.args.get("after")
    after = whole_number(text) if text else 0
    if after is None:
        raise BadRequest(_("“{text}” is no page number.", text=clipped(text)))
    found = _rows(batch_id, view, after, PER_PAGE + 1)
    names = _named(look, plan, found[:PER_PAGE])
    lines = [_line(plan, row, names.get(row.record_id)) for row in found[:PER_PAGE]]
    return lines, "?" + urlencode(_pairs(show=view, after=lines[-1].place)) if len(found) > PER_PAGE else None


def _rows(batch_id: int, view: str, after: int, most: int) -> Sequence[Row[Any]]:
    mine = (ROWS.c.batch_id == batch_id) & (ROWS.c.place > after)
    if view:
        mine &= ROWS.c.verdict.is_(None) if view == WAITS else ROWS.c.verdict == view
    return db.session.execute(select(ROWS).where(mine).order_by(ROWS.c.place).limit(most)).all()


def _named(look: Look, plan: Plan, rows: Sequence[Row[Any]], *, by_key: bool = False) -> dict[int, str]:
    """What the records are called, as far as the person reaches them."""
    query = scoped_query(look.person, plan, archived=None).where(plan.model.id.in_([row.record_id for row in rows]))
    return {record.id: plan.key_of(record) if by_key else str(record) for record in db.session.scalars(query)}


def _line(plan: Plan, row: Row[Any], name: str | None) -> Line:
    label, tone = WORDS[Verdict(row.verdict)] if row.verdict else NOT_DONE
    shown = name or str(_("Record {id}", id=row.record_id))
    return Line(row.place, shown, f"/{plan.name}/{row.record_id}" if name else None, label, tone, row.why or "")


@receipts.get("/imports/<number>/outcomes.csv")
def outcomes(number: str) -> Any:
    """What became of each row, as a file: the natural keys, and nothing else of the records."""
    look = look_at(number)
    batch = choosing.of_run(db.session(), look.run.id)
    if batch is None or look.plan is None:
        raise NotFound
    head = [str(look.plan.resource.singular), str(_("Outcome")), str(_("Reason"))]
    answer = Response(stream_with_context(Csv().write(head, _told_rows(look, look.plan, batch.id))), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="run-{look.run.id}.csv"'
    return answer


def _told_rows(look: Look, plan: Plan, batch_id: int) -> Iterator[list[str]]:
    after = 0
    for _piece in itertools.count():
        rows = _rows(batch_id, "", after, PIECE)
        if not rows:
            return
        names = _named(look, plan, rows, by_key=True)
        for line in (_line(plan, row, names.get(row.record_id)) for row in rows):
            yield [line.name, str(line.label), line.why]
        after = rows[-1].place
