"""What a person decides about rows: cells corrected, one text taken for another, conflicts taken or left. Only those rows are checked again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import flash, redirect, request

from backoffice.db import reads_first
from backoffice.declare import _
from backoffice.declare.journal import RunState
from backoffice.errors import BadRequest, NotFound, Stale
from backoffice.exchange import stage as staging
from backoffice.exchange.changes import ChangeSet, is_staged
from backoffice.exchange.options import Options
from backoffice.exchange.stage import DECIDE, REFUSE, Part
from backoffice.views.common import whole_number
from backoffice.views.imports import receipts
from backoffice.views.imports.checking import check, leave
from backoffice.views.imports.looking import Look, own

LONGEST_TEXT = 20_000


@receipts.post("/imports/<number>/cells")
@reads_first
def correct(number: str) -> Any:
    """Take what was typed into a row instead of what its file says."""
    with _open(number) as (look, stage, changes):
        part, row = changes.part(request.form.get("part")), whole_number(request.form.get("row"))
        found = changes.one(part, row) if row is not None else None
        if found is None or found.raw is None or found.verdict not in (REFUSE, DECIDE):
            raise NotFound
        typed = {column.word: text for place, column in enumerate(part.mapped.columns) if (text := _typed(f"c{place}")) is not None}
        new = {_word(look, part, word): text for word, text in typed.items() if text != _raw(found, part, word)}
        if not new:
            flash(str(_("Nothing was changed in row {row}.", row=found.number)), "message")
            return _back(look)
        check(look, stage, part, [found.number], lambda now: {"cells": {**now.cells, found.number: {**now.cells.get(found.number, {}), **new}}})
        return _back(look)


@receipts.post("/imports/<number>/values")
@reads_first
def replace(number: str) -> Any:
    """Take one text for another in all rows of a column."""
    with _open(number) as (look, stage, changes):
        part, bad, instead = changes.part(request.form.get("part")), request.form.get("value", ""), (_typed("instead") or "").strip()
        rows = changes.with_text(part, request.form.get("word", ""), bad)
        if not rows:
            raise NotFound
        word = _word(look, part, request.form["word"])
        check(look, stage, part, rows, lambda now: {"values": {**now.values, word: {**now.values.get(word, {}), bad: instead}}})
        return _back(look)


@receipts.post("/imports/<number>/decide")
@reads_first
def decide(number: str) -> Any:
    """Take or leave a row that is to be decided, or all of one kind."""
    choice = request.form.get("choice")
    if choice not in ("take", "leave"):
        raise BadRequest(_("Say what is to become of the row."))
    other = "leave" if choice == "take" else "take"
    with _open(number, RunState.APPLIED) as (look, stage, changes):
        part, row = changes.part(request.form.get("part")), whole_number(request.form.get("row"))
        rows = changes.numbers(part, "decide", code=request.form.get("code") or None) if row is None else _to_decide(changes, part, row)
        if not rows:
            raise NotFound
        step, names = check if choice == "take" else leave, _names(look, part, rows)
        step(look, stage, part, rows, lambda now: {
            choice: tuple(dict.fromkeys((*getattr(now, choice), *names))),
            other: tuple(name for name in getattr(now, other) if name not in names),
        })
        return _back(look)


def _to_decide(changes: ChangeSet, part: Part, row: int) -> list[int]:
    """The row, if it waits for a decision or was left out."""
    found = changes.one(part, row)
    return [row] if found is not None and (found.verdict == DECIDE or found.is_left) else []


@contextmanager
def _open(number: str, *also: RunState) -> Iterator[tuple[Look, staging.Stage, ChangeSet]]:
    """One's own run that waits, and its rows."""
    look = own(number, lock=False)
    if look.run.state not in (RunState.PLANNED, *also) or not is_staged(look.run.id):
        raise Stale
    with staging.opened(look.run.id) as stage:
        yield look, stage, ChangeSet(stage, Options.from_json(look.run.options).cells)


def _word(look: Look, part: Part, word: str) -> str:
    """What the choices call a field: with its noun, unless that is the file's own."""
    return word if part.plan.name == look.run.resource else f"{part.plan.name}.{word}"


def _names(look: Look, part: Part, rows: list[int]) -> dict[int | str, None]:
    """What the choices call rows."""
    is_main = part.plan.name == look.run.resource
    return dict.fromkeys(row if is_main else f"{part.plan.name}:{row}" for row in rows)


def _raw(row: Any, part: Part, word: str) -> str:
    return str(next(row.raw_of(column) for column in part.mapped.columns if column.word == word))


def _typed(name: str) -> str | None:
    """What stands in an input; line ends as a file has them."""
    text = request.form.get(name)
    if text is not None and len(text) > LONGEST_TEXT:
        raise BadRequest(_("At most {most} characters fit here.", most=LONGEST_TEXT))
    return None if text is None else text.replace("\r\n", "\n")


def _back(look: Look) -> Any:
    """To the place in the list that the form was sent from."""
    place = request.form.get("place", "")
    return redirect(f"/imports/{look.run.id}" + (f"?{place}" if place.isascii() and place.isprintable() and " " not in place else "") + "#rows")
