"""Headers that keep a page to itself: a strict content policy with nonces, and HTTPS in production."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_talisman import Talisman
from werkzeug.middleware.proxy_fix import ProxyFix

SELF, NONE = "'self'", "'none'"
CONTENT = {
    "default-src": SELF, "script-src": SELF, "style-src": SELF, "img-src": [SELF, "data:"], "object-src": NONE,
    "base-uri": SELF, "form-action": SELF, "frame-ancestors": NONE,
}
PERMISSIONS = dict.fromkeys(("camera", "microphone", "geolocation", "payment", "usb"), "()")
STATIC_S = 3600


def register(app: Flask) -> None:
    """Send the headers with every answer; templates write ``nonce="{{ csp_nonce() }}"``."""
    is_production = app.config["PRODUCTION"]
    Talisman(
        app, force_https=is_production, session_cookie_secure=is_production, strict_transport_security=is_production,
        content_security_policy=CONTENT, content_security_policy_nonce_in=["script-src", "style-src"], frame_options="DENY",
        permissions_policy=PERMISSIONS, referrer_policy="same-origin",
    )
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]  # Flask's documented place for it
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_S
    if is_production:
        app.config["SESSION_COOKIE_NAME"] = "__Host-session"  # browsers take it only over HTTPS and from this very host
    app.after_request(_isolate)
    app.after_request(_stay_here)


def by_http(view: Any) -> Any:
    """Mark a view that answers without HTTPS too: a probe inside the machine asks it."""
    view.talisman_view_options = {"force_https": False}
    return view


def _isolate(response: Response) -> Response:
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _stay_here(response: Response) -> Response:
    """Redirect by path: the host of an absolute address would be whatever the request claims."""
    location = response.headers.get("Location", "")
    if location.startswith(request.host_url):
        response.headers["Location"] = "/" + location.removeprefix(request.host_url).lstrip("/\\")
    return response
