"""Import and export pages: upload, preview, apply; and the choice of what to export."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Response, redirect, request, stream_with_context
from flask_admin import expose

from backoffice.access import fields_for, require
from backoffice.db import db, writing
from backoffice.declare import Text, Verb, _, clock
from backoffice.errors import BadRequest, NotFound
from backoffice.exchange import uploads
from backoffice.exchange.applying import opened, take
from backoffice.exchange.exporting import Export, choose, file_name, write_down
from backoffice.exchange.formats import FORMATS, Format
from backoffice.exchange.mapping import Mapped
from backoffice.exchange.options import MODES, Mode, Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.reading import Sheet
from backoffice.plan import Field, Plan
from backoffice.views.common import person
from backoffice.views.receipts import grouped, shown
from backoffice.views.selection import Selection

SAMPLES = 3
OF_EXPORT = ("format", "columns", "headers")


class ExchangePages:
    """Import and export pages, for the plan of the view."""

    plan: Plan
    render: Any

    @expose("/import", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def import_page(self) -> Any:
        """Take a file and show what it would do."""
        self._insist()
        if request.method != "POST":
            return self._form()
        try:
            return self._preview()
        except Unreadable as problem:
            return self._sent_back(problem)

    @expose("/import/<token>", methods=("POST",))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def apply_page(self, token: str) -> Any:
        """Write the file that was looked at, and lead to its receipt."""
        self._insist()
        try:
            return self._apply(token)
        except Unreadable as problem:
            return self._sent_back(problem)

    def _insist(self) -> None:
        require(person(), Verb.IMPORT, self.plan)
        if not self.plan.resource.importable:
            raise NotFound

    def _sent_back(self, problem: Unreadable) -> tuple[str, int]:
        db.session.rollback()
        return self._form(problem.why), 422

    def _form(self, why: Text | None = None) -> str:
        columns = [one for one in fields_for(person(), self.plan, Verb.IMPORT) if not (one.is_system or one.secret)]
        return str(self.render("exchange/import.html", plan=self.plan, why=why, columns=columns, keys=self.plan.key, given=request.form))

    def _preview(self) -> str:
        file = request.files.get("file")
        if file is None or not file.filename:
            raise Unreadable("no_file", _("Choose a file first."))
        data, options = file.read(), _options(file.filename)
        sheet, mapped = opened(person(), self.plan, data, options)
        receipt = take(db.session(), person(), self.plan, data, replace(options, dry_run=True))
        token = uploads.keep(person(), self.plan, data, options)
        return str(self.render(
            "exchange/preview.html", plan=self.plan, receipt=receipt, token=token, options=options, columns=list(_samples(sheet, mapped)),
            groups=grouped(receipt.errors), errors=shown(receipt.errors), notices=shown(receipt.notices), file_name=options.file_name,
        ))

    def _apply(self, token: str) -> Any:
        upload = uploads.find(person(), self.plan, token)
        if upload is None:
            raise Unreadable("no_file", _("The uploaded file is not here any more. Choose it again."))
        options = replace(upload.options, skip_invalid=request.form.get("skip_invalid") == "1")
        receipt = take(db.session(), person(), self.plan, upload.data, options)
        uploads.forget(token)
        return redirect(f"/imports/{receipt.run}")

    @expose("/export")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def export_page(self) -> Any:
        """Ask what to export of the rows that the list shows; with a format, stream it."""
        require(person(), Verb.EXPORT, self.plan)
        selection = Selection(person(), self.plan, request.args, Verb.EXPORT, also=OF_EXPORT)
        kind = request.args.get("format")
        if kind:
            return self._download(selection, _format(kind))
        fields = [one for one in fields_for(person(), self.plan, Verb.EXPORT) if not one.secret]
        kept = [(name, value) for name, value in request.args.items(multi=True) if name not in OF_EXPORT and value.strip()]
        return str(self.render(
            "exchange/export.html", plan=self.plan, selection=selection, count=selection.count(db.session()), fields=fields, formats=list(FORMATS), kept=kept,
        ))

    def _download(self, selection: Selection, kind: Format) -> Response:
        headers = request.args.get("headers", "names")
        if headers not in {"names", "labels"}:
            raise BadRequest(_("Headers are names or labels."))
        export = Export(person(), self.plan, selection.query(), self._columns(), headers)  # type: ignore[arg-type]  # one of both
        count, filters = export.count(db.session()), request.args.to_dict(flat=False)
        with writing():
            write_down(db.session(), export, kind, {name: values for name, values in filters.items() if name not in OF_EXPORT}, count)
        session = db.session.session_factory()  # of its own: the request's is over before the file is
        pieces = export.stream(session, kind)
        first = next(pieces, b"")  # what goes wrong at once still gets an error page
        answer = Response(stream_with_context(itertools.chain([first], pieces)), mimetype=kind.mimetype)
        answer.call_on_close(session.close)
        name = file_name(self.plan, kind, clock.today().isoformat())
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _columns(self) -> tuple[Field, ...]:
        names = [name.strip() for text in request.args.getlist("columns") for name in text.split(",") if name.strip()]
        try:
            return choose(person(), self.plan, names)
        except Unreadable as problem:
            raise BadRequest(problem.why) from None


def _options(name: str) -> Options:
    mode: Mode = next((one for one in MODES if one == request.form.get("mode")), "upsert")
    encoding = request.form.get("encoding", "").strip() or None
    return Options(mode=mode, encoding=encoding, clear_blank=request.form.get("blank") == "clear", file_name=name.rpartition("/")[2])


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise BadRequest(_("There is no format “{name}”.", name=name[:20]))
    return FORMATS[name]


def _samples(sheet: Sheet, mapped: Mapped) -> Iterator[tuple[str, Field | None, list[str]]]:
    """Each column of the file: its header, its field, and the first values."""
    fields = {one.index: one.field for one in mapped.columns}
    for index, header in enumerate(sheet.headers):
        filled = (row.cells[index].strip() for row in sheet.rows if index < len(row.cells) and row.cells[index].strip())
        values = list(itertools.islice(filled, SAMPLES))
        if header or values:
            yield header, fields.get(index), values
