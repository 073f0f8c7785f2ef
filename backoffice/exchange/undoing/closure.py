"""A slice of an undo, closed: with each record all those that its reversal asks for, and one verdict that is true of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.orm import Session

from backoffice.declare import Text
from backoffice.exchange.undoing import words
from backoffice.exchange.undoing.judging import Judge
from backoffice.exchange.undoing.neighbors import Neighbors, Pointer
from backoffice.exchange.undoing.outcome import Verdict
from backoffice.exchange.undoing.trail import Address, Touched, Trail
from backoffice.plan import Field, Plan

PULLED = 5_000
"""At most so many records are drawn into a slice; what is beyond it counts as staying."""


class Marks:
    """A set of records in little memory: a bit for each. A look remembers in it what is not going to be reversed."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, int], int] = {}

    def add(self, address: Address) -> None:
        """Remember a record."""
        page = (address[0], address[1] >> 10)
        self._pages[page] = self._pages.get(page, 0) | 1 << (address[1] & 1023)

    def __contains__(self, address: Address) -> bool:
        return bool(self._pages.get((address[0], address[1] >> 10), 0) >> (address[1] & 1023) & 1)


@dataclass
class Slice:
    """Records that are decided together. ``home`` are those whose turn it is; the others are drawn in."""

    home: list[Touched]
    records: dict[Address, Touched] = field(default_factory=dict)
    ties: list[tuple[Touched, Address]] = field(default_factory=list)
    pointers: list[tuple[Touched, Pointer]] = field(default_factory=list)
    wants: list[tuple[Touched, Address, list[Field]]] = field(default_factory=list)
    blockers: dict[Touched, list[Address]] = field(default_factory=dict)

    @property
    def good(self) -> list[Touched]:
        """What may be reversed, newest first."""
        return sorted((one for one in self.records.values() if one.is_good), key=lambda one: -one.home)


class Closer:
    """Makes slices. In a look nothing is written, so ``marks`` say what stays; in earnest whatever is still there stays."""

    def __init__(self, session: Session, trail: Trail, judge: Judge, neighbors: Neighbors, marks: Marks | None) -> None:
        self.session, self.trail, self.judge, self.neighbors, self.marks = session, trail, judge, neighbors, marks

    def close(self, home: list[Touched], top: int | None) -> Slice:
        """Draw in what these records ask for, and decide. ``top``: entries from there on had their turn already."""
        part, fresh = Slice(home), home
        while fresh:
            part.records |= {one.address: one for one in fresh}
            self.judge.look(fresh)
            self._leave_what_was_left(fresh, top)
            wanted = [*self._tie(part, fresh), *self._point(part, fresh, top), *self._want(part, fresh)]
            missing = {address for address in wanted if address not in part.records}
            room = max(0, PULLED - len(part.records))
            drawn = self.trail.read(sorted(missing)[:room])
            fresh = [one for one in drawn.values() if not one.is_done]
        self._decide(part)
        return part

    def _leave_what_was_left(self, fresh: Iterable[Touched], top: int | None) -> None:
        """In earnest, what had its turn and is still there was left; it stays left for the whole of this undo."""
        if self.marks is None and top is not None:
            for one in fresh:
                if one.home >= top:
                    one.leave(Verdict.REFUSED, words.LEFT_BEFORE)

    def _tie(self, part: Slice, fresh: list[Touched]) -> list[Address]:
        if not self.neighbors.ties:
            return []
        found = list(self.neighbors.tied([one for one in fresh if one.row is not None]))
        part.ties += found
        return [address for _one, address in found]

    def _point(self, part: Slice, fresh: list[Touched], top: int | None) -> list[Address]:
        """Ask who points at the records that are to go."""
        wanted: list[Address] = []
        for plan, going in _by_plan(one for one in fresh if one.is_good and one.is_created).items():
            by_id = {one.id: one for one in going}
            for pointer in self.neighbors.pointers(self._plan(plan), set(by_id)):
                parent, address = by_id[pointer.parent_id], pointer.address
                if pointer.touched is None:
                    part.blockers.setdefault(parent, []).append(address)
                elif _had_its_turn(pointer, top) and address not in part.records:
                    if self.marks is None or address in self.marks:
                        part.blockers.setdefault(parent, []).append(address)
                else:
                    part.pointers.append((parent, pointer))
                    wanted.append(address)
        return wanted

    def _want(self, part: Slice, fresh: list[Touched]) -> list[Address]:
        """Ask who has the unique values that are to come back."""
        wanted: list[Address] = []
        for plan, coming in _by_plan(one for one in fresh if one.is_good and one.values).items():
            for one, holder, fields in self.neighbors.holders(coming):
                part.wants.append((one, (plan, holder), fields))
                wanted.append((plan, holder))
        return wanted

    def _decide(self, part: Slice) -> None:
        """Let each verdict be known to those that it matters to, until nothing changes."""
        for parent, found in part.blockers.items():
            self._block(parent, found)
        is_settled = False
        while not is_settled:
            before = sum(one.is_good for one in part.records.values())
            self._settle_pointers(part)
            self._settle_wants(part)
            self._settle_ties(part)
            is_settled = before == sum(one.is_good for one in part.records.values())

    def _settle_pointers(self, part: Slice) -> None:
        blocked: dict[Touched, list[Address]] = {}
        for parent, pointer in part.pointers:
            if parent.is_good and not _lets_go(part.records.get(pointer.address), pointer):
                blocked.setdefault(parent, []).append(pointer.address)
        for parent, found in blocked.items():
            self._block(parent, found)

    def _settle_wants(self, part: Slice) -> None:
        for one, address, fields in part.wants:
            if one.is_good and not _frees(part.records.get(address), fields):
                one.leave(Verdict.REFUSED, partial(self._taken, address, fields))

    def _settle_ties(self, part: Slice) -> None:
        for one, address in part.ties:
            other = part.records.get(address)
            if other is not None and one.is_good != other.is_good:
                good, bad = (one, other) if one.is_good else (other, one)
                good.leave(bad.verdict, partial(self._tied, bad))

    def _block(self, parent: Touched, found: Sequence[Address]) -> None:
        parent.leave(Verdict.REFUSED, partial(self._depended_on, found[0], len(found)))

    def _depended_on(self, address: Address, count: int) -> Text:
        return words.depended_on(self._plan(address[0]), self._key(address), count)

    def _taken(self, address: Address, fields: list[Field]) -> Text:
        return words.taken(fields, self._plan(address[0]), self._key(address))

    def _tied(self, other: Touched) -> Text:
        return words.tied(other.plan, self._key(other.address, other), other.why)

    def _key(self, address: Address, record: Touched | None = None) -> str:
        name = record.last.record_name if record is not None else None
        return words.keys(self.session, self._plan(address[0]), [address[1]]).get(address[1]) or name or str(address[1])

    def _plan(self, name: str) -> Plan:
        return self.trail.plans[name]


def _by_plan(records: Iterable[Touched]) -> dict[str, list[Touched]]:
    found: dict[str, list[Touched]] = {}
    for one in records:
        found.setdefault(one.plan.name, []).append(one)
    return found


def _had_its_turn(pointer: Pointer, top: int | None) -> bool:
    return pointer.made is not None and top is not None and pointer.made >= top


def _lets_go(child: Touched | None, pointer: Pointer) -> bool:
    """Whether a record will not point at its parent any more."""
    if child is None or not child.is_good:
        return False
    return child.is_created or child.values.get(pointer.reference.column.key, pointer.parent_id) != pointer.parent_id


def _frees(holder: Touched | None, fields: list[Field]) -> bool:
    """Whether a record gives a unique value away."""
    if holder is None or not holder.is_good:
        return False
    return holder.is_created or any(one.column in holder.values for one in fields)


