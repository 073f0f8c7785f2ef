"""Signing in, changing the own password: the rules, without pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from backoffice.accounts import logins, passwords, sessions, throttle
from backoffice.audit import context, record
from backoffice.db import db
from backoffice.declare import Refused, Text, _
from backoffice.declare.journal import Deed
from backoffice.declare.people import set_actor

WRONG = _("This login and password do not fit together.")


class TooMany(Exception):
    """Too many attempts failed lately; this one was not looked at."""


def sign_in(login: str, password: str, address: str | None) -> Any:
    """Sign in and answer the person. Commits.

    Whatever is wrong (no such login, another password, a person who left, one without a password)
    raises the same :class:`Refused` after the same work. Raises :class:`TooMany` before any of it.
    """
    attempt = throttle.begin(login, address)
    if attempt is None:
        raise TooMany
    person = logins.find(login)
    stored = person.password_hash if person is not None and person.may_sign_in else None
    db.session.rollback()  # checking takes long: hold nothing that others wait for
    if not passwords.matches(stored, password):
        raise Refused(WRONG)
    throttle.succeed(attempt)
    if stored is not None and passwords.is_outdated(stored):
        _renew(person, password)
    set_actor(person)
    sessions.start(person)
    record.note(db.session(), logins.plan(), person, Deed.LOGIN)
    db.session.commit()
    return person


def change_password(person: Any, current: str, new: str, again: str, address: str | None) -> dict[str, Text]:
    """Change the own password; answer what is wrong by field, or nothing. Commits.

    Every session of the person ends, and this one goes on under a new token.
    """
    attempt = throttle.begin(person.login, address)
    if attempt is None:
        raise TooMany
    stored, login = person.password_hash, person.login
    db.session.rollback()  # as above
    if not passwords.matches(stored, current):
        return {"current": _("This is not your present password.")}
    throttle.succeed(attempt)
    wrong = _new_password(new, again, current, login)
    if not wrong:
        logins.lock(person)
        set_password(person, new)
        sessions.start(person)
    db.session.commit()
    return wrong


def set_password(person: Any, password: str) -> None:
    """Give the person a password and end all sessions. The caller commits."""
    had_one = person.password_hash is not None
    with context.circumstances(action="set_password"):
        person.password_hash = passwords.hashed(password)
        db.session.flush()
        if had_one:  # the trail shows no secrets, so before and after look the same there
            record.note(db.session(), logins.plan(), person, Deed.UPDATE, {"password_hash": ["•", "•"]})
    sessions.end_all(person)


def _new_password(new: str, again: str, current: str, login: str) -> dict[str, Text]:
    if why := passwords.weakness(new, login):
        return {"new": why}
    if new == current:
        return {"new": _("Choose another password than the present one.")}
    if new != again:
        return {"again": _("The two new passwords differ.")}
    return {}


def _renew(person: Any, password: str) -> None:
    """Hash with today's parameters. The record itself does not change, so its version stays."""
    model = logins.model()
    values = {"password_hash": passwords.hashed(password), "updated_at": model.updated_at}
    db.session.execute(update(model).where(model.id == person.id).values(values).execution_options(synchronize_session=False))
