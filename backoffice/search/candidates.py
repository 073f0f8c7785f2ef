"""Which records may hold the words of a text, by asking the indexes and following links.

The answer holds every record that matches, and few others; the caller compares them. Where too
many may match there is no answer: then whoever walks through the rows finds some soon.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backoffice.db import db
from backoffice.plan import Plan
from backoffice.search.grams import first_letters
from backoffice.search.nouns import Noun
from backoffice.search.shelves import among, shelf_of
from backoffice.search.tables import DUE, OLD
from backoffice.search.ways import Way, ways_of

MOST = 2000
"""Candidates that are compared one by one; more of them, and a walk is faster."""
MOST_MARKS = 2000
SOME = 500


def narrowed(plan: Plan, words: Sequence[str], look: Look | None = None) -> list[int] | None:
    """The ids that may match all words, newest first; None where they may be any, or too many.

    Whoever searches several nouns for one text gives the same ``look`` to each.
    """
    ways = ways_of(plan.model)
    if not ways or not words:
        return None
    look = look or Look()
    each = [_any([look.up(way, (word,)) for way in ways]) for word in words]
    if known := [found for found in each if found is not None]:
        return _newest(frozenset.intersection(*known))
    return _together(look, ways, words) if len(words) > 1 else None


class Look:
    """One look into the indexes: what was asked once is not asked again."""

    def __init__(self, connection: Connection | None = None) -> None:
        self.connection = connection or db.session.connection()
        self._seen: dict[Any, frozenset[int] | None] = {}
        self._newest: dict[Any, list[int]] = {}

    def up(self, way: Way, words: tuple[str, ...]) -> frozenset[int] | None:
        """The ids of the searched noun that lead to a record which may hold all the words; None for too many."""
        at_end = self._once((way.noun.name, words), lambda: self._at_end(way.noun, words))
        if not at_end or not way.columns:
            return at_end
        return self._once((way, words), lambda: self._back(way, at_end))

    def _once(self, what: Any, find: Callable[[], frozenset[int] | None]) -> frozenset[int] | None:
        if what not in self._seen:
            self._seen[what] = find()
        return self._seen[what]

    def _at_end(self, noun: Noun, words: tuple[str, ...]) -> frozenset[int] | None:
        groups = [noun.ways(word) for word in words]
        if any(not group for group in groups):
            return frozenset()
        telling = [group for group in groups if () not in group]
        if not telling:
            return None
        found = shelf_of(self.connection).find(self.connection, noun.index, telling, MOST)
        if found is None or len(found) > MOST:
            self._newest[noun.name, words] = found or []
            return None
        marked = self._marked(noun, words)
        return None if marked is None else frozenset(found) | marked

    def newest(self, plan: Plan, words: Sequence[str]) -> list[int]:
        """Where too many records of the noun may hold all the words: some of them.

        They are the newest on SQLite; PostgreSQL gives any, which is for words that cost a walk too much: first letters.
        """
        if self.connection.dialect.name != "sqlite" and not any(first_letters(word) for word in words):
            return []
        found: set[int] = set()
        for way in ways_of(plan.model):
            known = self.up(way, tuple(words))
            some = self._newest.get((way.noun.name, tuple(words)), [])[:SOME]
            found.update(self._back(way, frozenset(some), SOME) or () if known is None and way.columns else some if known is None else known)
        return sorted(found, reverse=True)

    def _marked(self, noun: Noun, words: tuple[str, ...]) -> frozenset[int] | None:
        """Records that were written and are not in the index yet; of very many those that hold the words."""
        if self.marks is not None:
            return self.marks.get(noun.name, frozenset())
        due = sa.select(DUE.c.record_id).where(DUE.c.noun.in_((noun.name, OLD + noun.name)))
        query = sa.select(noun.table.c.id, *noun.columns).where(noun.table.c.id.in_(due))
        found = set()
        for row in self.connection.execute(query.execution_options(yield_per=MOST_MARKS)):
            if _fits(noun, words, tuple(row[1:])):
                found.add(row[0])
            if len(found) > MOST:
                return None
        return frozenset(found)

    @functools.cached_property
    def marks(self) -> dict[str, frozenset[int]] | None:
        """The marked records of all nouns; None where they are very many."""
        rows = self.connection.execute(sa.select(DUE.c.noun, DUE.c.record_id).limit(MOST_MARKS + 1)).all()
        if len(rows) > MOST_MARKS:
            return None
        return {name: frozenset(row.record_id for row in rows if row.noun.lstrip(OLD) == name) for name in {row.noun.lstrip(OLD) for row in rows}}

    def _back(self, way: Way, found: frozenset[int], most: int | None = None) -> frozenset[int] | None:
        """From the records at the end to those of the searched noun: all of them (None for too many), or some."""
        for column in reversed(way.columns):
            query = sa.select(column.table.c.id).where(among(column, sorted(found), self.connection.dialect.name)).limit(most or MOST + 1)
            found = frozenset(self.connection.scalars(query))
            if len(found) > MOST:
                return None
        return found


def _together(look: Look, ways: Iterable[Way], words: Sequence[str]) -> list[int] | None:
    """Words that are frequent each, in one record together: 张 and 伟.

    A record either holds a word where it is rare, or holds all of them where they are frequent; that
    tells only where all frequent ones are of one noun.
    """
    rare: set[int] = set()
    frequent: set[Way] = set()
    for way in ways:
        for word in words:
            found = look.up(way, (word,))
            if found is None:
                frequent.add(way)
            else:
                rare |= found
    if len(frequent) != 1:
        return None
    both = look.up(next(iter(frequent)), tuple(words))
    return None if both is None else _newest(rare | both)


def _any(found: Sequence[frozenset[int] | None]) -> frozenset[int] | None:
    """All of them together; None where one is not known."""
    known = [one for one in found if one is not None]
    return frozenset().union(*known) if len(known) == len(found) else None


def _newest(found: AbstractSet[int]) -> list[int] | None:
    return sorted(found, reverse=True) if len(found) <= MOST else None


def _fits(noun: Noun, words: tuple[str, ...], values: tuple[Any, ...]) -> bool:
    """Whether a record may hold the words, found out from its values."""
    pieces = noun.pieces(values)
    return all(any(all(any(piece in pieces for piece in clause) for clause in way) for way in noun.ways(word)) for word in words)
