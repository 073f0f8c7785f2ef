"""Flat files at ``/import/<layout>``: one file that is taken apart into several nouns; its columns are matched and it is reviewed as any other."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request

from backoffice.db import reads_first
from backoffice.declare import Text
from backoffice.errors import NotFound
from backoffice.exchange import runs
from backoffice.exchange.layouts import LayoutPlan
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.plan import Field, plan_of
from backoffice.spools import reads_its_own_form
from backoffice.views.answers import moment
from backoffice.views.common import person
from backoffice.views.importing import NEXT, may_import, on_to_columns, sent_back, taken, unfinished

flat_files = Blueprint("flat_files", __name__)


@flat_files.route("/import/<name>", methods=("GET", "POST"))
@reads_its_own_form
@reads_first
def page(name: str) -> Any:
    """Take a file of a layout."""
    layout: LayoutPlan | None = current_app.extensions["layouts"].get(name)
    if layout is None or not may_import(layout):
        raise NotFound
    if request.method != "POST":
        return _form(layout)
    try:
        return on_to_columns(taken(layout, lambda called: _options(layout, called)))
    except Unreadable as problem:
        return sent_back(problem, lambda why: _form(layout, why))


def _form(layout: LayoutPlan, why: Text | None = None) -> str:
    own = {one.word: _own(one) for one in layout.common}
    return render_template(
        "exchange/layout.html", layout=layout, why=why, given={**own, **_given(layout)}, most=runs.LARGEST_UPLOAD, unfinished=unfinished(layout), next=NEXT,
        moment=moment,
    )


def _own(one: Field) -> str:
    """What the person's own record has there."""
    own = current_app.extensions["plans"].accounts.fields.get(one.name)
    record = getattr(person(), one.name, None) if own is not None and own.target is one.target else None
    return plan_of(one.target).key_of(record) if one.target is not None and record is not None else ""


def _options(layout: LayoutPlan, name: str) -> Options:
    return Options(given=_given(layout), encoding=request.form.get("encoding", "").strip() or None, file_name=name)


def _given(layout: LayoutPlan) -> dict[str, str]:
    """What the form gives for all lines."""
    sent = {one.word: request.form.get(one.word, "").strip() for one in layout.common}
    return {word: text for word, text in sent.items() if text}
