"""What a rule has to do with: on which records ``before_save`` has anything to say.

A rule that says so lets a file of a hundred thousand rows be written set by set; the records that
it concerns, and only those, are taken one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Rule = TypeVar("Rule", bound=Callable[..., Any])
Brought = bool | tuple[str, ...]
"""Every record (True), none (False), or those that bring a value for one of these fields."""


@dataclass(frozen=True)
class ConcernSpec:
    """What a declaration says of a rule. ``fields`` is None where a change of any field concerns it."""

    fields: frozenset[str] | None = None
    new: Brought = True
    history: Brought = True


EVERYTHING = ConcernSpec()
NOTHING = ConcernSpec(frozenset(), new=False, history=False)


def concerns(*fields: str, new: Brought = True, history: Brought = True) -> Callable[[Rule], Rule]:
    """Say what ``before_save`` looks at; without this it is taken to look at everything.

    ``fields``: of a known record, a change of one of these; a change of any other must leave the
    rule silent. ``new``: new records of today; ``history``: new records of an old system
    (``from_history``); a tuple of names means: only those that bring one of these fields.
    """

    def mark(method: Rule) -> Rule:
        method.__concern__ = ConcernSpec(frozenset(fields), new, history)  # type: ignore[attr-defined]  # read by spec_of
        return method

    return mark


def spec_of(method: Callable[..., Any]) -> ConcernSpec:
    """What a rule was declared to look at."""
    found: ConcernSpec = getattr(method, "__concern__", EVERYTHING)
    return found
