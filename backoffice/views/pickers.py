"""Answers for pickers: records by what somebody types, best match first, by name and never with personal data."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_admin import expose

from backoffice.plan import Plan
from backoffice.views import links
from backoffice.views.common import page_number, person
from backoffice.views.finding import best
from backoffice.views.matching import cleaned

PER_ANSWER = 20


class PickerPages:
    """The options at ``/<resource>/options?q=&page=``: ``{"results": [{"id", "text"}], "more": bool}``."""

    plan: Plan

    @expose("/options")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def options(self) -> Response:
        """The records that match, twenty at a time; nothing for an empty text."""
        text, number = cleaned(request.args.get("q")), page_number()
        options = links.naming(self.plan)
        found = best(person(), self.plan, text, PER_ANSWER + 1, skipped=(number - 1) * PER_ANSWER, options=options) if text else []
        results = [{"id": record.id, "text": str(record) or self.plan.key_of(record)} for record in found[:PER_ANSWER]]
        return jsonify(results=results, more=len(found) > PER_ANSWER)
