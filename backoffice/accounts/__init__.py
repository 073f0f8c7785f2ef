"""People who sign in: login, sessions that the server can end, throttling, one's own account."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

from backoffice.accounts import commands, guard, sessions
from backoffice.accounts.pages import pages


def register(app: Flask) -> None:
    """Let people sign in and out, and nobody else in."""
    manager = LoginManager(app)
    manager.session_protection = None  # the token at the server decides, not the browser's name
    manager.user_loader(sessions.person_of)
    guard.register(app)
    app.register_blueprint(pages)
    commands.register(app)
