"""Where a page of a list begins, as it stands in the address.

``page=`` holds a cursor: the values of the row that the page begins with, or ends before, written so
that nobody mistakes them for a number to change. So a link means the same rows whatever was added
before them. ``page=3`` is a number, for the first pages; ``page=last`` is the end; ``at=`` is a day, a
number or the beginning of a text in the sorted column.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from backoffice.declare import _
from backoffice.declare.kinds import Amount, Calendar, Instant, Truth
from backoffice.declare.kinds import Selection as Closed
from backoffice.errors import BadRequest
from backoffice.views.common import clipped, whole_number
from backoffice.views.jumping import value_at
from backoffice.views.ordering import Key

LONGEST = 2000
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Place:
    """A place in a list: by number, at its end, at a row (``values``, its own and the id), or at a value of the first key."""

    number: int | None = 1
    values: tuple[Any, ...] = ()
    is_backward: bool = False

    @property
    def is_first(self) -> bool:
        """Whether it is the beginning of the list."""
        return self.number == 1

    @property
    def is_end(self) -> bool:
        """Whether it is the end, read backward."""
        return self.is_backward and not self.values


FIRST = Place()
LAST = Place(None, is_backward=True)


def place(page: str | None, at: str | None, keys: Sequence[Key], sort: str) -> Place:
    """The place that an address names; raises :class:`BadRequest` for what names none."""
    if at and at.strip():
        return Place(None, (value_at(keys[0], at),))
    if not page:
        return FIRST
    if page == "last":
        return LAST
    number = whole_number(page)
    return Place(number) if number is not None else _read(page, keys, sort)


def cursor(values: Sequence[Any], sort: str, *, is_backward: bool) -> str:
    """The text of ``page=`` for the page that begins with a row, or ends right before it."""
    plain = json.dumps([sort, int(is_backward), *map(_plain, values)], ensure_ascii=False, separators=(",", ":"))
    return "~" + base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int) or value is None:
        return value
    return value.isoformat() if isinstance(value, date) else str(getattr(value, "value", value))


def _read(text: str, keys: Sequence[Key], sort: str) -> Place:
    try:
        if not text.startswith("~") or len(text) > LONGEST:
            raise ValueError
        found = json.loads(base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True))
        about, backward, *values = found
        if about != sort or backward not in (0, 1) or len(values) != len(keys):
            raise ValueError
        return Place(None, tuple(_loaded(key, value) for key, value in zip(keys, values, strict=True)), bool(backward))
    except (ValueError, TypeError, ArithmeticError, RecursionError, binascii.Error) as problem:
        raise BadRequest(_("“{text}” is no page number.", text=clipped(text))) from problem


def _loaded(key: Key, stored: Any) -> Any:
    """The value of a key; raises ValueError for what is none."""
    if stored is None:
        if not key.is_open:
            raise ValueError
        return None
    if isinstance(key.kind, Closed):
        return key.kind.members(stored)  # type: ignore[call-arg]  # a member by its code
    if isinstance(key.kind, Instant):
        moment = datetime.fromisoformat(stored)
        return moment.astimezone(UTC) if moment.tzinfo else _fail()
    if isinstance(key.kind, Calendar):
        return date.fromisoformat(stored)
    if isinstance(key.kind, Amount):
        return _amount(stored)
    if isinstance(key.kind, Truth):
        return stored if isinstance(stored, bool) else _fail()
    if key.kind.numeric:
        return stored if isinstance(stored, int) and abs(stored) <= LARGEST and not isinstance(stored, bool) else _fail()
    return _sendable(stored)


def _fail() -> Any:
    raise ValueError


def _amount(stored: Any) -> Decimal:
    try:
        number = Decimal(stored)
    except (InvalidOperation, TypeError) as problem:
        raise ValueError from problem
    if not number.is_finite() or abs(number) > LARGEST or number != round(number, 2):
        raise ValueError
    return number


def _sendable(stored: Any) -> str:
    if not isinstance(stored, str) or "\x00" in stored:
        raise ValueError
    stored.encode()  # half of a character is a ValueError
    return stored
