"""People who sign in: login, sessions that the server can end, throttling, one's own account."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Let people sign in and out."""
