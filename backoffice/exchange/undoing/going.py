"""Goes through a run's trail from its end to its beginning, slice by slice, and says of each record what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from backoffice.declare.journal import ImportRun
from backoffice.exchange.undoing import runs, words
from backoffice.exchange.undoing.closure import Closer, Marks, Slice
from backoffice.exchange.undoing.judging import Judge
from backoffice.exchange.undoing.neighbors import Neighbors
from backoffice.exchange.undoing.outcome import KEPT_DETAILS, Detail, Outcome, Tell, Verdict
from backoffice.exchange.undoing.trail import Address, Touched, Trail
from backoffice.plan import Plans

LOOKED_AT = 500
Keys = dict[Address, str]


class Going:
    """One way through a run. ``is_look``: nothing is written, and nothing locked."""

    def __init__(self, session: Session, reach: Any, run: ImportRun, *, is_look: bool, counts: dict[str, int] | None = None) -> None:
        plans: Plans = current_app.extensions["plans"]
        self.session = session
        self.trail = Trail(session, run, plans)
        self.counts = self.trail.nouns() if counts is None else counts
        self.main = frozenset(plan.name for plan in runs.nouns(plans, run)) or frozenset(self.counts)
        self.neighbors = Neighbors(session, plans, run.id, self.counts, self.main)
        self.marks = Marks() if is_look else None
        judge = Judge(session, reach, self.main, runs.purpose(run), locks=not is_look and session.get_bind().dialect.name == "postgresql")
        self.closer = Closer(session, self.trail, judge, self.neighbors, self.marks)

    @property
    def total(self) -> int:
        """How many entries there are to go through."""
        return sum(self.counts.values())

    def slice(self, top: int | None, size: int) -> tuple[Slice, int, int] | None:
        """The next slice below an entry, its own lowest entry, and how many entries it goes through; None at the end."""
        page = self.trail.page(top, size)
        if not page:
            return None
        bottom = page[-1].id
        found = self.trail.read({(row.resource, row.record_id) for row in page})
        home = [one for one in found.values() if not one.is_done and one.home >= bottom and (top is None or one.home < top)]
        home.sort(key=lambda one: -one.home)
        return self.closer.close(home, top), bottom, len(page)

    def counted(self, part: Slice, *, is_look: bool) -> list[Touched]:
        """The records of a slice that are counted in it: each one once, in its turn or when it is reversed before.

        What rules made along is not counted, unless it is left and goes together with nothing that is.
        """
        home = set(part.home)
        done = [] if is_look else [one for one in part.good if one not in home]
        tied = {one.address for one, _at in part.ties} | {at for _one, at in part.ties}
        return [one for one in (*part.home, *done) if one.plan.name in self.main or not (one.is_good or one.address in tied)]

    def keys(self, records: Iterable[Touched]) -> Keys:
        """The natural keys of stored records."""
        ids: dict[str, set[int]] = {}
        for one in records:
            ids.setdefault(one.plan.name, set()).add(one.id)
        return {(name, at): key for name, of_one in ids.items() for at, key in words.keys(self.session, self.trail.plans[name], of_one).items()}

    @staticmethod
    def details(records: Iterable[Touched], keys: Keys) -> list[Detail]:
        """What is to be said of records."""
        return [Detail(*one.address, keys.get(one.address) or one.last.record_name or str(one.id), one.verdict, one.why) for one in records]


def preview(session: Session, person: Any, run: ImportRun, *, most: int | None = None, tell: Tell | None = None) -> Outcome:
    """What taking a run back would do, without doing it. Raises as :func:`begin` does.

    ``most``: look at so many entries of the trail at most, the newest ones. ``tell`` hears of every record.
    """
    runs.insist(session, person, run)
    outcome = Outcome(run.id)
    for part, going, entries in _looks(session, person, run):
        counted = going.counted(part, is_look=True)
        _count(outcome, going, counted, tell)
        if most is not None and entries >= most and entries < going.total:
            outcome.is_whole = False
            break
    return outcome


def _count(outcome: Outcome, going: Going, counted: list[Touched], tell: Tell | None) -> None:
    room = KEPT_DETAILS - len(outcome.details)
    bad = [one for one in counted if not one.is_good]
    shown = counted if tell is not None else bad[:room]
    for detail in going.details(shown, going.keys(shown)):
        if detail.verdict is not Verdict.REVERSED and len(outcome.details) < KEPT_DETAILS:
            outcome.details.append(detail)
        if tell is not None:
            tell(detail)
    for one in counted:
        outcome.count(one.verdict)


def _looks(session: Session, person: Any, run: ImportRun) -> Iterator[tuple[Slice, Going, int]]:
    going, top, entries = Going(session, person, run, is_look=True), None, 0
    while (found := going.slice(top, LOOKED_AT)) is not None:
        part, top, size = found
        entries += size
        for one in part.home:
            if not one.is_good and going.marks is not None:
                going.marks.add(one.address)
        yield part, going, entries


