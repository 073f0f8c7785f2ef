"""The pages of signing in and out, of one's own account, and of the language."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, session
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from backoffice import errors, i18n
from backoffice.accounts import logins, redirects, sessions, signing, throttle
from backoffice.accounts.guard import public
from backoffice.db import db
from backoffice.declare import Language, Refused, _
from backoffice.declare.text import set_locale

pages = Blueprint("accounts", __name__)
A_YEAR_S = 365 * 24 * 3600


@pages.get("/login")
@public
def login() -> Any:
    """Ask who is there; whoever has signed in goes on."""
    came_for = redirects.inside(request.args.get("next"))
    return redirect(came_for) if current_user.is_authenticated else _login(came_for)


def _login(came_for: str) -> str:
    return render_template("accounts/login.html", next=came_for, has_ended=request.args.get("ended") == "1")


@pages.post("/login")
@public
def sign_in() -> Any:
    """Sign in, and go where the person wanted to."""
    came_for = redirects.inside(request.form.get("next") or request.args.get("next"))
    name = request.form.get("login", "")
    try:
        signing.sign_in(name, request.form.get("password", ""), request.remote_addr)
    except Refused as refused:
        return render_template("accounts/login.html", next=came_for, login=name[:64], why=refused.why), 401
    except signing.TooMany:
        return _too_many()
    return redirect(came_for)


@pages.post("/logout")
def logout() -> Response:
    """End the session at the server; a copy of the cookie is worth nothing from now on."""
    sessions.end_own()
    db.session.commit()
    logout_user()
    session.clear()
    return redirect("/login")


@pages.get("/account")
def account() -> str:
    """One's own password and language."""
    return _account({})


@pages.post("/account")
def change_password() -> Any:
    """Change the own password."""
    current, new, again = (request.form.get(name, "") for name in ("current", "new", "again"))
    try:
        wrong = signing.change_password(_me(), current, new, again, request.remote_addr)
    except signing.TooMany:
        return _too_many()
    if wrong:
        return _account({name: [why] for name, why in wrong.items()}), 422
    flash(str(_("Your password has changed. You have been signed out everywhere else.")), "good")
    return redirect("/account")


@pages.post("/language")
@public
def language() -> Response:
    """Speak another language from now on, on this machine and to this person."""
    chosen = next((one for one in Language if one.value == request.form.get("language")), None)
    if chosen is None:
        raise errors.BadRequest(_("Choose one of: {known}.", known=", ".join(str(one) for one in Language)))
    if current_user.is_authenticated:
        person = _me()
        logins.lock(person)
        person.language = chosen
        db.session.commit()
        set_locale(chosen.value)
    response = make_response(redirect(redirects.back(request.form.get("next"))))
    response.set_cookie(
        i18n.COOKIE, chosen.value, max_age=A_YEAR_S, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response


def _me() -> Any:
    return current_user._get_current_object()  # noqa: SLF001  # the person itself, not its stand-in


def _account(wrong: dict[str, Any]) -> str:
    return render_template("accounts/account.html", person=_me(), languages=tuple(Language), wrong=wrong)


def _too_many() -> Any:
    response = errors.page(429)
    response.headers["Retry-After"] = str(int(throttle.WINDOW.total_seconds()))
    return response
