"""Empties the outbox: what is due goes out, one at a time, and whatever goes wrong is written down there."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy.exc import DBAPIError

from backoffice.db import db, reading
from backoffice.declare.messages import ByMail
from backoffice.errors import trace
from backoffice.messages import claims
from backoffice.messages.outbox import SendState, Why
from backoffice.messages.parcels import NotNow, parcel_of
from backoffice.messages.posts import NotSent, Post, Taken, Unsure, Wrapped

log = logging.getLogger(__name__)
BUDGET_S = 20.0
"""So long a round lasts at most: other work waits meanwhile, and the next round goes on in a minute."""


def posts(settings: Mapping[str, Any]) -> Iterator[Post]:
    """The ways out that the settings open. What they need is imported here: pages never do."""
    if settings["SMTP_HOST"]:
        from backoffice.messages.mail import Mail  # noqa: PLC0415  # see above

        yield Mail(settings)
    if settings["WEBHOOK_URL"]:
        from backoffice.messages.webhook import Webhook  # noqa: PLC0415  # see above

        yield Webhook(settings)


def send_due(owner: str, settings: Mapping[str, Any], check: Callable[[], None]) -> None:
    """Send what is due. ``check`` is called between two parcels and may raise."""
    mine = f"{owner}/{secrets.token_hex(4)}"
    claims.recover(mine)
    for post in posts(settings):
        with post:
            _empty(post, mine, check)


def _empty(post: Post, owner: str, check: Callable[[], None]) -> None:
    end = time.monotonic() + BUDGET_S
    while time.monotonic() < end:
        check()
        row = claims.take(post.ways, owner)
        if row is None or not _send(post, row, owner):
            return


def _send(post: Post, row: Any, owner: str) -> bool:
    """Send one; False where the whole way is blocked."""
    told: tuple[int, ...] = ()
    try:
        goods = _wrapped(post, row)
        told = goods.told
        post.hand_over(goods, lambda: _mark(row.id, owner, told))
        claims.finish(row.id, owner, SendState.SENT)
    except NotNow as never:
        _leave(row, owner, never)
    except Taken:
        log.warning("outbox %s is in other hands now", row.id)
    except Unsure:
        claims.finish(row.id, owner, SendState.UNSURE, Why.UNREACHABLE)
    except NotSent as no:
        _not_sent(post, row, owner, no, told)
        return not no.is_blocked
    return True


def _wrapped(post: Post, row: Any) -> Wrapped:
    """What goes out, from one look at the database."""
    with reading():
        try:
            return post.wrap(parcel_of(row))
        except (NotNow, DBAPIError):
            raise
        except Exception as problem:  # noqa: BLE001  # a rule of the domain that fails must not stop the others
            log.error("outbox %s cannot be made\n%s", row.id, trace(problem))  # noqa: TRY400  # messages of errors may hold anybody's data
            raise NotSent(Why.BROKEN) from None
        finally:
            db.session.rollback()


def _mark(number: int, owner: str, told: tuple[int, ...]) -> None:
    if not claims.hand_over(number, owner, told):
        raise Taken


def _leave(row: Any, owner: str, never: NotNow) -> None:
    if never.until is not None:
        claims.put_off(row.id, owner, never.until)
        return
    if never.told:
        claims.settle(never.told)
    claims.finish(row.id, owner, SendState.DROPPED, never.why)


def _not_sent(post: Post, row: Any, owner: str, no: NotSent, told: tuple[int, ...]) -> None:
    log.warning("outbox %s: %s %s", row.id, no.why.value, no.reply or "")
    if told:
        claims.settle(told, ByMail.DIGEST.value)
    if no.is_final:
        claims.finish(row.id, owner, SendState.FAILED, no.why, no.reply)
    else:
        claims.try_later(row.id, owner, row.attempts, no.why, no.reply)
    if no.is_blocked:
        claims.all_later(post.ways, no.why, no.reply)
