"""Who lives through what: the visits of the last weeks, and how each was called back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from models.callback_issues import CallbackIssue
from models.callback_issues import IssueStatus as Fate
from models.callbacks import RefusalScope, TaskStatus
from models.order_states import OrderStatus as State
from models.orders import ServiceOrder
from models.roles import Role
from models.staff import Staff
from seeds.demo import issues, jobs
from seeds.demo.calls import Desk
from seeds.demo.floor import Floor
from seeds.demo.stage import Stage
from seeds.demo.visits import Visit

RECENT = {-1: 4, -2: 4, -3: 8, -4: 10, -5: 5, -6: 5}
"""How many cars went home on each of the last days."""
FATES = (
    Fate.OPEN, Fate.ASSIGNED, Fate.IN_PROGRESS, Fate.SOLVED, Fate.CUSTOMER_CONFIRMED, Fate.CLOSED, Fate.REOPENED,
)
"""Of the issues of earlier weeks, the newest first; all before them are closed."""
OLD = range(-75, -9)
FEWEST = 70
"""So many older visits the stories need; a larger demo has more of them."""


class Plot:
    """The order of events; ``good`` are visits that complaints may be about."""

    def __init__(self, stage: Stage, floor: Floor, desk: Desk) -> None:
        self.stage, self.floor, self.desk = stage, floor, desk
        self.good: list[ServiceOrder] = []

    def old_visits(self, count: int) -> None:
        """Weeks ago: most were called in time, some not."""
        stage = self.stage
        days = sorted(stage.pick(OLD) for _ in range(max(count, FEWEST)))
        visits = [self.floor.deliver(self._advisor(number), day) for number, day in enumerate(days)]
        unhappy: list[CallbackIssue] = []
        for number, visit in enumerate(visits):
            if issue := self._call(number, visit):
                unhappy.append(issue)
        for number, issue in enumerate(reversed(unhappy)):
            fate = FATES[number] if number < len(FATES) else Fate.CLOSED
            if fate is not Fate.OPEN:
                issues.handle(stage, issue, fate)
        for visit in visits:
            self._close(visit)
        self.desk.content(self.floor.rework(visits[9], 5).order)

    def _advisor(self, number: int) -> Staff:
        stage = self.stage
        if number % 5 == 0:
            return stage.login("advisor")
        store = list(stage.stores.values())[(0, 1, 0, 2)[number % 4]]
        return stage.one_of(store, Role.ADVISOR)

    def _call(self, number: int, visit: Visit) -> CallbackIssue | None:
        desk, order = self.desk, visit.order
        match number % 14:
            case 3 | 7 | 11:
                return desk.unhappy(order)
            case 5 if number % 28 == 5:
                desk.silent(order)
            case 9:
                desk.lapse(order)
            case 12 if number % 28 == 12:
                desk.wrong(order)
            case 12:
                desk.refuses(order, RefusalScope.THIS_TIME)
            case _:
                desk.content(order)
                self.good.append(order)
        return None

    def _close(self, visit: Visit) -> None:
        if self.stage.chance(0.8):
            visit.wait_until(self.stage.at((visit.clock.date() - self.stage.day).days + 8, 18))
            visit.do(5, visit.advisor, visit.order.close)

    def recent_visits(self) -> None:
        """The last days: callbacks that are planned, due, late, tried and promised."""
        desk = self.desk
        days = {day: [self.floor.deliver(self._advisor(number + 1), day).order for number in range(count)] for day, count in RECENT.items()}
        self._fresh_issues()
        stories = {
            -3: (desk.put_back,), -4: (desk.put_back, desk.put_back, desk.busy, desk.later, desk.other, desk.busy), -5: (desk.later, desk.busy),
            -6: (partial(desk.drop, why=jobs.CANCELLED[0]), desk.complains),
        }
        for day, deeds in stories.items():
            for deed in deeds:
                deed(self._next(days[day]))
        desk.refuses(self._next(days[-5]), RefusalScope.PURPOSE)
        desk.refuses(self._next(days[-6]), RefusalScope.ALL)
        desk.hold(self._next(days[-3], lambda order: order.store is self.stage.home), self.stage.staff["DM011"])

    def _next(self, orders: list[ServiceOrder], fits: Callable[[ServiceOrder], bool] = lambda order: True) -> ServiceOrder:
        """The first of the orders that nobody has called about yet; it is taken off the list."""
        found = next(one for one in orders if fits(one) and self.desk.task(one).status is TaskStatus.PLANNED)
        orders.remove(found)
        return found

    def _fresh_issues(self) -> None:
        """A few of this week: one just raised, one that became a complaint, and praise."""
        mine = self.stage.login("advisor")
        fresh = [self._next([self.floor.deliver(mine, day).order]) for day in (-5, -5, -6, -6, -7)]
        self.desk.unhappy(fresh[0])
        issues.convert(self.stage, self.desk.unhappy(fresh[1]))
        issues.thank(self.stage, self.desk.praised(fresh[2]))
        self.desk.praised(fresh[3])
        self.desk.unhappy(fresh[4])

    def questions(self) -> None:
        """Visits with extra work that are over."""
        for visit in self.floor.settled_questions():
            if visit.clock < self.stage.at(-4):
                self.desk.content(visit.order)
            if visit.clock < self.stage.at(-8) and visit.order.status is State.DELIVERED:
                self.good.append(visit.order)
