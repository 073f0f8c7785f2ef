"""Who is acting now, for rules that ask (an own proposal is never self-approved)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_actor: ContextVar[Any] = ContextVar("actor", default=None)


def actor() -> Any:
    """The account of the person who acts, or None where the system acts by itself."""
    return _actor.get()


def set_actor(person: Any) -> None:
    """Say who acts from now on, in this context."""
    _actor.set(person)


@contextmanager
def acting(person: Any) -> Iterator[None]:
    """Let a person act for the length of a block."""
    token = _actor.set(person)
    try:
        yield
    finally:
        _actor.reset(token)
