"""All that the page about columns shows: each column with its field, what a key finds, and the texts that mean nothing yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from backoffice.access import can
from backoffice.db import db
from backoffice.declare import Text, Verb
from backoffice.declare.journal import ImportRun
from backoffice.exchange import counting, guessing, profiles, runs, surveying
from backoffice.exchange.counting import KeyCount, Unknown
from backoffice.exchange.guessing import Guess
from backoffice.exchange.mapping import IGNORED
from backoffice.exchange.options import Options
from backoffice.exchange.surveying import Content, Survey
from backoffice.plan import Field, Plan
from backoffice.views import mapping_form
from backoffice.views.common import target_of

MOST_UNKNOWN = 20
FEW = 3
MANY_ROWS = 20_000
"""With more rows the page comes first, and what is counted follows."""
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "shift_jis", "euc_kr", "windows-1252")
_BEGINNING = 64 * 1024
_PREVIEW = 120


@dataclass(frozen=True)
class Line:
    """One column of the file: where it goes, why, and what its blank cells do."""

    index: int
    content: Content
    field: Field | None
    how: str
    policy: str
    further: list[Field]

    @property
    def why(self) -> Text:
        """How the field was found."""
        return guessing.HOW[self.how]


@dataclass(frozen=True)
class Bad:
    """The unknown texts of a column, some of them, with what stands for each."""

    line: Line
    field: Field
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


@dataclass
class Board:
    """The page for one run and one set of choices."""

    person: Any
    plan: Plan
    run: ImportRun
    survey: Survey
    options: Options
    why: Text | str | None = None
    is_late: bool = False

    @cached_property
    def lines(self) -> list[Line]:
        """The columns that hold anything."""
        plain = guessing.guess(self.person, self.plan, [one.header for one in self.survey.columns], self._remembered)
        pairs = zip(self.survey.columns, plain, strict=True)
        return [self._line(content, guess) for content, guess in pairs if not content.is_void]

    @property
    def _remembered(self) -> dict[str, str]:
        used = self.used
        return dict(used.options.get("columns", {})) if used is not None else {}

    def _line(self, content: Content, guess: Guess) -> Line:
        word = self.options.columns.get(content.heading, IGNORED)
        one = self.plan.by_word.get(word) if word else None
        how = guess.how if one is guess.field else guessing.BY_HAND
        further = [one] if one is not None and one in guessing.comparable(self.person, self.plan) else []
        if guess.field is not None and guess.field not in further and guess.field in guessing.comparable(self.person, self.plan):
            further.append(guess.field)
        return Line(guess.index, content, one, how, self.options.policy(one) if one else "keep", further)

    @cached_property
    def fields(self) -> list[Field]:
        """The fields that a column may go to."""
        return guessing.writable(self.person, self.plan)

    @cached_property
    def findable(self) -> list[Field]:
        """The fields that records may be found by."""
        return guessing.findable(self.person, self.plan)

    @cached_property
    def key_sets(self) -> list[tuple[Field, ...]]:
        """Sets of fields that are unique; the natural key first."""
        return guessing.key_sets(self.person, self.plan)

    @property
    def key_choice(self) -> str:
        """How records are found, as the select says it."""
        return mapping_form.key_choice(self.plan, self.key_sets, self.options)

    @cached_property
    def warnings(self) -> list[tuple[str, Text]]:
        """What is wrong with the choices."""
        return list(mapping_form.warnings(self.plan, self.options, self.survey.rows))

    @property
    def is_ready(self) -> bool:
        """Whether the file can be checked like this."""
        return all(tone != "bad" for tone, _sentence in self.warnings)

    @cached_property
    def profiles(self) -> list[profiles.Fit]:
        """The remembered sources of the noun, the best fit first."""
        return profiles.fits(db.session(), self.plan.name, [one.heading for one in self.survey.columns])

    @property
    def used(self) -> Any:
        """The profile that the choices began with."""
        number = self.run.options.get("profile")
        return next((fit.profile for fit in self.profiles if fit.profile.id == number), None)

    @cached_property
    def count(self) -> KeyCount | None:
        """What the key finds; None as long as its columns are not there."""
        keys = self.options.keys(self.plan)
        by_field = {one.field: one for one in self.lines if one.field is not None}
        if not self.is_ready or not any(one in by_field for one in keys) or not self.survey.rows:
            return None
        places = [(by_field[one].index if one in by_field else -1, one) for one in keys]
        return counting.count_keys(db.session(), self.person, self.plan, surveying.batches(self.run.id), places, self.options.values)

    @property
    def file(self) -> Path:
        """The file itself."""
        return runs.file_of(self.run)

    @cached_property
    def bad(self) -> list[Bad]:
        """Columns of choices and links with texts that mean nothing."""
        found = (self._bad(line, line.field) for line in self.lines if line.field is not None)
        return [one for one in found if one is not None]

    def _bad(self, line: Line, one: Field) -> Bad | None:
        texts = line.content.texts
        if texts is None or not (one.is_link or counting.is_listed(one)):
            return None
        given = self.options.values.get(one.word, {})
        unknown = counting.unknown_texts(db.session(), self.person, one, texts, self._brought(one))
        if not unknown:
            return None
        shown = sorted(unknown, key=lambda some: some.text not in given)[:MOST_UNKNOWN]
        return Bad(
            line, one, [(some, given.get(some.text)) for some in sorted(shown, key=lambda some: (-some.count, some.text))],
            len(unknown) - len(shown), sum(some.count for some in unknown), [] if one.is_link else list(counting.choices(one)),
            self._options_of(one), guessing.may_make(self.person, one), one.word in self.options.parents,
            is_partial=not self.survey.is_whole or (one.is_link and len(texts) > counting.MOST_LINKS),
        )

    def _options_of(self, one: Field) -> str | None:
        """Where a picker asks."""
        if not one.is_link or not can(self.person, Verb.READ, target_of(one)):
            return None
        return f"/{target_of(one).name}/options"

    def _brought(self, one: Field) -> Iterable[str]:
        """Keys of records that the file itself brings, for links to its own noun."""
        if one.target is not self.plan.model or len(self.plan.key) != 1:
            return ()
        keys = (line.content.texts for line in self.lines if line.field is self.plan.key[0])
        return next(keys, None) or ()

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
