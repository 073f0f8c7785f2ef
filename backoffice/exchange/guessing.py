"""What a person is offered when a file is matched: the fields that a column may go to, a first guess for each, and what finds records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import UniqueConstraint

from backoffice import access
from backoffice.access import Access
from backoffice.declare import Verb, _, fold
from backoffice.declare.text import CHINESE, ENGLISH, Text
from backoffice.exchange.goals import Goal, by_header, by_word, goals
from backoffice.exchange.mapping import IGNORED, headings
from backoffice.exchange.preparing import Target
from backoffice.plan import Field, Plan, plan_of

_DECORATION = re.compile(r"[(（\[【<《][^)）\]】>》]*[)）\]】>》]|[*＊:：?？!！_\s-]+")
BY_NAME, BY_LABEL, BY_ALIAS, BY_KEY = "name", "label", "alias", "key"
SIMILAR, REMEMBERED, BY_HAND, UNKNOWN, SYSTEM_COLUMN, NO_RIGHT = "similar", "remembered", "hand", "unknown", "system", "no_right"
HOW: Mapping[str, Text] = {
    BY_NAME: _("by the name of the field"), BY_LABEL: _("by its label"), BY_ALIAS: _("by another name"), BY_KEY: _("by the key of the other record"),
    SIMILAR: _("a similar header; please check"), REMEMBERED: _("as remembered"), BY_HAND: _("chosen by you"), UNKNOWN: _("nobody knows this header"),
    SYSTEM_COLUMN: _("kept by the system itself"), NO_RIGHT: _("not yours to write"),
}


@dataclass(frozen=True)
class Guess:
    """A column of the file, where it probably goes, and how that was found."""

    index: int
    heading: str
    goal: Goal | None
    how: str

    @property
    def field(self) -> Field | None:
        """The field that it probably means."""
        return self.goal.field if self.goal is not None else None


def writable(person: Any, plan: Plan) -> list[Field]:
    """The fields that the person's files may write, in the order of declaration; locked ones only for whoever imports history."""
    has_history = person is access.SYSTEM or access.can(person, Verb.HISTORY, plan)
    levels = ((one, access.field_access(person, plan, one, Verb.IMPORT)) for one in plan.fields.values() if not (one.is_system or one.secret))
    return [one for one, level in levels if level is Access.WRITE or (one.locked and level > Access.HIDDEN and (has_history or one in plan.key))]


def comparable(person: Any, plan: Plan) -> list[Field]:
    """Further fields that a file may carry unchanged: the person reads them, and a file does not change them."""
    mine = writable(person, plan)
    return [one for one in plan.fields.values() if one.locked and one not in mine and _reads(person, plan, one)]


def findable(person: Any, plan: Plan) -> list[Field]:
    """The fields that records may be found by: those that the person reads in full, so that a match tells nothing new."""
    return [one for one in plan.fields.values() if _reads(person, plan, one)]


def _reads(person: Any, plan: Plan, one: Field) -> bool:
    is_open = not (one.is_system or one.secret)
    return is_open and access.field_access(person, plan, one, Verb.EXPORT) is Access.READ and access.can(person, Verb.READ, plan)


def key_sets(person: Any, plan: Plan) -> list[tuple[Field, ...]]:
    """Sets of fields that are declared unique and that the person may find records by; the natural key first."""
    open_to, by_column = findable(person, plan), {one.column: one for one in plan.fields.values()}
    constraints = (one.columns for one in plan.table.constraints if isinstance(one, UniqueConstraint))
    declared: list[tuple[Field, ...]] = [(one,) for one in plan.fields.values() if one.unique]
    declared += [tuple(by_column[column.key] for column in columns if column.key in by_column) for columns in constraints]
    others = {frozenset(one.name for one in some): some for some in declared if all(one in open_to for one in some)}
    others.pop(frozenset(one.name for one in plan.key), None)
    return [plan.key, *others.values()]


def offered(person: Any, target: Target) -> tuple[list[Goal], list[Goal]]:
    """Where the person may let columns go: to be written, and only to be compared. A goal that serves several nouns is offered where all of it may be."""
    plans = [target] if isinstance(target, Plan) else [part.plan for part in target.parts]
    write = {(plan.name, one.name) for plan in plans for one in writable(person, plan)}
    compare = {(plan.name, one.name) for plan in plans for one in comparable(person, plan)}
    found = goals(target)
    mine = [one for one in found if one.names <= write]
    return mine, [one for one in found if one.names <= write | compare and not one.names <= write]


def guess(person: Any, target: Target, headers: Sequence[str], remembered: Mapping[str, str] | None = None) -> list[Guess]:
    """The first guess for each column. ``remembered`` is how a source's headers were matched before; no field is guessed twice."""
    by_hand = {fold(header): word for header, word in (remembered or {}).items()}
    guesser = _Guesser(person, target, by_hand)
    return list(_once_each([guesser.guess(*column) for column in enumerate(zip(headings(headers), headers, strict=True))]))


class _Guesser:
    """What is known of headers, for one person and one kind of file."""

    def __init__(self, person: Any, target: Target, remembered: Mapping[str, str]) -> None:
        self.person, self.remembered = person, remembered
        self.by_word, self.by_header = by_word(target), by_header(target)
        self.offered = {one.word for some in offered(person, target) for one in some}

    def guess(self, index: int, names: tuple[str, str]) -> Guess:
        """The guess for a column by its heading and its header."""
        name, header = names
        if fold(name) in self.remembered:
            word = self.remembered[fold(name)]
            goal = self.by_word.get(word) if word != IGNORED else None
            return Guess(index, name, goal if goal is not None and goal.word in self.offered else None, REMEMBERED)
        goal, how = self._understood(header)
        if goal is not None and goal.field.is_system:
            return Guess(index, name, None, SYSTEM_COLUMN)
        if goal is not None and goal.word not in self.offered:
            return Guess(index, name, None, UNKNOWN if self._is_hidden(goal) else NO_RIGHT)
        return Guess(index, name, goal, how)

    def _is_hidden(self, goal: Goal) -> bool:
        return any(access.field_access(self.person, plan, one, Verb.IMPORT) is Access.HIDDEN for plan, one in goal.feeds)

    def _understood(self, header: str) -> tuple[Goal | None, str]:
        exact = self.by_header.get(fold(header))
        if exact is not None:
            return exact, _how(exact, fold(header))
        plain = fold(_DECORATION.sub("", header))
        if plain:
            for known, goal in self.by_header.items():
                if fold(_DECORATION.sub("", known)) == plain:
                    return goal, SIMILAR
        return None, UNKNOWN


def _how(goal: Goal, folded: str) -> str:
    one = goal.field
    ways = (
        (BY_NAME, (one.name, one.word, goal.word)), (BY_LABEL, (one.label.in_locale(CHINESE), one.label.in_locale(ENGLISH))),
        (BY_ALIAS, (*one.aliases, *goal.aliases)),
    )
    return next((how for how, names in ways if folded in {fold(name) for name in names}), BY_KEY)


def _once_each(guesses: Sequence[Guess]) -> Iterator[Guess]:
    """Of two columns for one field the surer one keeps it."""
    surest = {REMEMBERED: 0, BY_NAME: 1, BY_LABEL: 1, BY_ALIAS: 2, BY_KEY: 3, SIMILAR: 4}
    best: dict[tuple[str, str], Guess] = {}
    for one in guesses:
        for name in one.goal.names if one.goal is not None else ():
            best[name] = min(best.get(name, one), one, key=lambda some: surest.get(some.how, 9))
    for one in guesses:
        is_kept = one.goal is None or all(best[name].how == one.how for name in one.goal.names)
        yield one if is_kept else Guess(one.index, one.heading, None, UNKNOWN)


def may_make(person: Any, link: Field) -> bool:
    """Whether a missing record behind a link could be made of its key alone, by this person."""
    if link.target is None:
        return False
    plan = plan_of(link.target)
    needed = {one.name for one in plan.fields.values() if one.required and not (one.locked or one.is_system or one.numbered)}
    return access.can(person, Verb.CREATE, plan) and plan.resource.importable and needed <= {one.name for one in plan.key}
