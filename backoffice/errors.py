"""The errors that have a meaning for the person at the screen, and what becomes of all others."""

from __future__ import annotations

import logging
import secrets
import traceback
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from backoffice.declare import Refused, Text, _

log = logging.getLogger(__name__)


class Denied(Exception):
    """The person may not do this. 403."""


class NotFound(Exception):
    """There is no such record, or none that the person may know of. 404."""


class Stale(Exception):
    """Somebody else changed the record meanwhile. 409."""


class BadRequest(Exception):
    """The address or the form says something that cannot be meant. 400, with a sentence."""

    def __init__(self, why: Text) -> None:
        super().__init__(str(why))
        self.why = why


SENTENCES: dict[int, tuple[Text, Text]] = {
    400: (_("This request makes no sense"), _("Go back, reload the page and try again.")),
    401: (_("Please sign in"), _("Your session has ended. Sign in and go on where you were.")),
    403: (_("You may not do this"), _("Your role does not have this right. Ask your supervisor if you need it.")),
    404: (_("There is nothing here"), _("The record does not exist, or it belongs to somebody else.")),
    405: (_("This page cannot be used that way"), _("Go back and use the buttons of the page.")),
    409: (_("Somebody else was faster"), _("The record has changed since you opened it.")),
    413: (_("The file is too large"), _("Split the file and load the parts one after the other.")),
    422: (_("This is not possible"), _("A rule of the house says no; nothing was changed.")),
    429: (_("Too many attempts"), _("Wait a quarter of an hour, then try again.")),
    500: (_("Something went wrong"), _("It is our mistake, not yours. Nothing was saved. Tell us this number:")),
}
_STATUS: dict[type[Exception], int] = {Denied: 403, NotFound: 404, Stale: 409, Refused: 422, BadRequest: 400}


def register(app: Flask) -> None:
    """Answer every error with a page (or JSON) in the person's language."""
    for kind in _STATUS:
        app.register_error_handler(kind, _known)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def page(status: int, why: Text | None = None, reference: str | None = None) -> Response:
    """The error page: a title, a sentence, and a reference number where there is one."""
    title, sentence = SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])  # the class of HTTP states
    if request.accept_mimetypes.best == "application/json":
        body = {"error": {"code": status, "message": str(why or sentence), "reference": reference}}
        return make_response(jsonify(body), status)
    try:
        html = render_template("errors/error.html", title=title, sentence=why or sentence, reference=reference, status=status)
    except SQLAlchemyError:  # the page asks who is signed in; without a database nobody can say
        html = f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(why or sentence)}</p><p>{escape(reference)}</p>"
    return make_response(html, status)


def _known(error: Exception) -> Response:
    _give_up()
    return page(_STATUS[type(error)], getattr(error, "why", None))


def _forged(_error: CSRFError) -> Response:
    return page(400, _("The page was open too long. Reload it and send it again."))


def _http(error: HTTPException) -> Any:
    _give_up()
    if error.code is None or error.code < 400:  # redirects are answers, not errors
        return error
    return page(error.code)


def _unexpected(error: Exception) -> Response:
    _give_up()
    reference = secrets.token_hex(4).upper()
    log.error("error %s on %s %s\n%s", reference, request.method, request.endpoint, trace(error))
    return page(500, reference=reference)


def trace(error: BaseException) -> str:
    """Where it happened and what sort of error it was, with what led to it; messages may hold SQL or values, so they are left out."""
    first = error.__cause__ or error.__context__
    before = f"{trace(first)}\nwhich led to:\n" if first is not None else ""
    return f"{before}Traceback (most recent call last):\n{''.join(traceback.format_tb(error.__traceback__))}{type(error).__qualname__}"


def _give_up() -> None:
    from backoffice.db import db  # noqa: PLC0415  # errors stand below the database in the order of rooms

    db.session.rollback()
