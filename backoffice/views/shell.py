"""What surrounds every page: menu, assets with a fingerprint, icons and nonces for the templates."""

from __future__ import annotations

import functools
import hashlib
import hmac
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request, url_for
from flask_admin.menu import MenuLink
from flask_login import current_user
from markupsafe import Markup

from backoffice.views import base_style, packing
from backoffice.views.drawing import drawn
from backoffice.views.icons import icon
from backoffice.views.words import noun

YEAR = 365 * 24 * 3600
CURRENT = Markup(' aria-current="page"')


def register(app: Flask) -> None:
    """Give the templates what the shell needs."""
    app.extensions["assets"] = {}
    app.jinja_env.globals.update(
        icon=icon, menu=menu, menu_line=menu_line, is_here=is_here, asset=asset, inlined=inlined, draft_key=draft_key, brand=brand,
        is_signed_in=is_signed_in, nonce=nonce, noun=noun,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(keep_assets)
    packing.register(app)
    base_style.register(app)
    app.add_url_rule("/favicon.ico", "favicon", favicon)


def brand() -> str:
    """The product's name."""
    return str(current_app.extensions["admin"][0].name)


def is_signed_in() -> bool:
    """Whether somebody is signed in."""
    return bool(current_user and current_user.is_authenticated)


def draft_key() -> str:
    """Whose drafts a browser keeps, and what seals them: only pages of the same person hold it (``static/drafts.js``)."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    owner, key = (hmac.new(secret, f"drafts {part} {current_user.id}".encode(), "sha256").hexdigest() for part in ("owner", "key"))
    return f"{owner[:16]}:{key}"


def nonce() -> str:
    """The nonce of this answer's content policy."""
    make = current_app.jinja_env.globals.get("csp_nonce")
    return str(make()) if callable(make) else ""


def menu() -> list[tuple[Any, list[Any]]]:
    """The entries that the person may open, as (group or None, entries), in the order of the models."""
    groups: list[tuple[Any, list[Any]]] = []
    for item in current_app.extensions["admin"][0].menu():
        if item.is_category():
            groups.append((item.name, item.get_children()))
        elif item.is_accessible() and item.is_visible():
            if not groups or groups[-1][0] is not None:
                groups.append((None, []))
            groups[-1][1].append(item)
    return [(name, entries) for name, entries in groups if entries]


def menu_line(entry: Any, is_current: bool) -> Markup:
    """An entry of the menu: there are thirty on each page."""
    return drawn('<li><a href="%s"%s>%s<span>%s</span></a></li>', entry.get_url(), CURRENT if is_current else "", icon(entry.get_icon_value()), str(entry.name))


def is_here(entry: Any, view: Any) -> bool:
    """Whether a page belongs to an entry of the menu; a report has an entry of its own."""
    return bool(view and entry.is_active(view) and (isinstance(entry, MenuLink) or not request.path.endswith("/report")))


def asset(name: str, endpoint: str = "static") -> str:
    """The address of a static file, with a fingerprint of its content: it may be kept for a year."""
    known: dict[tuple[str, str, str], str] = current_app.extensions["assets"]
    key = (request.root_path, endpoint, name)
    if key not in known:
        known[key] = url_for(endpoint, filename=name, v=_fingerprint(_folder(endpoint) / name))
    return known[key]


@functools.cache
def inlined(name: str) -> Markup:
    """A script of ours as it stands in the page itself: what must run before anything is drawn waits for no second answer."""
    return Markup((Path(__file__).parents[1] / "static" / name).read_text(encoding="utf-8"))  # noqa: S704  # our own file


def keep_assets(response: Response) -> Response:
    """Let browsers keep files whose address changes with their content."""
    if request.endpoint in packing.FILES and "v" in request.args and response.status_code in (200, 304):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def favicon() -> Response:
    """The mark of the product, for browsers that ask without being told."""
    return current_app.send_static_file("favicon.svg")


def _folder(endpoint: str) -> Path:
    owner = current_app if endpoint == "static" else current_app.blueprints[endpoint.partition(".")[0]]
    return Path(str(owner.static_folder))


@functools.cache
def _fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]
