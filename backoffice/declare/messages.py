"""Telling people what happens: what there is to be told, and the one call that tells it.

An :class:`Occasion` is declared once, beside the model that it is about. :func:`tell` puts a message into the inbox of each person,
with the commit of the caller's transaction; mails and other ways out follow later, as each person has chosen, and never hold the
caller up (``docs/messages.md``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from backoffice.declare import clock
from backoffice.declare.account import Account
from backoffice.declare.base import Model
from backoffice.declare.choice import Choice
from backoffice.declare.outcome import BadDeclaration
from backoffice.declare.text import CHINESE, ENGLISH, Text, _

TOLD: Final = "told"
"""Where a session keeps what is to be told with its commit."""
LONGEST_KEY, LONGEST_TITLE = 100, 200
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
Still = Callable[[Any, str], bool]


class ByMail(Choice):
    """Whether a person gets a message by e-mail too."""

    AT_ONCE = "at_once", _("At once", "立即发送"), "info"
    DIGEST = "digest", _("In the daily digest", "每日汇总")
    NEVER = "never", _("No e-mail", "不发邮件")


@dataclass(frozen=True)
class Occasion:
    """Something that people are told about records of the noun ``about`` (the name of its resource).

    ``still(record, key)`` is asked again when a message is about to leave the house: where it says no, the message has been overtaken
    and stays in the inbox alone. An ``urgent`` one does not wait for the end of somebody's quiet hours. ``by_mail`` holds for those
    who have not chosen.
    """

    name: str
    label: Text
    about: str
    still: Still | None = None
    urgent: bool = False
    by_mail: ByMail = ByMail.AT_ONCE

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.name) or OCCASIONS.setdefault(self.name, self) is not self:
            raise BadDeclaration(f"B048 the occasion {self.name!r} has the name of another one, or one that cannot stand in an address.")


OCCASIONS: dict[str, Occasion] = {}
"""Every declared occasion, by name."""


@dataclass(frozen=True)
class Tidings:
    """What is to be told with the commit of ``transaction``, each text as (Chinese, English)."""

    record: Model
    occasion: Occasion
    people: frozenset[int]
    key: str
    title: tuple[str, str]
    body: tuple[str, str] | None
    at: datetime
    transaction: Any


def tell(record: Model, occasion: Occasion, people: Iterable[Account | int], *, key: str, title: Text, body: Text | None = None) -> None:
    """Tell people (or the ids of people) what has happened to a record, each in the own language; it holds if the transaction does.

    ``key`` names what happened to this record on this occasion (``"3-90"``: the third stretch, at 90 %): each person gets one message
    of it, however often and by how many workers at once it is told. Costs next to nothing here: all is written in one go at the commit.
    """
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"the key of a message has 1 to {LONGEST_KEY} characters")
    whom = frozenset(one if isinstance(one, int) else one.id for one in people)
    if not whom:
        return
    session = record.session
    if not session.in_transaction():
        session.begin()  # so that there is something to roll back
    told: list[Tidings] = session.info.setdefault(TOLD, [])
    texts = _both(title), None if body is None else _both(body)
    told.append(Tidings(record, occasion, whom, key, *texts, clock.now(), session.get_nested_transaction() or session.get_transaction()))


def _both(text: Text) -> tuple[str, str]:
    return text.in_locale(CHINESE), text.in_locale(ENGLISH)
