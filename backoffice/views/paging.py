"""One page of a list: which rows, what comes before and after, found by where rows stand, never by counting them off.

First the ids are read, in order, from the indexes; then what is shown of these rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import Session

from backoffice.views.ordering import Key, Stretch, keyed, stretches
from backoffice.views.places import FIRST, Place, cursor, place
from backoffice.views.selection import Selection

PER_PAGE = 50
MOST_BY_NUMBER = 20
"""Pages with a number: the database steps over all rows before them, so these are the first alone."""


@dataclass(frozen=True)
class Page:
    """The rows of a page by their ids, the cursors of its neighbors, and the key that one jumps by."""

    place: Place
    key: Key
    ids: list[int]
    previous: str | None = None
    following: str | None = None
    spot: tuple[Any, ...] = ()
    """Where the first row stands."""

    @property
    def is_past(self) -> bool:
        """Whether the address leads behind the last row."""
        return not self.ids and not self.place.is_first

    @property
    def is_too_far(self) -> bool:
        """Whether the address counts off more pages than anybody may."""
        return self.place.number is not None and self.place.number > MOST_BY_NUMBER

    @property
    def is_whole(self) -> bool:
        """Whether all rows of the list stand on it."""
        return self.previous is None and self.following is None and not self.is_past


def read_page(session: Session, selection: Selection) -> Page:
    """The page that the address names. A page back that would not be full is the first one."""
    query, keys = keyed(selection.rows(), selection.plan, selection.order)
    here = place(selection.args.get("page"), selection.args.get("at"), keys, selection.sort)
    rows = _Rows(session, query, keys)
    if here.number is not None and here.number > MOST_BY_NUMBER:
        return Page(here, keys[0], [])
    found = rows.at(here)
    if here.is_backward and len(found) <= PER_PAGE:
        here = FIRST if here.values else here
        found = rows.at(here)
    return _page(rows, here, found, selection.sort)


def _page(rows: _Rows, here: Place, found: list[Sequence[Any]], sort: str) -> Page:
    after: Sequence[Any] | None
    shown = found[:PER_PAGE][::-1] if here.is_backward else found[:PER_PAGE]
    if not shown:
        return Page(here, rows.keys[0], [])
    if here.is_backward:
        has_previous, after = len(found) > PER_PAGE, here.values or None
    else:
        has_previous = not here.is_first and (here.number is not None or bool(rows.at(Place(None, tuple(shown[0]), is_backward=True), 1)))
        after = found[PER_PAGE] if len(found) > PER_PAGE else None
    return Page(
        here, rows.keys[0], [row[-1] for row in shown],
        cursor(shown[0], sort, is_backward=True) if has_previous else None,
        cursor(after, sort, is_backward=False) if after is not None else None,
        tuple(shown[0]),
    )


def first_ids(session: Session, query: Select[Any], keys: list[Key], most: int, skipped: int = 0) -> list[int]:
    """The ids of some rows in their order, counted off from the first: for short tables on the pages of others."""
    rows = _Rows(session, query, keys)
    return [row[-1] for row in rows.counted_off(most, skipped)]


class _Rows:
    """The rows of a list, by the values of its keys."""

    def __init__(self, session: Session, query: Select[Any], keys: list[Key]) -> None:
        self.session, self.query, self.keys = session, query, keys

    def at(self, here: Place, most: int = PER_PAGE + 1) -> list[Sequence[Any]]:
        """The keys of the rows from a place on, in the direction that it is read in."""
        skipped = 0 if here.number is None else (here.number - 1) * PER_PAGE
        keys = [one.turned for one in self.keys] if here.is_backward else self.keys
        parts = stretches(keys)
        if here.values:
            at = next(at for at, one in enumerate(parts) if one.has(here.values))
            parts = parts[at:]
        pieces = [self._piece(one, here if at == 0 else None, skipped + most, at) for at, one in enumerate(parts)]
        return self._together(pieces, most, skipped)

    def counted_off(self, most: int, skipped: int) -> list[Sequence[Any]]:
        """The keys of the rows behind so many others."""
        pieces = [self._piece(one, None, skipped + most, at) for at, one in enumerate(stretches(self.keys))]
        return self._together(pieces, most, skipped)

    def _piece(self, part: Stretch, here: Place | None, most: int, at: int) -> Select[Any]:
        query = self.query.with_only_columns(literal(at).label("stretch"), *(key.column.label(f"key_{n}") for n, key in enumerate(self.keys)))
        if here is not None and here.values:
            is_row = len(here.values) == len(part.keys)  # a jump knows the first key alone
            query = query.where(part.starting(here.values, inclusive=not here.is_backward or not is_row))
        return query.where(*part.where).order_by(*part.order).limit(most)

    def _together(self, pieces: list[Select[Any]], most: int, skipped: int) -> list[Sequence[Any]]:
        """The pieces one after the other; a database that has enough rows does not begin the next."""
        if len(pieces) == 1:
            query: Any = pieces[0].limit(most).offset(skipped or None)
        else:
            query = union_all(*(select(piece.subquery()) for piece in pieces)).limit(most).offset(skipped or None)
        found = sorted(self.session.execute(query), key=lambda row: row[0])
        return [tuple(row[1:]) for row in found]
