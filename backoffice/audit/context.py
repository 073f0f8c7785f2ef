"""What the trail says about a change beyond its values: the channel, the action, the import run, the merge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from backoffice.declare.journal import Source


@dataclass(frozen=True)
class Context:
    """The circumstances of the changes that happen now."""

    source: Source = Source.SYSTEM
    action: str | None = None
    run_id: int | None = None
    merge_id: int | None = None


_NOBODY = Context()
_context: ContextVar[Context] = ContextVar("audit_context", default=_NOBODY)


def current() -> Context:
    """The circumstances now."""
    return _context.get()


def set_source(source: Source) -> None:
    """Say which channel changes come through from now on, in this context."""
    _context.set(Context(source))


@contextmanager
def circumstances(**changed: Any) -> Iterator[None]:
    """Other circumstances for the length of a block: ``circumstances(action="renew")``."""
    token = _context.set(replace(_context.get(), **changed))
    try:
        yield
    finally:
        _context.reset(token)
