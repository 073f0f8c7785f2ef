"""Sessions that live at the server: a cookie holds a random token, and the token's row decides.

A session ends after 12 hours without use, after 7 days in any case, at logout, when the password
changes, and when the person may no longer sign in.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import g
from flask import session as cookie
from flask_login import login_user
from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from backoffice.accounts.logins import model
from backoffice.accounts.models import SignIn
from backoffice.db import db, writing
from backoffice.declare import clock

log = logging.getLogger(__name__)
IDLE, ABSOLUTE, TOUCH = timedelta(hours=12), timedelta(days=7), timedelta(minutes=5)
TOUCH_PATIENCE_MS = 200
ASKED_ALONG: dict[str, Callable[[ColumnElement[int]], ColumnElement[int]]] = {}
"""Numbers that every page shows of its person: each is asked in the very statement that finds the person, given the person's id."""


def start(person: Any) -> None:
    """Sign the person in: a new session under a new token; nothing of the cookie before survives.

    The caller commits.
    """
    end_own()
    now, token = clock.now(), secrets.token_urlsafe(32)
    over = select(SignIn.token_hash).where(_is_over(now)).with_for_update(skip_locked=True)
    db.session.execute(delete(SignIn).where(SignIn.token_hash.in_(over)))
    db.session.execute(insert(SignIn).values(token_hash=digest(token), user_id=person.id, created_at=now, last_seen_at=now))
    cookie.clear()
    person.session_token = token
    login_user(person, force=True)


def person_of(token: str) -> Any | None:
    """The person whose session this is, if it is alive and the person may be here."""
    now, people, key = clock.now(), model(), digest(token)
    along = [make(people.id) for make in ASKED_ALONG.values()]
    query = select(people, SignIn.last_seen_at, *along).join(SignIn, SignIn.user_id == people.id)
    found = db.session.execute(query.where(SignIn.token_hash == key, ~_is_over(now))).first()
    if found is None:
        return None
    person, last_seen_at, *numbers = found
    g.asked_along = dict(zip(ASKED_ALONG, numbers, strict=True))
    if not person.may_sign_in:
        with writing():
            end(key)
        return None
    if now - last_seen_at >= TOUCH:
        _touch(key, now)
    person.session_token = token
    return person


def end_own() -> None:
    """End the session of this cookie, if it has one. The caller commits."""
    if token := cookie.get("_user_id"):
        end(digest(token))


def end(key: str) -> None:
    """End the session with this token hash. The caller commits."""
    db.session.execute(delete(SignIn).where(SignIn.token_hash == key))


def end_all(person: Any) -> None:
    """End every session of the person. The caller commits."""
    db.session.execute(delete(SignIn).where(SignIn.user_id == person.id))


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _touch(key: str, now: datetime) -> None:
    """Note that the session is in use; where a long write is under way the note can wait, the person cannot."""
    try:
        with writing(TOUCH_PATIENCE_MS):
            db.session.execute(update(SignIn).where(SignIn.token_hash == key).values(last_seen_at=now))
    except OperationalError:
        log.info("a session was not marked as seen: the database is busy")


def _is_over(now: datetime) -> ColumnElement[bool]:
    return or_(SignIn.last_seen_at <= now - IDLE, SignIn.created_at <= now - ABSOLUTE)
