"""Visits of the years before: closed orders, as the old system had them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from models.customers import CallSlot
from models.order_rules import BILLED, usual_payer
from models.order_states import OrderStatus, Payer
from models.roles import Role
from seeds.demo import jobs
from seeds.demo.jobs import Job
from seeds.demo.past.era import Day, Era
from seeds.demo.past.press import Columns

SHARES = (4, 22, 6, 9, 7, 5, 3, 4)
"""How often the jobs come."""
OPEN_MINUTES = 570
CANCELLED = 0.02
LATE = 0.12
IN_TIME, TOO_SOON = timedelta(minutes=330), timedelta(minutes=60)


def _bill(job: Job) -> Decimal:
    return sum((one.qty * one.price for one in job.items), Decimal(0)).quantize(Decimal("0.01"))


BILLS = {id(job): _bill(job) for job in jobs.JOBS}
ITEMS = {id(job): "；".join(f"{one.name.zh} {one.qty.normalize():f} × {one.price}" for one in job.items) for job in jobs.JOBS}


def orders(era: Era, serials: range) -> Columns:
    """One order for each serial number, by the day."""
    dice, count = era.dice("visits", serials), len(serials)
    ago = [era.days_ago(serial) for serial in serials]
    past = [era.days[days] for days in ago]
    who = [int(dice.random() * day.customers) for day in past]
    chosen = dice.choices(jobs.JOBS, SHARES, k=count)
    advisors = era.staff(Role.ADVISOR)
    moments = [_moments(day, serial - day.first, dice.random(), dice.random()) for serial, day in zip(serials, past, strict=True)]
    dropped = [dice.random() < CANCELLED for _one in serials]
    payers = [usual_payer(job.service) for job in chosen]
    amounts = [_amount(job, payer, dice.random()) for job, payer in zip(chosen, payers, strict=True)]
    kilometres = [(4_800 - days) * 9 + one % 977 for days, one in zip(ago, who, strict=True)]
    after = [day + timedelta(days=days) for day, days in zip((one[0].date() for one in moments), dice.choices(range(120, 360), k=count), strict=True)]

    def unless_dropped(values: Any) -> list[Any]:
        return [None if is_off else value for is_off, value in zip(dropped, values, strict=True)]

    return {
        "order_no": [f"DMG{day.sign}{serial - day.first + 1:04}" for serial, day in zip(serials, past, strict=True)],
        "store_id": [era.stores[era.shop(one)] for one in who], "customer_id": [era.customers + one for one in who],
        "vehicle_id": [era.cars + one for one in who], "service_type": [job.service for job in chosen],
        "advisor_id": [advisors[era.shop(one)][(one + days) % len(advisors[era.shop(one)])] for one, days in zip(who, ago, strict=True)],
        "status": [OrderStatus.CANCELLED if is_off else OrderStatus.CLOSED for is_off in dropped],
        "checked_in_at": [one[0] for one in moments], "promised_at": [one[1] for one in moments], "completed_at": unless_dropped(one[2] for one in moments),
        "mileage_km": kilometres, "customer_words": [job.words.zh for job in chosen], "items": [ITEMS[id(job)] for job in chosen],
        "wash": [job is not jobs.JOBS[0] for job in chosen], "payer": payers, "estimate_total": amounts, "amount": unless_dropped(amounts),
        "settled_at": unless_dropped(one[2] - timedelta(minutes=12) for one in moments),
        "final_check_passed_at": unless_dropped(one[2] - timedelta(minutes=55) for one in moments), "next_service_on": unless_dropped(after),
        "next_service_km": unless_dropped(number + 10_000 for number in kilometres),
        "callback_slot": unless_dropped(dice.choices(tuple(CallSlot), k=count)),
        "cancel_reason": [jobs.CANCELLED[serial % 2].zh if is_off else None for is_off, serial in zip(dropped, serials, strict=True)],
    }


def _moments(day: Day, place: int, late: float, length: float) -> tuple[datetime, datetime, datetime]:
    """Checked in, promised, delivered; the visits of a day come one after the other."""
    came = day.opening + timedelta(minutes=place * OPEN_MINUTES // day.visits)
    took = timedelta(minutes=int(75 + length * 240))
    return came, came + (IN_TIME if late >= LATE else TOO_SOON), came + took


def _amount(job: Job, payer: Payer, chance: float) -> Decimal:
    """What the customer or the insurance paid; a little more where more was done."""
    return BILLS[id(job)] + Decimal(int(chance * 40) * 10) if payer in BILLED else Decimal("0.00")
