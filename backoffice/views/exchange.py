"""Import pages: upload, preview, apply."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import redirect, request
from flask_admin import expose

from backoffice.access import fields_for, require
from backoffice.db import db
from backoffice.declare import Text, Verb, _
from backoffice.errors import NotFound
from backoffice.exchange import uploads
from backoffice.exchange.applying import opened, take
from backoffice.exchange.mapping import Mapped
from backoffice.exchange.options import MODES, Mode, Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.reading import Sheet
from backoffice.plan import Field, Plan
from backoffice.views.common import person
from backoffice.views.receipts import grouped, shown

SAMPLES = 3


class ExchangePages:
    """Import pages, for the plan of the view."""

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


def _options(name: str) -> Options:
    mode: Mode = next((one for one in MODES if one == request.form.get("mode")), "upsert")
    encoding = request.form.get("encoding", "").strip() or None
    return Options(mode=mode, encoding=encoding, clear_blank=request.form.get("blank") == "clear", file_name=name.rpartition("/")[2])


def _samples(sheet: Sheet, mapped: Mapped) -> Iterator[tuple[str, Field | None, list[str]]]:
    """Each column of the file: its header, its field, and the first values."""
    fields = {one.index: one.field for one in mapped.columns}
    for index, header in enumerate(sheet.headers):
        filled = (row.cells[index].strip() for row in sheet.rows if index < len(row.cells) and row.cells[index].strip())
        values = list(itertools.islice(filled, SAMPLES))
        if header or values:
            yield header, fields.get(index), values
