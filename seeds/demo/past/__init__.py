"""The years before: what the stores took over from their old system, written set by set.

Two hundred orders are lived through by the rules of the models. Those of a large demo would take hours that way, so
all beyond them are history, as an import of history leaves it: closed visits, finished calls, each row with its entry
in the trail. The same number on the same day always gives the same rows.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text

from backoffice.declare import clock
from backoffice.declare.journal import AuditEntry
from backoffice.declare.people import acting
from models.callback_attempts import CallAttempt
from models.callbacks import CallbackTask
from models.complaints import Complaint
from models.customers import Customer
from models.orders import ServiceOrder
from models.ownerships import Ownership
from models.vehicles import Vehicle
from seeds.demo.past import calls, grievances, people, visits
from seeds.demo.past.era import CHUNK, Era
from seeds.demo.past.pen import Pen
from seeds.demo.past.room import roomy, unlogged
from seeds.demo.past.titles import Titles
from seeds.demo.stage import Stage

Tell = Callable[[str], None]
NOUNS = (Customer, Vehicle, Ownership, ServiceOrder, CallbackTask, CallAttempt, Complaint)


def remember(stage: Stage, count: int, tell: Tell) -> None:
    """Write so many orders, with as many customers and cars; nothing is committed."""
    stage.session.flush()
    session, nouns = stage.session, [one.__table__ for one in (*NOUNS, AuditEntry)]
    with clock.stopped_at(stage.at(-1, 22)), acting(None), roomy(session.connection(), nouns):
        _write(Era(stage, count), tell)
        tell("indexes")
    session.execute(text("ANALYZE"))


def _write(era: Era, tell: Tell) -> None:
    """All rows; the names of a million records are forgotten when they are there."""
    titles = Titles(era.stage.session, (Customer, Vehicle))
    pens = [Pen(era.stage.session, noun, titles) for noun in NOUNS]
    _people(era, pens[:3], tell)
    _visits(era, pens[3:], tell)


def _people(era: Era, pens: list[Pen], tell: Tell) -> None:
    customers, cars, owners = pens
    era.customers, era.cars = customers.last + 1, cars.last + 1
    for first in range(0, era.count, CHUNK):
        serials = range(first, min(first + CHUNK, era.count))
        customers.write(people.customers(era, serials))
        bought = people.cars(era, serials)
        cars.write(bought)
        owners.write(people.ownerships(era, serials, bought))
        tell(f"{serials.stop:,} customers and cars")


def _visits(era: Era, pens: list[Pen], tell: Tell) -> None:
    orders, tasks, attempts, complaints = pens
    era.orders, era.tasks = orders.last + 1, tasks.last + 1
    for first in range(0, era.count, CHUNK):
        serials = range(first, min(first + CHUNK, era.count))
        done = visits.orders(era, serials)
        orders.write(done)
        called = calls.tasks(era, serials, done)
        base = tasks.last + 1
        tasks.write(called)
        attempts.write(calls.attempts(era, base, called))
        complaints.write(grievances.complaints(era, serials, done))
        tell(f"{serials.stop:,} orders")


__all__ = ["NOUNS", "remember", "unlogged"]
