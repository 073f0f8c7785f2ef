"""All that the page about columns shows: each column with its field, what the keys find, and the texts that mean nothing yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from backoffice.db import db
from backoffice.declare import Text
from backoffice.declare.journal import ImportRun
from backoffice.exchange import counting, guessing, profiles, runs, surveying
from backoffice.exchange.counting import KeyCount
from backoffice.exchange.goals import Goal, by_word
from backoffice.exchange.guessing import Guess
from backoffice.exchange.layouts import LayoutPlan
from backoffice.exchange.mapping import IGNORED
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.preparing import Target
from backoffice.exchange.surveying import Content, Survey
from backoffice.plan import Field, Plan
from backoffice.views import mapping_flat, mapping_form
from backoffice.views.mapping_flat import Told, told
from backoffice.views.mapping_lines import Bad, Line, unknown

MANY_ROWS = 5_000
"""With more rows the page comes first, and what is counted follows."""
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "shift_jis", "euc_kr", "windows-1252")
_BEGINNING = 64 * 1024
_PREVIEW = 120


@dataclass(frozen=True)
class Found:
    """What a key finds: of one noun of a flat file where that is named."""

    plan: Plan | None
    keys: tuple[Field, ...]
    count: KeyCount | None


@dataclass
class Board:
    """The page for one run and one set of choices."""

    person: Any
    target: Target
    run: ImportRun
    survey: Survey
    options: Options
    why: Text | str | None = None
    is_late: bool = False

    @property
    def plan(self) -> Plan | None:
        """The noun of the file; None where it tells of several."""
        return self.target if isinstance(self.target, Plan) else None

    @property
    def layout(self) -> LayoutPlan | None:
        """The layout of a file that tells of several nouns."""
        return self.target if isinstance(self.target, LayoutPlan) else None

    @cached_property
    def lines(self) -> list[Line]:
        """The columns that hold anything."""
        plain = guessing.guess(self.person, self.target, [one.header for one in self.survey.columns], self._remembered)
        pairs = zip(self.survey.columns, plain, strict=True)
        return [self._line(content, guess) for content, guess in pairs if not content.is_void]

    @property
    def _remembered(self) -> dict[str, str]:
        used = self.used
        return dict(used.options.get("columns", {})) if used is not None else {}

    def _line(self, content: Content, guess: Guess) -> Line:
        word = self.options.columns.get(content.heading, IGNORED)
        goal = self._goals.get(word) if word else None
        guessed = guess.goal.word if guess.goal is not None else None
        how = guess.how if guessed == (goal.word if goal is not None else None) else guessing.BY_HAND
        compared = {one.word: one for one in self._offered[1]}
        further = [compared[one] for one in dict.fromkeys((goal.word if goal is not None else None, guessed)) if one in compared]
        return Line(guess.index, content, goal, how, self._policy(goal) if goal is not None else "", further)

    def _policy(self, goal: Goal) -> str:
        """What is chosen for the blank cells; in a flat file the layout says it, unless somebody chooses."""
        usual = "" if self.layout is not None else "clear" if self.options.clear_blank else "keep"
        return self.options.policies.get(goal.word) or usual

    @cached_property
    def _goals(self) -> dict[str, Goal]:
        return by_word(self.target)

    @cached_property
    def _offered(self) -> tuple[list[Goal], list[Goal]]:
        return guessing.offered(self.person, self.target)

    @property
    def fields(self) -> list[tuple[str, list[Goal]]]:
        """Where a column may go; in a flat file noun by noun."""
        nouns = dict.fromkeys(one.nouns for one in self._offered[0])
        return [(noun, [one for one in self._offered[0] if one.nouns == noun]) for noun in nouns]

    @cached_property
    def findable(self) -> list[Field]:
        """The fields that records may be found by."""
        return guessing.findable(self.person, self.plan) if self.plan is not None else []

    @cached_property
    def key_sets(self) -> list[tuple[Field, ...]]:
        """Sets of fields that are unique; the natural key first."""
        return guessing.key_sets(self.person, self.plan) if self.plan is not None else []

    @property
    def key_choice(self) -> str:
        """How records are found, as the select says it."""
        return mapping_form.key_choice(self.plan, self.key_sets, self.options) if self.plan is not None else ""

    @cached_property
    def told(self) -> list[Told] | Unreadable:
        """The nouns that a flat file tells of, or why it cannot mean one thing."""
        try:
            return told(self.person, self.layout, self.survey, self.options) if self.layout is not None else []
        except Unreadable as problem:
            return problem

    @cached_property
    def warnings(self) -> list[tuple[str, Text]]:
        """What is wrong with the choices."""
        if self.layout is not None:
            return list(mapping_flat.warnings(self.layout, self.told, self.survey))
        return list(mapping_form.warnings(self.plan, self.options, self.survey.rows)) if self.plan is not None else []

    @property
    def is_ready(self) -> bool:
        """Whether the file can be checked like this."""
        return all(tone != "bad" for tone, _sentence in self.warnings)

    @property
    def for_all(self) -> list[Field]:
        """What may be given for all lines of a flat file."""
        if self.layout is None:
            return []
        return list(self.layout.common) if isinstance(self.told, Unreadable) else mapping_flat.open_for_all(self.layout, self.told)

    @cached_property
    def profiles(self) -> list[profiles.Fit]:
        """The remembered sources of this kind of file, the best fit first."""
        return profiles.fits(db.session(), self.target.name, [one.heading for one in self.survey.columns])

    @property
    def used(self) -> Any:
        """The profile that the choices began with."""
        number = self.run.options.get("profile")
        return next((fit.profile for fit in self.profiles if fit.profile.id == number), None)

    @cached_property
    def found(self) -> list[Found]:
        """What the keys find; nothing as long as their columns are not there."""
        if not self.is_ready or not self.survey.rows:
            return []
        if self.plan is None:
            some = self.told if isinstance(self.told, list) else []
            return [Found(one.plan, one.keys, self._count(one.plan, one.places) if one.places else None) for one in some]
        keys, places = self.options.keys(self.plan), {one.goal.field: one.index for one in self.lines if one.goal is not None}
        if not any(one in places for one in keys):
            return []
        return [Found(None, keys, self._count(self.plan, [(places.get(one, -1), one) for one in keys]))]

    def _count(self, plan: Plan, places: Sequence[tuple[int, Field]]) -> KeyCount:
        own = f"{plan.name}." if self.plan is None else ""
        given = self.options.values
        values = {one.word: {**given.get(one.word, {}), **given.get(f"{own}{one.word}", {})} for _place, one in places}
        return counting.count_keys(db.session(), self.person, plan, surveying.batches(self.run.id), places, values)

    @property
    def file(self) -> Path:
        """The file itself."""
        return runs.file_of(self.run)

    @cached_property
    def bad(self) -> list[Bad]:
        """Columns of choices and links with texts that mean nothing."""
        return unknown(self.person, self.target, self.survey, self.options, self.lines)

    @property
    def is_text(self) -> bool:
        """Whether the file has an encoding that may be wrong."""
        return self.survey.format == "csv"

    @cached_property
    def encodings(self) -> list[tuple[str, str]]:
        """Encodings with the first line beyond ASCII as each would read it."""
        with self.file.open("rb") as file:
            beginning = file.read(_BEGINNING)
        line = next((one for one in beginning.split(b"\n") if not one.isascii()), beginning.split(b"\n")[0])
        names = dict.fromkeys((self.survey.encoding, *ENCODINGS))
        return [(name, _previewed(line, name)) for name in names if name]


def _previewed(line: bytes, encoding: str) -> str:
    try:
        text = line[: 4 * _PREVIEW].decode(encoding, "replace")
    except LookupError:
        return ""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_PREVIEW].strip()
