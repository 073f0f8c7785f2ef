"""The stage of the demo: its day, its dice, and scenes in which a colleague does something at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from sqlalchemy.orm import Session

from backoffice.declare import clock
from backoffice.declare.people import acting
from models.roles import Role
from models.staff import Staff
from models.stores import Store

SEED = 20_261_121
OPENING = 8
"""Everything of the demo has happened before this hour of its day, so nothing lies in the future when people begin to work."""

Thing = TypeVar("Thing")


class Stage:
    """All dates are counted from ``day``; all chance comes from one fixed seed."""

    def __init__(self, session: Session, day: date) -> None:
        self.session, self.day, self.random = session, day, Random(SEED)
        self.stores: dict[str, Store] = {}
        self.staff: dict[str, Staff] = {}

    def at(self, days: int, hour: int = OPENING, minute: int = 0) -> datetime:
        """A moment so many days after the day of the demo (before it where negative), by the clock on the wall."""
        return datetime.combine(self.day + timedelta(days=days), time(hour, minute), clock.zone())

    @contextmanager
    def scene(self, person: Staff | None, moment: datetime, *, save: bool = True) -> Iterator[None]:
        """What a person does at a moment. Saved at its end, so that the history has it as a step of its own."""
        with clock.stopped_at(moment), acting(person):
            yield
            if save:
                self.session.flush()

    def pick(self, things: tuple[Thing, ...] | list[Thing] | range) -> Thing:
        """One of the things, by chance."""
        return self.random.choice(things)  # type: ignore[return-value]  # a range gives numbers

    def chance(self, share: float) -> bool:
        """True as often as the share says."""
        return self.random.random() < share

    def at_store(self, store: Store, role: Role) -> list[Staff]:
        """The colleagues of a role at a store."""
        return [one for one in self.staff.values() if one.store is store and one.role is role]

    def one_of(self, store: Store, role: Role) -> Staff:
        """A colleague of a role at a store; a store without one borrows from the first."""
        return self.pick(self.at_store(store, role) or self.at_store(self.home, role))

    def login(self, name: str) -> Staff:
        """The colleague who signs in under a name."""
        return next(one for one in self.staff.values() if one.login == name)

    @property
    def home(self) -> Store:
        """The first store, where the people who sign in work."""
        return next(iter(self.stores.values()))
