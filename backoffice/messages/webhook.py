"""The webhook: every event once, as signed JSON without personal data, to one address of the settings."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from backoffice.declare import clock
from backoffice.messages.letters import identity
from backoffice.messages.outbox import Way, Why
from backoffice.messages.parcels import Parcel
from backoffice.messages.posts import TIMEOUT_S, Mark, NotSent, Post, Wrapped


class Webhook(Post):
    """Posts to the address of the settings and follows no redirect. What it is not sure of it posts again: the ``id`` stays the same."""

    ways = (Way.WEBHOOK,)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def wrap(self, parcel: Parcel) -> Wrapped:
        """See :class:`Post`."""
        return Wrapped(payload(parcel, self._settings))

    def hand_over(self, goods: Wrapped, mark: Mark) -> None:
        """See :class:`Post`; ``mark`` is not called, for whoever listens drops an ``id`` that came before."""
        try:
            status = self._post(goods.data)
        except (OSError, http.client.HTTPException):
            raise NotSent(Why.UNREACHABLE, is_blocked=True) from None
        if not 200 <= status < 300:
            raise NotSent(Why.REFUSED if status < 500 else Why.LATER, status, is_blocked=status in (401, 403, 404, 429, 503))

    def _post(self, body: bytes) -> int:
        parts = urlsplit(self._settings["WEBHOOK_URL"])
        host: Any = parts.hostname
        connection = http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_S) if parts.scheme == "http" else http.client.HTTPSConnection(
            host, parts.port, timeout=TIMEOUT_S, context=ssl.create_default_context(),
        )
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, {
                "Content-Type": "application/json", "User-Agent": "aftercare", "Connection": "close",
                "Aftercare-Signature": signature(body, self._settings["WEBHOOK_SECRET"], int(clock.now().timestamp())),
            })
            return connection.getresponse().status
        finally:
            connection.close()


def payload(parcel: Parcel, settings: Mapping[str, Any]) -> bytes:
    """What has happened to which record; no name, no text."""
    (item,) = parcel.items
    address = f"/{item.plan.name}/{item.record.id}"
    return json.dumps({
        "id": identity(parcel.event, settings), "occasion": item.occasion.name, "resource": item.plan.name, "record": item.plan.key_of(item.record),
        "event": item.message.key, "at": item.message.told_at.isoformat(), "urgent": item.occasion.urgent,
        "address": f"{settings['PUBLIC_URL'] or ''}{address}",
    }, ensure_ascii=False).encode()


def signature(body: bytes, secret: str, at: int) -> str:
    """``t=<seconds since 1970>,v1=<HMAC-SHA256 of "t.body", in hex>``."""
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"
