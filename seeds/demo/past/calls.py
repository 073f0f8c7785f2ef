"""Callbacks of the last of the years before: the old system had them only then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from models.callback_plans import CallbackPlan
from models.callbacks import TaskStatus
from models.deadlines import due_after
from models.order_states import OrderStatus
from models.recall import Outcome
from models.roles import Role
from seeds.demo import talks
from seeds.demo.past.era import Era
from seeds.demo.past.press import Columns

BEGAN = 0.6
"""From this part of the visits on customers were called back."""
ENDS = (TaskStatus.COMPLETED, TaskStatus.UNREACHABLE, TaskStatus.REFUSED, TaskStatus.EXPIRED)
SHARES = (86, 6, 3, 5)
OUTCOMES = {TaskStatus.COMPLETED: Outcome.OK, TaskStatus.UNREACHABLE: Outcome.NO_ANSWER, TaskStatus.REFUSED: Outcome.REFUSE}
SCORES = (4, 6, 7, 8, 8, 8, 9, 9, 9, 9, 10, 10)


def tasks(era: Era, serials: range, done: Columns) -> Columns:
    """One callback for each car that went home."""
    dice = era.dice("calls", serials)
    picked = [
        place for place, serial in enumerate(serials)
        if serial >= era.count * BEGAN and done["status"][place] is not OrderStatus.CANCELLED and dice.random() < 0.9
    ]
    plan = era.stage.session.scalars(select(CallbackPlan).where(CallbackPlan.code == "3DC")).one()
    agents, ends = era.staff(Role.AGENT), dice.choices(ENDS, SHARES, k=len(picked))
    home = [done["completed_at"][place] for place in picked]
    shops = [era.stores.index(done["store_id"][place]) for place in picked]
    due = [due_after(moment, plan.due_hours) for moment in home]
    late = [due_after(moment, plan.hard_limit_hours) for moment in home]
    called = [moment - timedelta(minutes=minutes) for moment, minutes in zip(due, dice.choices(range(20, 2_400), k=len(picked)), strict=True)]
    return {
        "task_no": [f"DMH{done['order_no'][place][3:]}" for place in picked], "plan_id": plan.id,
        "order_id": [era.orders + serials.start + place for place in picked],
        **{name: [done[name][place] for place in picked] for name in ("customer_id", "vehicle_id", "store_id")},
        "due_at": due, "hard_due_at": late, "status": ends,
        "assignee_id": [agents[shop][place % len(agents[shop])] for shop, place in zip(shops, picked, strict=True)],
        "ended_at": [hard if end is TaskStatus.EXPIRED else at for end, hard, at in zip(ends, late, called, strict=True)],
        "score": [score if end is TaskStatus.COMPLETED else None for end, score in zip(ends, dice.choices(SCORES, k=len(picked)), strict=True)],
    }


def attempts(era: Era, base: int, tasks: Columns) -> Columns:
    """The call that ended each callback; nobody rang where it expired."""
    made = [place for place, end in enumerate(tasks["status"]) if end in OUTCOMES]
    outcomes: list[Any] = [OUTCOMES[tasks["status"][place]] for place in made]
    dice = era.dice("attempts", range(base, base + 1))
    words = {Outcome.OK: [one.zh for one in talks.CONTENT], Outcome.REFUSE: [talks.NOTES["REFUSE"].zh], Outcome.NO_ANSWER: [None]}
    return {
        "task_id": [base + place for place in made], "attempt_no": 1, "at": [tasks["ended_at"][place] for place in made],
        "seconds": [None if outcome is Outcome.NO_ANSWER else dice.randint(25, 420) for outcome in outcomes],
        "caller_id": [tasks["assignee_id"][place] for place in made], "outcome": outcomes,
        "note": [dice.choice(words[outcome]) for outcome in outcomes],
    }
