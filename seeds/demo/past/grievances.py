"""Complaints of the years before: one in a hundred visits, all of them over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from models.complaint_states import Status
from models.escalation_levels import EscalationLevel
from models.order_states import OrderStatus
from models.roles import Role
from seeds.demo.grievances import GRIEVANCES
from seeds.demo.past.era import Era
from seeds.demo.past.press import Columns

RARE = 100
ENDED = (Status.CLOSED, Status.CLOSED, Status.CLOSED, Status.CLOSED, Status.CLOSED, Status.CLOSED, Status.WITHDRAWN, Status.REJECTED)


def complaints(era: Era, serials: range, done: Columns) -> Columns:
    """About every hundredth car that went home."""
    dice = era.dice("complaints", serials)
    chosen = [place for place, serial in enumerate(serials) if serial % RARE == 57 and done["status"][place] is not OrderStatus.CANCELLED]
    topics, ends = [dice.choice(GRIEVANCES) for _one in chosen], [dice.choice(ENDED) for _one in chosen]
    lowest = era.stage.session.scalars(select(EscalationLevel.id).order_by(EscalationLevel.rank)).first()
    agents = era.staff(Role.AGENT)
    owners = [agents[era.stores.index(done["store_id"][place])][0] for place in chosen]
    came = [done["completed_at"][place] + timedelta(hours=dice.randint(3, 90)) for place in chosen]
    over = [moment + timedelta(hours=dice.randint(4, 70)) for moment in came]
    return {
        "complaint_no": [f"DMT{done['order_no'][place][3:]}" for place in chosen], "channel": [one.channel for one in topics], "received_at": came,
        **{name: [done[name][place] for place in chosen] for name in ("customer_id", "vehicle_id", "store_id")},
        "order_id": [era.orders + serials.start + place for place in chosen], "subject": [one.subject for one in topics],
        "category": [one.category for one in topics], "problem_type": [one.problem for one in topics], "severity": [one.severity for one in topics],
        "summary": [one.problem for one in topics], "description": [one.words.zh for one in topics], "remedy_sought": [one.remedy.zh for one in topics],
        "status": ends, "level_id": lowest, "owner_id": owners, "first_owner_id": owners,
        "acknowledged_at": [moment + timedelta(minutes=25) for moment in came], "overall_due_at": [moment + timedelta(hours=24) for moment in came],
        "cause": [one.cause.zh for one in topics], "decision": [one.decision.zh for one in topics], "result": [one.result.zh for one in topics],
        "closed_at": over, "satisfaction": [dice.randint(5, 10) if end is Status.CLOSED else None for end in ends],
    }
