"""The years before the demo: who was customer since when, and which visit was on which day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from models.roles import Role
from models.staff import Staff
from seeds.demo import names
from seeds.demo.names import House
from seeds.demo.past.press import Memo
from seeds.demo.stage import SEED, Stage

CHUNK = 10_000
"""So many rows are made and written at a time."""
SOLD = (4_800, 120)
"""The cars were bought so many days before the day of the demo, evenly from the first to the last."""
VISITS = (4_500, 10)
"""And the visits were so many days before it."""
SHARES = (0, 0, 1, 0, 2)
"""Which store a customer belongs to, in turn."""


class Day(NamedTuple):
    """A day of visits."""

    first: int
    """Its first visit."""
    visits: int
    """How many it has."""
    customers: int
    """How many customers there are."""
    opening: datetime
    sign: str
    """How the day stands in the numbers of its orders."""


class Era:
    """Everything here follows from the serial number of a customer (who has one car) or of a visit."""

    def __init__(self, stage: Stage, count: int) -> None:
        self.stage, self.day, self.count = stage, stage.day, count
        self.customers = self.cars = self.orders = self.tasks = 1
        self.stores = [stage.stores[house.code].id for house in names.HOUSES]
        self.days = Memo(self._day)
        """By how many days ago it was."""

    def dice(self, what: str, serials: range) -> Random:
        """The chance of one chunk: always the same, whatever was made before."""
        return Random(f"{SEED} {what} {serials.start}")

    def shop(self, serial: int) -> int:
        """Which of the stores a customer belongs to."""
        return SHARES[serial % 5]

    def house(self, serial: int) -> House:
        """The same by name."""
        return names.HOUSES[self.shop(serial)]

    def bought(self, serial: int) -> date:
        """When a customer bought the car."""
        return self.day - timedelta(days=SOLD[0] - serial * (SOLD[0] - SOLD[1]) // self.count)

    def _day(self, days_ago: int) -> Day:
        first, opening = self.first_visit(days_ago), self.stage.at(-days_ago)
        return Day(first, max(1, self.first_visit(days_ago - 1) - first), self.customers_on(days_ago), opening, f"{opening:%y%m%d}")

    def customers_on(self, days_ago: int) -> int:
        """How many customers there were at least a month before that day."""
        grown = (SOLD[0] - days_ago - 30) * self.count // (SOLD[0] - SOLD[1])
        return min(max(1, grown), self.count)

    def days_ago(self, visit: int) -> int:
        """When a visit was."""
        return VISITS[0] - visit * (VISITS[0] - VISITS[1]) // self.count

    def first_visit(self, days_ago: int) -> int:
        """The first visit of a day."""
        return -(-(VISITS[0] - days_ago) * self.count // (VISITS[0] - VISITS[1]))

    def staff(self, role: Role) -> list[list[int]]:
        """The ids of a role's people, for each store."""
        people: list[list[Staff]] = [
            self.stage.at_store(store, role) or self.stage.at_store(self.stage.home, role) for store in self.stage.stores.values()
        ]
        return [[one.id for one in here] for here in people]
