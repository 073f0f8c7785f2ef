"""What a rule has to do with: on which records ``before_save`` has anything to say.

A rule that says so lets a file of a hundred thousand rows be written set by set; the records that
it concerns, and only those, are taken one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Rule = TypeVar("Rule", bound=Callable[..., Any])
Brought = bool | tuple[str, ...]
"""Every record (True), none (False), or those that bring a value for one of these fields, or none for one that is marked :func:`lacks`."""
Occasion = Literal["new", "history", "change"]
"""A new record of today, a new record of an old system, a change of a known record."""
OCCASIONS: frozenset[Occasion] = frozenset({"new", "history", "change"})


class Lacking(str):
    """The name of a field that a rule fills in where a record brings nothing for it."""

    __slots__ = ()


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
    (``from_history``); a tuple of names means: only those that bring one of these fields, or
    do not bring one that the tuple has as ``lacks("name")``.
    """

    def mark(method: Rule) -> Rule:
        method.__concern__ = ConcernSpec(frozenset(fields), new, history)  # type: ignore[attr-defined]  # read by spec_of
        return method

    return mark


def lacks(name: str) -> Lacking:
    """Mark a field in a tuple of :func:`concerns`: the records that bring no value for it."""
    return Lacking(name)


def refuses(*occasions: Occasion) -> Callable[[Rule], Rule]:
    """Say when ``before_save`` may refuse a record at all; without this it is taken to do so always.

    On other occasions it fills in, here or in records beside, what no constraint of any table can
    turn down and no CHECK asks for; then the plan of an import need not try the rows out.
    """

    def mark(method: Rule) -> Rule:
        method.__refuses__ = frozenset(occasions)  # type: ignore[attr-defined]  # read by refusals_of
        return method

    return mark


def refusals_of(method: Callable[..., Any]) -> frozenset[Occasion]:
    """When a rule may refuse a record."""
    found: frozenset[Occasion] = getattr(method, "__refuses__", OCCASIONS)
    return found


def spec_of(method: Callable[..., Any]) -> ConcernSpec:
    """What a rule was declared to look at."""
    found: ConcernSpec = getattr(method, "__concern__", EVERYTHING)
    return found
