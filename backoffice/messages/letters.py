"""How a message reads as a mail: in the person's language, plain, with the way to the record where the house has an address."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, Final

from backoffice.declare import _, clock
from backoffice.declare.kinds import Instant
from backoffice.declare.text import use_locale
from backoffice.messages import inbox
from backoffice.messages.outbox import Way
from backoffice.messages.parcels import Item, Parcel

POLICY: Final = policy.SMTP.clone(cte_type="7bit")
_INSTANT = Instant()


def letter(parcel: Parcel, settings: Mapping[str, Any]) -> bytes:
    """The mail as it is handed to a server. The same parcel has the same Message-ID for good."""
    person, made = parcel.person, EmailMessage(policy=POLICY)
    with use_locale(person.language.value if person.language is not None else settings["LOCALE"]):
        made["Subject"] = _subject(parcel)
        made.set_content("\n".join(_lines(parcel, settings["PUBLIC_URL"])))
    made["From"], made["To"] = settings["MAIL_FROM"], person.email
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = f"<{identity(parcel.event, settings)}@{parseaddr(settings['MAIL_FROM'])[1].partition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    return made.as_bytes()


def identity(event: str, settings: Mapping[str, Any]) -> str:
    """A name of an event for the world outside: always the same, and telling nothing."""
    return hmac.new(str(settings["SECRET_KEY"]).encode(), f"outbox {event}".encode(), hashlib.sha256).hexdigest()[:32]


def _subject(parcel: Parcel) -> str:
    if parcel.way is Way.DIGEST:
        return str(_("{count} unread messages", count=len(parcel.items) + parcel.left_out))
    return inbox.title(parcel.items[0].message)


def _lines(parcel: Parcel, site: str | None) -> Iterator[str]:
    for item in parcel.items:
        yield from _told(item, site, is_short=parcel.way is Way.DIGEST)
    if parcel.left_out:
        yield str(_("And {count} more in the inbox.", count=parcel.left_out))
    yield "-- "
    yield str(_("Sent by itself. What you get by mail, and when, you choose under “My account”."))
    if site:
        yield f"{site}/account/messages"


def _told(item: Item, site: str | None, *, is_short: bool) -> Iterator[str]:
    body = None if is_short else inbox.body(item.message)
    yield f"{_INSTANT.show(item.message.told_at.replace(second=0))}  {inbox.title(item.message)}" if is_short else inbox.title(item.message)
    yield from ([body] if body else [])
    yield f"{site}/inbox/{item.message.id}" if site else f"{item.plan.resource.singular} {item.plan.key_of(item.record)}"
    yield ""
