"""The workshop as it stands on the morning of the demo: a car at every step, with its questions to customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from models.order_states import OrderStatus as State
from models.roles import Role
from models.staff import Staff
from models.vehicles import Vehicle
from seeds.demo import extras, jobs
from seeds.demo.stage import Stage
from seeds.demo.visits import Visit, arrive

STANDING = (
    State.DRAFT, State.RECEIVED, State.DIAGNOSING, State.ESTIMATED, State.AUTHORIZED, State.SCHEDULED, State.IN_REPAIR, State.SELF_CHECK,
    State.TEAM_CHECK, State.FINAL_CHECK, State.WASHING, State.READY, State.SETTLED,
)
ASKING = (extras.sent, extras.drafted, extras.partly_decided, extras.agreed, extras.withdrawn, extras.drafted, extras.sent, extras.revised)
REPAIRABLE = tuple(job for job in jobs.JOBS if len(job.items) > 1)


class Floor:
    """Cars and advisors take turns."""

    def __init__(self, stage: Stage, cars: list[Vehicle]) -> None:
        self.stage, self.cars, self.turn = stage, self._by_turns(cars), 0
        self.houses = {code: self._by_turns([car for car in cars if car.owner.store is store]) for code, store in stage.stores.items()}

    @staticmethod
    def _by_turns(cars: list[Vehicle]) -> Iterator[Vehicle]:
        while True:
            yield from cars

    def come(self, advisor: Staff, days: int, hour: int, minute: int = 0, job: jobs.Job | None = None, *, late: bool = False, **more: Any) -> Visit:
        """The next car of the advisor's store comes in."""
        car = next(self.houses[(advisor.store or self.stage.home).code])
        return arrive(self.stage, car, job or self.stage.pick(jobs.JOBS), advisor, self.stage.at(days, hour, minute), late=late, **more)

    def fill(self) -> None:
        """Every step and every kind of question, most of them the advisor's who signs in."""
        mine = self.stage.login("advisor")
        for number, goal in enumerate(STANDING):
            self.come(mine, -1, 10 + number % 4, 5 * number % 60, jobs.JOBS[1 + number % 5], wash=True).go(goal)
        for store in self.stage.stores.values():
            for goal in self.stage.random.sample(STANDING, 5):
                self.come(self.stage.one_of(store, Role.ADVISOR), -1, self.stage.random.randint(9, 13), 20, wash=True).go(goal)
        for number, story in enumerate(ASKING):
            story(self.come(mine, -1, 9 + number % 5, 10, REPAIRABLE[number % len(REPAIRABLE)]).go(State.IN_REPAIR), number)
        self._held_up(mine)

    def _held_up(self, mine: Staff) -> None:
        for number in range(2):
            visit = self.come(mine, -2, 11 + number, 15, REPAIRABLE[3 + number]).go(State.IN_REPAIR)
            visit.do(30, visit.technician, visit.order.wait_for_parts)
        failed = self.come(mine, -1, 9, 40, REPAIRABLE[2]).go(State.FINAL_CHECK)
        failed.do(20, failed.technician, lambda: failed.order.fail_final_check(defect=jobs.DEFECT.to(failed.order.customer)))
        for number, why in enumerate(jobs.CANCELLED):
            visit = self.come(mine, -2 - number, 10, 30).go(State.ESTIMATED if number else State.DRAFT)
            visit.do(40, mine, lambda visit=visit, why=why: visit.order.cancel(reason=why.to(visit.order.customer)))

    def deliver(self, advisor: Staff, days: int, job: jobs.Job | None = None) -> Visit:
        """A car that came in the morning and went home in the afternoon, so many days ago."""
        stage = self.stage
        visit = self.come(advisor, days, stage.random.randint(8, 12), stage.random.randint(0, 55), job, late=stage.chance(0.12))
        visit.brief = True
        return visit.go(State.DELIVERED)

    def settled_questions(self) -> list[Visit]:
        """Visits of the last weeks with extra work that was answered, put off or forgotten; one came back for it."""
        mine, done = self.stage.login("advisor"), []
        for number, (story, days) in enumerate(((extras.mixed, -9), (extras.mixed, -5), (extras.unanswered, -16), (extras.unanswered, -12))):
            visit = self.come(mine, days, 9, 15, REPAIRABLE[number]).go(State.IN_REPAIR)
            story(visit, number + 1)
            done.append(visit)
        before = done[0]
        again = arrive(self.stage, before.order.vehicle, jobs.JOBS[1], mine, self.stage.at(-1, 9, 50)).go(State.IN_REPAIR)
        extras.taken_up(before, again)
        return done

    def rework(self, before: Visit, days: int) -> Visit:
        """The same car, with the same fault."""
        moment = before.order.completed_at.replace(hour=1) + timedelta(days=days)
        return arrive(self.stage, before.order.vehicle, jobs.REWORK, before.advisor, moment, rework_of=before.order).go(State.DELIVERED)
