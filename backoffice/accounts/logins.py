"""Logins: how they are compared, and whose one is."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from backoffice.db import db
from backoffice.plan import Plan

LONGEST = 64


def plan() -> Plan:
    """The plan of the people who sign in."""
    return current_app.extensions["plans"].accounts  # type: ignore[no-any-return]  # put there by create_app


def model() -> Any:
    """Their model: an Account."""
    return plan().model


def fold_login(text: str) -> str:
    """The login as it is compared: half width, lower case, nothing blank or invisible around or in it."""
    half = unicodedata.normalize("NFKC", text[: LONGEST * 4])
    return "".join(letter for letter in half.casefold() if letter.isprintable() and not letter.isspace())


def find(login: str) -> Any | None:
    """The person with this login, disabled or not.

    Logins that an import brought may differ in case alone: then only the exact one counts.
    """
    folded, people = fold_login(login), model()
    if not folded or len(folded) > LONGEST:
        return None
    found = db.session.scalars(select(people).where(func.lower(people.login) == folded)).all()
    chosen = [one for one in found if one.login == login.strip()] or found
    return chosen[0] if len(chosen) == 1 else None


def lock(person: Any) -> None:
    """Read the person anew and let nobody else change the record until the commit."""
    db.session.refresh(person, with_for_update=True)
