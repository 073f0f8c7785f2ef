"""How many rows a list has: exactly where that is cheap, else about how many, and never at the cost of the page.

What is shown with a total, and how a number reads. How to find one is in ``estimating``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from backoffice.declare import _, clock
from backoffice.declare.text import CHINESE, locale
from backoffice.errors import BadRequest
from backoffice.views.estimating import Count, count_or_estimate
from backoffice.views.paging import PER_PAGE, Page
from backoffice.views.selection import Selection

GOOD_FOR, REMEMBERED = timedelta(minutes=1), 5_000
"""How long an estimate is told again, and how many are kept."""


@dataclass(frozen=True)
class Total:
    """The number of rows, and what of it is on this page (0 where that is not known)."""

    number: int
    is_exact: bool
    first: int = 0

    @property
    def words(self) -> str:
        """The number as people read it: an estimate says that it is one."""
        return f"{self.number:,}" if self.is_exact else str(_("about {number}", number=rough(self.number)))


def rough(number: int) -> str:
    """A large number in few digits: 1.02 million, 102 万."""
    units = ((100_000_000, " 亿"), (10_000, " 万")) if locale() == CHINESE else ((1_000_000_000, " billion"), (1_000_000, " million"))
    for unit, word in units:
        if number >= unit:
            return f"{float(f'{number / unit:.3g}'):,.10g}{word}"
    return f"{int(float(f'{number:.2g}')):,}"


def total_of(session: Session, selection: Selection, page: Page) -> Total:
    """The total that the page tells."""
    if selection.args.get("count") == "exact":
        total = Total(selection.count(session), is_exact=True)
    elif selection.args.get("count"):
        raise BadRequest(_("“{name}” is “exact” or nothing.", name="count"))
    elif page.is_whole:
        total = Total(len(page.ids), is_exact=True)
    else:
        number, is_exact = _about(session, selection)
        total = Total(max(number, len(page.ids) + 1), is_exact)
    return Total(total.number, total.is_exact, _first(page, total))


def _about(session: Session, selection: Selection) -> Count:
    """The number of rows where it is cheap; else an estimate, which is good for a minute."""
    known: dict[Any, tuple[datetime, int]] = current_app.extensions.setdefault("estimates", {})
    key = selection.person.id, selection.plan.name, *selection.kept()
    at, number = known.get(key, (None, 0))
    if at is not None and at <= clock.now() < at + GOOD_FOR:
        return number, False
    number, is_exact = count_or_estimate(session, selection.rows(), selection.plan)
    if not is_exact:
        if len(known) >= REMEMBERED:
            known.clear()
        known[key] = clock.now(), number
    return number, is_exact


def _first(page: Page, total: Total) -> int:
    """The number of the first row on the page, where it is known without counting."""
    if not page.ids:
        return 0
    if page.place.number is not None:
        return (page.place.number - 1) * PER_PAGE + 1
    return total.number - len(page.ids) + 1 if page.following is None and total.is_exact else 0
