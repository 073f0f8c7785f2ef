"""Jumps in a list: to the first row at or after a day, a number or the beginning of a text."""

from __future__ import annotations

from typing import Any

from backoffice.declare import Code, Invalid, _, fold
from backoffice.declare.kinds import Calendar, Instant, Truth
from backoffice.declare.kinds import Selection as Closed
from backoffice.errors import BadRequest
from backoffice.views.filters import span_of
from backoffice.views.matching import cleaned
from backoffice.views.ordering import Key

AFTER_ALL = "\U0010ffff"
"""Sorts after every letter: downward, a text and all that begins with it stand before what follows."""


def control_of(key: Key) -> str | None:
    """Which control asks where to jump; None where nobody would say it with a value."""
    if key.label is None or isinstance(key.kind, Truth | Closed):
        return None
    return "date" if isinstance(key.kind, Calendar | Instant) else "text"


def value_at(key: Key, text: str) -> Any:
    """The value that a jump goes to: of all that the text may mean, the first in the order of the list."""
    words = cleaned(text)
    if isinstance(key.kind, Truth):
        raise BadRequest(_("One cannot jump in a list that is sorted by “{label}”.", label=key.label))
    if key.kind.numeric or isinstance(key.kind, Calendar | Instant | Closed):
        try:
            first, last = span_of(key.kind, words)
        except Invalid as no:
            raise BadRequest(_("Jump: {why}", why=no.why)) from no
        return last if key.is_down else first
    folded = fold(words) if isinstance(key.kind, Code) else words
    return folded + AFTER_ALL if key.is_down else folded
