"""The columns of a file on their page, one by one, and the texts of choices and links that mean nothing yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.access import can
from backoffice.db import db
from backoffice.declare import Text, Verb
from backoffice.exchange import counting, guessing
from backoffice.exchange.counting import Unknown
from backoffice.exchange.goals import Goal
from backoffice.exchange.options import Options
from backoffice.exchange.preparing import Target
from backoffice.exchange.surveying import Content, Survey
from backoffice.plan import Field, Plan
from backoffice.views.common import target_of

MOST_UNKNOWN = 20
FEW = 3


@dataclass(frozen=True)
class Line:
    """One column of the file: where it goes, why, and what its blank cells do."""

    index: int
    content: Content
    goal: Goal | None
    how: str
    policy: str
    further: list[Goal]

    @property
    def why(self) -> Text:
        """How the field was found."""
        return guessing.HOW[self.how]

    @property
    def is_compared(self) -> bool:
        """Whether the column is compared and never written."""
        return self.goal is not None and self.goal.word in {one.word for one in self.further}


@dataclass(frozen=True)
class Bad:
    """The unknown texts of a column, some of them, with what stands for each."""

    line: Line
    goal: Goal
    texts: list[tuple[Unknown, str | None]]
    rest: int
    rows: int
    choices: list[tuple[str, str]]
    address: str | None = None
    may_make: bool = False
    is_made: bool = False
    is_partial: bool = False

    @property
    def is_open(self) -> bool:
        """Whether they are shown at once: a few choices are, long lists of links wait."""
        return bool(self.choices) or self.is_made or len(self.texts) + self.rest <= FEW or any(text is not None for _unknown, text in self.texts)


def unknown(person: Any, target: Target, survey: Survey, options: Options, lines: Sequence[Line]) -> list[Bad]:
    """The columns of choices and links that hold texts which mean nothing."""
    found = (_unknown(person, target, survey, options, line, _brought(target, lines, line.goal.field)) for line in lines if line.goal is not None)
    return [one for one in found if one is not None]


def _unknown(person: Any, target: Target, survey: Survey, options: Options, line: Line, brought: Iterable[str]) -> Bad | None:
    texts, goal = line.content.texts, line.goal
    if texts is None or goal is None or not (goal.field.is_link or counting.is_listed(goal.field)):
        return None
    one, given = goal.field, options.values.get(goal.word, {})
    unknown = counting.unknown_texts(db.session(), person, one, texts, brought)
    if not unknown:
        return None
    shown = sorted(unknown, key=lambda some: some.text not in given)[:MOST_UNKNOWN]
    return Bad(
        line, goal, [(some, given.get(some.text)) for some in sorted(shown, key=lambda some: (-some.count, some.text))],
        len(unknown) - len(shown), sum(some.count for some in unknown), [] if one.is_link else list(counting.choices(one)),
        _options_of(person, one), isinstance(target, Plan) and guessing.may_make(person, one), goal.word in options.parents,
        is_partial=not survey.is_whole or (one.is_link and len(texts) > counting.MOST_LINKS),
    )


def _options_of(person: Any, one: Field) -> str | None:
    """Where a picker asks."""
    if not one.is_link or not can(person, Verb.READ, target_of(one)):
        return None
    return f"/{target_of(one).name}/options"


def _brought(target: Target, lines: Sequence[Line], one: Field) -> Iterable[str]:
    """Keys of records that the file itself brings, for links to a noun of its own."""
    plans = [target] if isinstance(target, Plan) else [part.plan for part in target.parts]
    plan = next((plan for plan in plans if plan.model is one.target), None)
    if plan is None or len(plan.key) != 1:
        return ()
    key = (plan.name, plan.key[0].name)
    keys = (line.content.texts for line in lines if line.goal is not None and key in line.goal.names)
    return next(keys, None) or ()
