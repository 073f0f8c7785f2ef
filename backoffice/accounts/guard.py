"""Who is asking, found before anything else; and nobody gets in who has not signed in.

Every address is closed unless its view is marked :func:`public`; an address that does not exist
is closed too, so that outsiders cannot tell which ones do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, jsonify, make_response, redirect, request, url_for
from flask_login import AnonymousUserMixin, current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from backoffice import i18n
from backoffice.accounts import redirects
from backoffice.audit import context
from backoffice.declare import _
from backoffice.declare.journal import Source
from backoffice.declare.people import set_actor

View = TypeVar("View", bound=Callable[..., Any])
FILES = frozenset({"static", "bootstrap.static", "admin.static", "favicon", "base_style"})
"""The endpoints of style sheets, scripts and pictures: the same for everybody."""
MOST_FROM_STRANGERS = 64 * 1024
MOST_IN_A_FORM = 2 * 1024 * 1024
"""Of a form without a file: it is read in one piece."""


def register(app: Flask) -> None:
    """Ask first, on every request, and forget who it was afterwards."""
    app.before_request(identify)
    app.before_request(guard)
    app.after_request(keep_private)
    app.teardown_request(lambda _error: set_actor(None))


def public(view: View) -> View:
    """Mark a view that anybody may open."""
    view.is_public = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def bare(view: View) -> View:
    """Mark a public view that does not ask who it is: it works without a database."""
    view.is_bare = True  # type: ignore[attr-defined]  # a mark on a function
    return public(view)


def identify() -> None:
    """Say who acts in this request, and through which channel."""
    context.set_source(Source.PAGE)
    set_actor(None)
    if request.endpoint in FILES or _is("is_bare"):
        _ask_nobody()
    try:
        is_known = current_user.is_authenticated
    except SQLAlchemyError:
        _ask_nobody()  # the page that says so must not ask again
        raise
    if is_known:
        set_actor(current_user._get_current_object())  # noqa: SLF001  # the person, not the stand-in
    if not is_known:
        request.max_content_length = MOST_FROM_STRANGERS
    elif request.mimetype != "multipart/form-data":
        request.max_content_length = MOST_IN_A_FORM


def guard() -> AnyResponse | None:
    """Turn away whoever has not signed in: programs with 401, people to the login page, and from there back to where they were."""
    if current_user.is_authenticated or request.endpoint in FILES or _is("is_public"):
        return None
    i18n.speak()
    if wants_json():
        body = {"error": {"code": 401, "message": str(_("Your session has ended. Sign in and go on where you were."))}}
        return make_response(jsonify(body), 401)
    is_sent = request.method not in ("GET", "HEAD")
    came_for = redirects.back(None) if is_sent else redirects.here()
    has_ended = "1" if is_sent and request.endpoint != "accounts.logout" else None
    return redirect(url_for("accounts.login", next=None if came_for == redirects.HOME else came_for, ended=has_ended))


def wants_json() -> bool:
    """Whether a script asks, rather than a person's address bar."""
    if request.accept_mimetypes.best == "application/json" or request.mimetype == "application/json":
        return True
    return request.headers.get("X-Requested-With") is not None


def keep_private(response: Response) -> Response:
    """Let no cache keep a page; files are the same for everybody and may stay."""
    if request.endpoint not in FILES or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    return response


def _ask_nobody() -> None:
    """Spare Flask-Login the look-up in the database: this is where it keeps whom it found."""
    g._login_user = AnonymousUserMixin()  # noqa: SLF001  # it has no other way to be told


def _is(mark: str) -> bool:
    return bool(getattr(current_app.view_functions.get(request.endpoint or ""), mark, False))
