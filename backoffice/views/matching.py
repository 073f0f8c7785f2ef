"""Search: each word of a text must stand somewhere in the searched fields, in any order.

Codes and telephone numbers are compared folded, as they are stored. Personal data is found by what
one knows already: the whole value, or the last digits of a number (at least four). A role that
sees masks, or numbers by a click that is logged, finds by exactly the four digits that a mask
shows, so that nobody can feel their way through a number digit by digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_

from backoffice.db import db
from backoffice.declare import Code, Invalid, Text, _, fold
from backoffice.declare.contact import Telephone
from backoffice.declare.kinds import Calendar, Instant, Selection, Truth
from backoffice.errors import BadRequest
from backoffice.plan import Field, Plan, plan_of
from backoffice.search import Look, among, first_letters, is_name, narrowed
from backoffice.views.paths import Path, may_probe, path_to

LONGEST = 100
MOST_WORDS = 8
LAST_DIGITS = 4
WHOLE = 11
_UNSENDABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")
_BETWEEN = re.compile(r"[\s\-()/.]")
TOO_LONG = _("A search has at most {most} characters.", most=LONGEST)


def cleaned(text: str | None, most: int = LONGEST) -> str:
    """The text without what no database stores; raises :class:`BadRequest` where it is too long."""
    plain = _UNSENDABLE.sub(" ", text or "").strip()
    if len(plain) > most:
        raise BadRequest(TOO_LONG.format(most=most))
    return plain


@dataclass(frozen=True)
class Match:
    """The rows that a text means.

    ``ids`` are the few among which they are, newest first, where the index knows; ``exactly``
    compares a row without it, ``condition`` does both. Where they are too many, ``newest`` are some
    of those that may match.
    """

    condition: ColumnElement[bool]
    exactly: ColumnElement[bool]
    ids: list[int] | None
    newest: list[int] = field(default_factory=list)


def matching(person: Any, plan: Plan, text: str) -> ColumnElement[bool]:
    """The rows in which every word stands, or in which the whole text is a code or a number."""
    return match(person, plan, text).condition


def match(person: Any, plan: Plan, text: str, look: Look | None = None) -> Match:
    """The same, with what the index knows of it. Whoever searches several nouns for one text gives the same ``look`` to each."""
    look = look or Look()
    ids = _candidates(plan, text, look)
    if ids == []:
        return Match(false(), false(), ids)
    exactly = _exactly(person, plan, text)
    if ids is None:
        return Match(exactly, exactly, None, look.newest(plan, text.split()[:MOST_WORDS]))
    return Match(and_(among(plan.model.id, ids, db.engine.dialect.name), exactly), exactly, ids)


def _candidates(plan: Plan, text: str, look: Look) -> list[int] | None:
    words = text.split()[:MOST_WORDS]
    by_words = narrowed(plan, words, look)
    whole = narrowed(plan, [fold(text)], look) if len(words) > 1 and by_words is not None and fold(text) else []
    return None if by_words is None or whole is None else sorted({*by_words, *whole}, reverse=True)


def _exactly(person: Any, plan: Plan, text: str) -> ColumnElement[bool]:
    paths = list(searched(person, plan))
    words = text.split()
    if not paths or not words:
        return false()
    by_words = and_(*(or_(*(_word(person, path, word) for path in paths)) for word in words[:MOST_WORDS]))
    if len(words) == 1:
        return by_words
    return or_(by_words, *(_word(person, path, text) for path in paths if isinstance(path.field.kind, (Code, Telephone))))


def searched(person: Any, plan: Plan) -> Iterator[Path]:
    """The fields that a search looks into, as far as the person sees them."""
    names = plan.resource.search or tuple(one.name for one in plan.key)
    for name in names:
        if path := path_to(person, plan, name):
            yield from _spelled_out(person, path)


def contains(field: Field, column: Any, word: str) -> ColumnElement[bool]:
    """The column holds the word, whatever its case; ``%`` and ``_`` mean themselves."""
    if isinstance(field.kind, (Code, Telephone)):
        folded = _BETWEEN.sub("", fold(word)) if isinstance(field.kind, Telephone) else fold(word)
        return column.like(f"%{escaped(folded)}%", escape="\\") if folded else false()
    return column.ilike(f"%{escaped(word)}%", escape="\\")  # type: ignore[no-any-return]  # a column


def escaped(text: str) -> str:
    r"""The text inside a LIKE pattern, with ``\`` as escape."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def personal(person: Any, plan: Plan, field: Field, column: Any, word: str) -> ColumnElement[bool]:
    """The whole value, or the last digits of a number."""
    if not isinstance(field.kind, Telephone):
        return func.lower(column) == word.strip().lower()
    digits = _BETWEEN.sub("", fold(word))
    if not digits.lstrip("+").isdigit() or len(digits) < LAST_DIGITS:
        return false()
    if len(digits) == LAST_DIGITS or (may_probe(person, plan) and len(digits) < WHOLE):
        return column.like(f"%{digits}", escape="\\")  # type: ignore[no-any-return]  # a column
    try:
        return column == field.kind.parse(word)  # type: ignore[no-any-return]  # a column
    except Invalid:
        return false()


def needs_more(text: str) -> Text | None:
    """Why a text is too short to search everything for, if it is: one Latin letter says nothing."""
    if text and (len(text) > 1 or not text.isascii()):
        return None
    return _("Write at least two letters or digits, or one Chinese character.")


def _spelled_out(person: Any, path: Path) -> Iterator[Path]:
    """A link is searched by the key of the record it leads to."""
    if path.field.target is None:
        yield path
        return
    for key in plan_of(path.field.target).key:
        if not key.is_link and (deeper := path_to(person, path.start, f"{path.name}.{key.name}")):
            yield deeper


def _word(person: Any, path: Path, word: str) -> ColumnElement[bool]:
    return path.where(lambda column: _holds(person, path, column, word))


def _holds(person: Any, path: Path, column: Any, word: str) -> ColumnElement[bool]:
    field = path.field
    if field.personal is not None:
        return personal(person, path.end, field, column, word)
    if isinstance(field.kind, Selection):
        return column.in_([one for one in field.kind.members if word.casefold() in str(one.label).casefold()])  # type: ignore[no-any-return]  # a column
    if field.kind.numeric or isinstance(field.kind, (Calendar, Instant, Truth)):
        try:
            return column == field.kind.parse(word)  # type: ignore[no-any-return]  # a column
        except Invalid:
            return false()
    if is_name(field) and (letters := first_letters(word)):
        return or_(contains(field, column, word), func.search_initials(column).contains(letters))
    return contains(field, column, word)
