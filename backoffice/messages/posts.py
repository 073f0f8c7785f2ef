"""The ways out of the house: a mail server, and somebody's program that wants to know of every event.

A post hands a parcel over and says what became of it. It never repeats what a server answers but for its number: an answer may hold
an address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Self

from backoffice.messages.outbox import Way, Why
from backoffice.messages.parcels import Parcel

TIMEOUT_S = 10
Mark = Callable[[], None]


class NotSent(Exception):
    """The server has not taken it. ``is_final``: it never will; ``is_blocked``: nor would it take anything else now."""

    def __init__(self, why: Why, reply: int | None = None, *, is_final: bool = False, is_blocked: bool = False) -> None:
        super().__init__(why)
        self.why, self.reply, self.is_final, self.is_blocked = why, reply, is_final, is_blocked


class Unsure(Exception):
    """The server may have taken it: it had all of it, and did not say."""


class Taken(Exception):
    """Somebody else sends it by now."""


@dataclass(frozen=True)
class Wrapped:
    """A parcel as it goes out: ``told`` are the messages that it settles."""

    data: bytes
    address: str = ""
    told: tuple[int, ...] = ()


class Post:
    """One way out, open for the length of a block."""

    ways: ClassVar[tuple[Way, ...]]

    def wrap(self, parcel: Parcel) -> Wrapped:
        """What is handed over; reads only."""
        raise NotImplementedError

    def hand_over(self, goods: Wrapped, mark: Mark) -> None:
        """Hand it over, outside of any transaction; ``mark`` is called right before the server may take it for its own.

        Raises :class:`NotSent` or :class:`Unsure`, and lets pass what ``mark`` raises.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Say goodbye."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.close()
