"""Where somebody is sent after signing in: a page of this site, or home."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

LONGEST = 2000
HOME = "/"


def inside(target: str | None) -> str:
    r"""The target if it is a path of this site, else home.

    Browsers take ``//host``, ``/\host`` and both with tabs or line ends in between for another
    site, so a path begins with one slash and holds neither backslash nor blank nor control character.
    """
    if not target or len(target) > LONGEST or not target.startswith("/") or target.startswith("//"):
        return HOME
    if "\\" in target or any(letter.isspace() or not letter.isprintable() for letter in target):
        return HOME
    parts = urlsplit(target)
    return HOME if parts.scheme or parts.netloc else target


def here() -> str:
    """The path and query of this request, to come back to."""
    return request.full_path.removesuffix("?")


def back(target: str | None) -> str:
    """The page that a form was sent from: as the form says, else as the browser says."""
    if target:
        return inside(target)
    try:
        referrer = urlsplit(request.referrer or "")
    except ValueError:  # a bracket that is never closed
        return HOME
    if referrer.netloc != request.host:
        return HOME
    return inside(referrer.path + (f"?{referrer.query}" if referrer.query else ""))
