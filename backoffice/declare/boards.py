"""A board: the records that wait for somebody, in columns, in each those first that have the least time left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backoffice.declare.text import Text


@dataclass(frozen=True)
class Board:
    """The records of a noun on cards.

    ``columns`` is a link: each record that it leads to is a column. ``state`` is the state with ``waiting=``; only records that wait
    stand on the board. ``due`` is the moment until which there is time, ``since`` the one from which it runs, ``stopped`` the one at
    which it stood still (empty while it runs). What is due within ``soon`` is marked, and what is late. ``shows`` are fields on a card.
    """

    title: Text
    columns: str
    state: str
    due: str
    since: str
    stopped: str | None = None
    soon: timedelta = timedelta(hours=4)
    shows: tuple[str, ...] = ()
    icon: str = "kanban"

    @property
    def moments(self) -> tuple[str, ...]:
        """The fields that say how much time is left."""
        return (self.due, self.since, *([self.stopped] if self.stopped else []))

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that it speaks of."""
        return (self.columns, self.state, *self.moments, *self.shows)
