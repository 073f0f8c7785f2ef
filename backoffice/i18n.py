"""Which language and zone this request speaks, and the Chinese of the generator's own sentences."""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po
from flask import Flask, current_app, g, request
from flask_babel import Babel
from flask_login import current_user

from backoffice.declare import clock
from backoffice.declare.text import CHINESE, COMMA, ENGLISH, LOCALES, Text, load_catalog, locale, set_locale

COOKIE = "language"
CATALOG = Path(__file__).parent.parent / "translations" / CHINESE / "LC_MESSAGES" / "messages.po"


def register(app: Flask) -> None:
    """Speak the person's language on every page; Flask-Admin asks Flask-Babel for the same."""
    with CATALOG.open("rb") as file:
        load_catalog({str(one.id): str(one.string) for one in read_po(file) if one.id and one.string})
    Babel(app, locale_selector=locale, timezone_selector=lambda: str(clock.zone()))
    app.before_request(speak)
    app.jinja_env.globals.update(_=Text, comma=COMMA, locale=locale, html_lang=html_lang)


def speak() -> None:
    """Choose the locale: the person's own, else the browser's cookie or wish, else the house's."""
    clock.set_zone(current_app.config["TIMEZONE"])
    set_locale(_wish())
    g.locale = locale()


def html_lang() -> str:
    """The value of ``<html lang>``."""
    return "en" if locale() == ENGLISH else "zh-CN"


def _wish() -> str:
    own = getattr(current_user, "language", None)
    if own is not None:
        return str(own.value)
    chosen = request.cookies.get(COOKIE)
    if chosen in LOCALES:
        return chosen
    return str(current_app.config["LOCALE"])
