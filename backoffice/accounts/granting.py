"""Giving logins and taking them away: the rules, without the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from backoffice import keys
from backoffice.accounts import logins, sessions, signing
from backoffice.audit import context
from backoffice.db import db
from backoffice.declare import Choice, Invalid, Model, Refused, _, clock
from backoffice.plan import Field, Plan, plan_of


def asked_fields(plan: Plan) -> list[Field]:
    """The fields that make a person: the key, what a record must have, and the links that the list shows."""
    return [
        one for one in plan.open_fields
        if one.name != "role" and (one in plan.key or one.required or (one.is_link and one in plan.columns))
    ]


def check(login: str, given: Mapping[str, str]) -> None:
    """Refuse what :func:`create` would refuse, before anybody is asked for a password. Leaves nothing open."""
    try:
        _free(login)
        _values(login, given)
        _person(given)
    finally:
        db.session.rollback()


def create(login: str, role: Choice, given: Mapping[str, str], password: str) -> Any:
    """Give a person a login: the one with this key if there is one, else a new one. Commits.

    ``given`` holds texts by field name. Of a new person, required texts that are not given are
    the login. Raises :class:`Refused`, or what the database refuses.
    """
    folded = _free(login)
    values = _values(login, given)
    person = _person(given)
    if person is None:
        person = logins.model()(**values)
        db.session.add(person)
    else:
        logins.lock(person)
        for name in given:
            setattr(person, name, values[name])
    person.login, person.role, person.disabled_at = folded, role, None
    signing.set_password(person, password)
    db.session.commit()
    return person


def reset(login: str, password: str) -> Any:
    """Give the person another password and end all sessions. Commits."""
    person = known(login)
    logins.lock(person)
    signing.set_password(person, password)
    db.session.commit()
    return person


def disable(login: str) -> Any:
    """Shut the person out, now. The record and its history stay. Commits."""
    person = known(login)
    logins.lock(person)
    with context.circumstances(action="disable"):
        person.disabled_at = person.disabled_at or clock.now()
        sessions.end_all(person)
        db.session.commit()
    return person


def enable(login: str) -> Any:
    """Let a disabled person in again, with the password of before. Commits."""
    person = known(login)
    logins.lock(person)
    with context.circumstances(action="enable"):
        person.disabled_at = None
        db.session.commit()
    return person


def known(login: str) -> Any:
    """The person with this login; refuses where there is none."""
    person = logins.find(login)
    if person is None:
        raise Refused(_("Nobody has the login “{login}”.", login=login[: logins.LONGEST]), field="login", code="unknown_login")
    return person


def people() -> list[Any]:
    """Everybody with a login, in order."""
    model = logins.model()
    return list(db.session.scalars(select(model).where(model.login.is_not(None)).order_by(func.lower(model.login), model.id)))


def _free(login: str) -> str:
    """The login as it is stored; refuses one that cannot be, or that somebody has."""
    folded = logins.fold_login(login)
    if not folded or len(folded) > logins.LONGEST or folded != login.strip().casefold():
        raise Refused(_("A login is one word of at most {most} characters.", most=logins.LONGEST), field="login")
    model = logins.model()
    if db.session.scalars(select(model.id).where(func.lower(model.login) == folded)).first() is not None:
        raise Refused(_("Somebody has the login “{login}” already.", login=folded), field="login", code="not_unique")
    return folded


def _person(given: Mapping[str, str]) -> Any | None:
    """The person there already whose key is given; refuses one who signs in already."""
    plan = logins.plan()
    if not all(one.name in given for one in plan.key):
        return None
    key = "/".join(given[one.name] for one in plan.key)
    person: Any = keys.find(db.session(), select(plan.model), plan, key)
    if person is not None and person.login is not None:
        raise Refused(_("{person} signs in as “{login}” already.", person=str(person), login=person.login))
    if person is not None and person.archived_at is not None:
        raise Refused(_("{person} is archived. Restore the record first.", person=str(person)))
    return person


def _values(login: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The typed values; what a new person must have and was not given is the login."""
    plan, values = logins.plan(), {}
    new = not all(one.name in given for one in plan.key) or _person(given) is None
    for one in asked_fields(plan):
        text = given.get(one.name)
        if text is None and new and one.required and not one.is_link:
            text = login
        if text is not None:
            values[one.name] = _linked(one, text) if one.is_link else _parsed(one, text)
        elif new and one.required:
            raise Refused(_("{label} is needed: give --{option}.", label=one.label, option=option(one)), field=one.name, code="required")
    return values


def option(one: Field) -> str:
    """The field's name as an option of a command, without the dashes in front."""
    return one.name.replace("_", "-")


def _parsed(one: Field, text: str) -> Any:
    try:
        return one.kind.parse(text)
    except Invalid as problem:
        raise Refused(_("{label}: {why}", label=one.label, why=problem.why), field=one.name, code=problem.code) from None


def _linked(one: Field, text: str) -> Model:
    assert one.target is not None  # noqa: S101  # a link has a target
    plan = plan_of(one.target)
    query = select(plan.model).where(plan.model.archived_at.is_(None))
    record = keys.find(db.session(), query, plan, text)
    if record is None:
        raise Refused(_("{label}: there is no “{key}”.", label=one.label, key=text[:100]), field=one.name, code="unknown_link")
    return record
