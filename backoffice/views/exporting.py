"""Export pages: the choice of what to export, the download, and exports that are made in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, redirect, request
from flask_admin import expose
from sqlalchemy import Connection, select
from werkzeug.datastructures import MultiDict

from backoffice.access import fields_for, require
from backoffice.db import db, writing
from backoffice.declare import Verb, _, clock
from backoffice.declare.text import locale
from backoffice.errors import BadRequest, NotFound
from backoffice.exchange import blanks
from backoffice.exchange import exporting_files as files
from backoffice.exchange.exporting import Export, choose, file_name
from backoffice.exchange.exporting_runs import Tally, begin, end, make, opened
from backoffice.exchange.formats import FORMATS, Format
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.tables import ExportRun
from backoffice.jobs import enqueue
from backoffice.plan import Field, Plan
from backoffice.views import exporting_jobs as _jobs  # noqa: F401  # so that a worker knows them
from backoffice.views.answers import moment
from backoffice.views.column_choice import chosen_text, shown_columns
from backoffice.views.common import person
from backoffice.views.selection import Selection
from backoffice.views.shelf import shelf

OF_EXPORT = ("format", "columns", "headers")
OF_FORM = (*OF_EXPORT, "rows", "how", "pick", "csrf_token")
MANY = 5_000
"""Of more rows the page offers to make the file in the background."""
MOST_AT_ONCE = 50_000
"""So many rows of a format that leaves only when it is whole may keep a page waiting."""
SHOWN = 10
BLANKS: dict[str, Callable[[Any, Plan], Any]] = {"xlsx": blanks.as_xlsx, "csv": blanks.as_csv}


class ExportPages:
    """The export pages, for the plan of the view."""

    plan: Plan
    render: Any

    @expose("/export", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def export_page(self) -> Any:
        """Ask what to export of the rows that the list shows; with a format, stream it."""
        require(person(), Verb.EXPORT, self.plan)
        if request.method == "POST":
            return self._asked()
        selection = Selection(person(), self.plan, request.args, Verb.EXPORT, also=(*OF_EXPORT, "pick"))
        kind = request.args.get("format")
        if kind:
            return self._download(selection, _format(kind))
        fields, ticked = _offered(self.plan, selection)
        return str(self.render(
            "exchange/export.html", plan=self.plan, selection=selection, count=selection.count(db.session()), fields=fields, formats=FORMATS,
            kept=list(_kept(request.args)), many=MANY, ticked=ticked, runs=_own(self.plan), is_there=files.is_there,
            moment=moment, now=clock.now(),
        ))

    @expose("/template.<ending>")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def template_page(self, ending: str) -> Response:
        """Give an empty file to fill in and import."""
        require(person(), Verb.IMPORT, self.plan)
        if not self.plan.resource.importable or ending not in BLANKS:
            raise NotFound
        answer = Response(BLANKS[ending](person(), self.plan), mimetype=FORMATS[ending].mimetype)
        answer.headers["Content-Disposition"] = f'attachment; filename="{self.plan.name}-template.{ending}"'
        return answer

    def _asked(self) -> Any:
        """What the form asked for: a download at once, or a file that is made in the background."""
        kept = list(_kept(request.form)) if request.form.get("rows") != "all" else []
        kind, selection = _format(request.form.get("format", "")), Selection(person(), self.plan, MultiDict(kept), Verb.EXPORT)
        is_later = request.form.get("how") == "later"
        if is_later or (not kind.is_stream and selection.count(db.session()) > MOST_AT_ONCE):
            return self._later(selection, kind, kept)
        chosen = [(name, value) for name in OF_EXPORT for value in request.form.getlist(name)]
        return redirect(f"/{self.plan.name}/export?{urlencode([*kept, *chosen])}")

    def _later(self, selection: Selection, kind: Format, kept: list[tuple[str, str]]) -> Any:
        export = self._export(selection, request.form)
        run = make(export, kind, _shown(kept))
        connection = db.session.connection()
        begin(db.session(), run, export, kind, connection)
        db.session.flush()
        enqueue(db.session(), "export", subject_id=run.id, user_id=run.user_id, payload={"args": kept, "locale": locale()})
        db.session.commit()
        return redirect(f"/exports/{run.id}")

    def _download(self, selection: Selection, kind: Format) -> Response:
        export = self._export(selection, request.args)
        connection = opened()
        try:
            run = make(export, kind, _shown(_kept(request.args)))
            with writing():
                begin(db.session(), run, export, kind, connection)
            return self._answer(export, kind, run, connection)
        except BaseException as problem:
            connection.close()
            if isinstance(problem, Unreadable):
                raise BadRequest(problem.why) from None
            raise

    def _answer(self, export: Export, kind: Format, run: ExportRun, connection: Connection) -> Response:
        tally = Tally()
        pieces = tally.weigh(export.stream(connection, kind, run.token, tally.count))
        download = Download(current_app._get_current_object(), connection, run.id, tally, pieces)  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's way
        answer = Response(iter(download), mimetype=kind.mimetype)
        answer.call_on_close(download.close)
        name = file_name(self.plan, kind, clock.today().isoformat(), run.token)
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _export(self, selection: Selection, form: MultiDict[str, str]) -> Export:
        headers = form.get("headers", "names")
        if headers not in {"names", "labels"}:
            raise BadRequest(_("Headers are names or labels."))
        return Export(person(), self.plan, selection.query(), self._columns(form), headers)  # type: ignore[arg-type]  # one of both

    def _columns(self, form: MultiDict[str, str]) -> tuple[Field, ...]:
        names = [name.strip() for text in form.getlist("columns") for name in text.split(",") if name.strip()]
        try:
            return choose(person(), self.plan, names)
        except Unreadable as problem:
            raise BadRequest(problem.why) from None


class Download:
    """A file on its way. When the last byte has gone, or the reader has, what left is written down; the request is over by then."""

    def __init__(self, app: Flask, connection: Connection, run_id: int, tally: Tally, pieces: Iterator[bytes]) -> None:
        self.app, self.connection, self.run_id, self.tally, self.pieces = app, connection, run_id, tally, pieces
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        self.close()

    def close(self) -> None:
        """End it, once."""
        if self.is_closed:
            return
        self.is_closed = True
        self.connection.close()
        with self.app.app_context(), writing():
            end(db.session(), self.run_id, self.tally)


def _offered(plan: Plan, selection: Selection) -> tuple[list[Field], set[str]]:
    """The columns that may leave and those that are ticked: the columns of the list, in its order, where it shows chosen ones; else all."""
    fields = [one for one in fields_for(person(), plan, Verb.EXPORT) if not one.secret]
    view, pick = shelf(person(), plan, selection).current, request.args.get("pick") or ""
    if pick not in {"", "list", "all"}:
        raise BadRequest(_("“{name}” is “list”, “all” or nothing.", name="pick"))
    if pick == "all" or not (pick or chosen_text(person(), plan, view)):
        return fields, {one.name for one in fields if not one.is_system}
    shown = [one.field for one in shown_columns(person(), plan, view) if one.field in fields]
    return [*shown, *(one for one in fields if one not in shown)], {one.name for one in shown}


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise BadRequest(_("There is no format “{name}”.", name=name[:20]))
    return FORMATS[name]


def _kept(args: MultiDict[str, str]) -> Iterator[tuple[str, str]]:
    """What says which rows are meant."""
    return ((name, value) for name, value in args.items(multi=True) if name not in OF_FORM and value.strip())


def _shown(kept: Any) -> dict[str, list[str]]:
    """The same, as it is remembered."""
    return {name: list(values) for name, values in MultiDict(list(kept)).lists()}


def _own(plan: Plan) -> list[ExportRun]:
    """The person's last exports of the noun."""
    query = select(ExportRun).where(ExportRun.user_id == person().id, ExportRun.resource == plan.name).order_by(ExportRun.id.desc())
    return list(db.session.scalars(query.limit(SHOWN)))
