"""How often somebody may try: 10 failures in 15 minutes for an account, 100 for an address.

Every attempt is written down and committed before its password is checked, and taken back when it
succeeds. Of many attempts at the same moment each sees all the others, so they cannot overshoot. An
attempt that is turned away is not counted: the window passes even while somebody keeps knocking.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from flask import current_app
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from backoffice.accounts.logins import fold_login
from backoffice.accounts.models import LoginFailure
from backoffice.db import db
from backoffice.declare import clock

log = logging.getLogger(__name__)
WINDOW = timedelta(minutes=15)
PER_ACCOUNT, PER_ADDRESS = 10, 100


def begin(login: str, address: str | None) -> int | None:
    """Write an attempt down and answer its number, or None where there were too many.

    Commits. What follows is :func:`succeed`, or nothing: then it was a failure.
    """
    now = clock.now()
    account, place = _hidden("account", fold_login(login)), _hidden("address", network(address))
    old = select(LoginFailure.id).where(LoginFailure.at <= now - WINDOW).with_for_update(skip_locked=True)
    db.session.execute(delete(LoginFailure).where(LoginFailure.id.in_(old)))
    new = insert(LoginFailure).values(at=now, account=account, address=place)
    attempt: int = db.session.execute(new.returning(LoginFailure.id)).scalar_one()
    db.session.commit()
    if _count(LoginFailure.account, account) <= PER_ACCOUNT and _count(LoginFailure.address, place) <= PER_ADDRESS:
        db.session.rollback()
        return attempt
    succeed(attempt)
    db.session.commit()
    log.warning("too many attempts to sign in were turned away")
    return None


def succeed(attempt: int) -> None:
    """Take an attempt back: successes never count. The caller commits."""
    db.session.execute(delete(LoginFailure).where(LoginFailure.id == attempt))


def network(address: str | None) -> str:
    """What counts as one address: an IPv4 address, or the /64 that an IPv6 subscriber has to choose from."""
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def _count(column: InstrumentedAttribute[str], value: str) -> int:
    since = clock.now() - WINDOW
    query = select(func.count()).select_from(LoginFailure).where(column == value, LoginFailure.at > since)
    return db.session.execute(query).scalar_one()


def _hidden(sort: str, text: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"login failure, {sort}: {text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
