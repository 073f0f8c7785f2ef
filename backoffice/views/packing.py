"""Style sheets, scripts and drawings travel packed: a phone on a slow line gets a sixth of their size.

Pages do not. They hold secrets (the token against forged requests) beside what an address says, and the packed
size of both together would tell about the secret; a proxy in front should leave them alone too.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, current_app, request

from backoffice.views.base_style import ENDPOINT

TEXTS = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
FILES = ("static", "bootstrap.static", ENDPOINT)


def register(app: Flask) -> None:
    """Pack each file once, when somebody asks for it."""
    app.extensions["packed"] = {}
    app.after_request(pack)


def pack(response: Response) -> Response:
    """The file as it is, or packed for whoever understands that."""
    if request.endpoint not in FILES or response.status_code != 200 or response.mimetype not in TEXTS:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    known: dict[tuple[str, str, str | None], bytes] = current_app.extensions["packed"]
    tag, _is_weak = response.get_etag()
    key = (request.endpoint, request.path, tag)
    if key not in known:
        response.direct_passthrough = False
        known[key] = gzip.compress(response.get_data(), mtime=0)
    if close := getattr(response.response, "close", None):
        close()
    response.direct_passthrough = False
    response.set_data(known[key])
    response.content_encoding = "gzip"
    response.set_etag(f"{tag}-gzip")
    return response
