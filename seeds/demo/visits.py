"""Visits: a car comes in, is repaired and goes home, each step by whoever does it, at a believable time."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.customers import CallSlot
from models.evidence import Method, Relation
from models.order_lines import OrderLine, Work
from models.order_states import OrderStatus as State
from models.orders import ServiceOrder
from models.roles import Role
from models.staff import Staff
from models.vehicles import Vehicle
from seeds.demo import jobs
from seeds.demo.stage import Stage


@dataclass
class Visit:
    """One order on its way; ``clock`` is the moment of its last step. The history of a ``brief`` one has milestones only."""

    stage: Stage
    order: ServiceOrder
    advisor: Staff
    technician: Staff
    clock: datetime
    late: bool = False
    brief: bool = False

    def go(self, goal: State) -> Visit:
        """Take all steps up to a state."""
        while self.order.status is not goal:
            step = NEXT[self.order.status]
            self.do(step.minutes, self.advisor if step.by_advisor else self.technician, functools.partial(step.act, self))
        return self

    def do(self, minutes: int, person: Staff, deed: Callable[[], Any]) -> Any:
        """Something a person does so many minutes later."""
        self.clock += timedelta(minutes=minutes)
        with self.stage.scene(person, self.clock, save=not self.brief or self.order.status in MILESTONES):
            return deed()

    def wait_until(self, moment: datetime) -> Visit:
        """Nothing happens until a moment."""
        self.clock = max(self.clock, moment)
        return self


@dataclass(frozen=True)
class Step:
    """What is done, how many minutes after the step before, by the advisor or in the workshop."""

    minutes: int
    by_advisor: bool
    act: Callable[[Visit], None]


def arrive(stage: Stage, car: Vehicle, job: jobs.Job, advisor: Staff, moment: datetime, *, late: bool = False, **more: Any) -> Visit:
    """A car is booked in; the order is a draft with its lines."""
    owner, store = car.owner, advisor.store or stage.home
    with stage.scene(advisor, moment):
        order = ServiceOrder(
            store=store, customer=owner, vehicle=car, status=State.DRAFT, service_type=job.service, advisor=advisor, customer_words=job.words.to(owner),
            mileage_km=(car.mileage_km or 0) + stage.random.randint(20, 400), belongings=stage.pick(jobs.BELONGINGS).to(owner),
            return_parts=stage.chance(0.2), **{"wash": stage.chance(0.8), **more},
        )
        stage.session.add(order)
        for number, item in enumerate(job.items, 1):
            stage.session.add(OrderLine(
                order=order, line_no=number, kind=item.kind, code=item.code, description=item.name.to(owner), qty=item.qty, unit_price=item.price,
            ))
    return Visit(stage, order, advisor, stage.one_of(store, Role.WORKSHOP), moment, late)


def word_of(visit: Visit) -> dict[str, Any]:
    """The customer's word, given in one of several ways."""
    stage, customer = visit.stage, visit.order.customer
    method = stage.pick([*Method])
    relation = stage.pick([Relation.SELF, Relation.SELF, Relation.SELF, Relation.FAMILY, Relation.DRIVER])
    person = customer.name if relation is Relation.SELF else stage.pick(["家属 王女士", "司机 老刘"])
    return {"person": person, "relation": relation, "method": method, "phone_called": customer.phone if method is Method.PHONE else None}


def _receive(visit: Visit) -> None:
    visit.order.receive(walkaround=visit.stage.pick(jobs.WALKROUND).to(visit.order.customer))


def _estimate(visit: Visit) -> None:
    visit.order.estimate(promised_at=visit.clock + timedelta(minutes=150 if visit.late else 330))


def _authorize(visit: Visit) -> None:
    visit.order.authorize(**word_of(visit))


def begin_work(visit: Visit) -> None:
    """Start every line that the customer wants."""
    for line in _lines(visit, Work.OPEN):
        line.start()


def finish_work(visit: Visit) -> None:
    """Finish what was started, and what was not."""
    begin_work(visit)
    for line in _lines(visit, Work.STARTED):
        line.finish()


def _lines(visit: Visit, work: Work) -> list[OrderLine]:
    lines = sorted(visit.order.live_lines, key=lambda one: one.line_no)
    return [one for one in lines if one.may_start and one.work is work]


def _work_and_hand_in(visit: Visit) -> None:
    finish_work(visit)
    visit.order.finish_repair()


def _deliver(visit: Visit) -> None:
    order, stage = visit.order, visit.stage
    order.deliver(
        next_service_on=stage.day + timedelta(days=stage.random.randint(120, 360)), next_service_km=(order.mileage_km or 0) + 10_000,
        callback_slot=stage.pick([*CallSlot]),
    )


MILESTONES = (State.ESTIMATED, State.IN_REPAIR, State.READY, State.SETTLED, State.DELIVERED)
"""Where a step begins that even a brief history has."""
NEXT = {
    State.DRAFT: Step(5, True, _receive),
    State.RECEIVED: Step(15, False, lambda visit: visit.order.diagnose()),
    State.DIAGNOSING: Step(25, True, _estimate),
    State.ESTIMATED: Step(10, True, _authorize),
    State.AUTHORIZED: Step(10, False, lambda visit: visit.order.schedule()),
    State.SCHEDULED: Step(15, False, lambda visit: visit.order.start_repair()),
    State.WAITING_PARTS: Step(20, False, lambda visit: visit.order.resume_repair()),
    State.IN_REPAIR: Step(90, False, _work_and_hand_in),
    State.SELF_CHECK: Step(5, False, lambda visit: visit.order.pass_self_check()),
    State.TEAM_CHECK: Step(10, False, lambda visit: visit.order.pass_team_check()),
    State.FINAL_CHECK: Step(15, False, lambda visit: visit.order.pass_final_check()),
    State.WASHING: Step(25, True, lambda visit: visit.order.finish_wash()),
    State.READY: Step(15, True, lambda visit: visit.order.settle()),
    State.SETTLED: Step(10, True, _deliver),
}
"""The usual next step from each state."""
