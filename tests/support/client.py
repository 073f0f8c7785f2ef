"""A client that behaves like a person's browser: it keeps cookies and sends the token of the form."""

from __future__ import annotations

import contextvars
from hashlib import sha1
from secrets import token_bytes
from typing import Any

from argon2 import PasswordHasher
from flask import globals as flask_globals
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from backoffice.db import db

PASSWORD = "six wet geese sleep"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Checks and makes hashes like the real one, without its 34 ms: most tests want a person who can sign in."""
PASSWORD_HASH = "$argon2id$v=19$m=8,t=1,p=1$auFQObwY5HE+gwg1AQSlLw$14ubkrh3ngBjOQCQfJHExFh/NTotmxXwkYnPqyIMJb8"
"""What ``QUICK`` made of ``PASSWORD`` once: the same in every process of a run."""


class Client(FlaskClient):
    """Sends the token against forged requests by itself, unless ``is_forging`` is set.

    What the test's own session holds is committed before a request, and read anew after it: the
    two are different people at the same database.
    """

    is_forging = False

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request, outside the app context of the test."""
        if flask_globals._cv_app.get(None) is not None:
            db.session.commit()
        if not self.is_forging and kwargs.get("method", "GET") not in {"GET", "HEAD", "OPTIONS"}:
            kwargs["headers"] = {"X-CSRFToken": self.token(), **dict(kwargs.get("headers") or {})}
        kwargs.setdefault("buffered", True)  # a streamed answer is read where it is made
        return contextvars.copy_context().run(self._send, *args, **kwargs)

    def _send(self, *args: Any, **kwargs: Any) -> TestResponse:
        flask_globals._cv_app.set(None)  # type: ignore[arg-type]  # no app context, as in a server's thread
        return super().open(*args, **kwargs)

    def token(self) -> str:
        """The token that a form of this session carries."""
        return contextvars.copy_context().run(self._token)

    def _token(self) -> str:
        flask_globals._cv_app.set(None)  # type: ignore[arg-type]  # as above
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", sha1(token_bytes(64)).hexdigest())
        return URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(raw)


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> FlaskClient:
    """Sign in by the login page; fails loudly if that does not work."""
    response = client.post("/login", data={"login": login, "password": password})
    assert response.status_code == 302, response.get_data(as_text=True)[:2000]
    return client


def sign_out(client: FlaskClient) -> None:
    """Sign out as the button does."""
    client.post("/logout")
