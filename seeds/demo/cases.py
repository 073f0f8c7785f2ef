"""Complaints: one at each state, at each level, in time and late, with what customers were given."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from models import complaint_levels as levels
from models.authority_limits import CompensationKind
from models.complaint_states import Channel, PauseReason, Severity
from models.complaint_states import Status as State
from models.complaints import Complaint
from models.customer_notices import NoticeStep
from models.escalation_levels import EscalationLevel
from models.orders import ServiceOrder
from models.roles import Role
from models.staff import Staff
from seeds.demo import grievances, notices
from seeds.demo.both import Both
from seeds.demo.stage import Stage


class Case:
    """A complaint on its way; ``clock`` is the moment of its last step, ``handler`` whoever works on it."""

    def __init__(self, stage: Stage, order: ServiceOrder, number: int, moment: datetime, taker: Staff | None = None) -> None:
        self.stage, self.topic, self.clock = stage, grievances.GRIEVANCES[number % len(grievances.GRIEVANCES)], moment
        self.customer, self.handler = order.customer, taker or stage.one_of(order.store, Role.AGENT)
        topic = self.topic
        with stage.scene(self.handler, moment):
            self.complaint = Complaint(
                order=order, channel=topic.channel, subject=topic.subject, category=topic.category, problem_type=topic.problem,
                description=self.say(topic.words), remedy_sought=self.say(topic.remedy), summary=topic.problem, media=topic.channel is Channel.SOCIAL,
                occurred_on=order.completed_at.date() if order.completed_at else None, received_at=moment,
            )
            stage.session.add(self.complaint)
        self._climb()

    def _climb(self) -> None:
        """Where a trigger has sent it higher, whoever is asked there accepts and goes on."""
        if levels.waits(self.complaint) and self.complaint.owner is not None:
            self.handler = self.complaint.owner
            self.after(0.2, "accept")

    def say(self, words: Both) -> str:
        """In the customer's language."""
        return words.to(self.customer)

    def told(self, words: Both, **more: str) -> dict[str, Any]:
        """What a dialog asks of what the customer was told."""
        return {"told": self.say(words).format(**more), "means": notices.MEANS[self.topic.channel]}

    def after(self, hours: float, name: str, person: Staff | None = None, **details: Any) -> Case:
        """An action, so many hours later."""
        self.clock += timedelta(hours=hours)
        with self.stage.scene(person or self.handler, self.clock):
            getattr(self.complaint, name)(**details)
        return self

    def go(self, goal: State) -> Case:
        """The usual way up to a state, at a good pace."""
        while self.complaint.status is not goal:
            self._next(self.complaint.status)
        return self

    def _next(self, state: State) -> None:
        topic, stage = self.topic, self.stage
        match state:
            case State.RECEIVED:
                known = self.told(notices.ACKNOWLEDGED, number=self.complaint.complaint_no, name=self.handler.name)
                self.after(0.4, "acknowledge", promised_at=self.clock + timedelta(hours=20), **known)
            case State.ACKNOWLEDGED:
                self.after(1, "assess", severity=topic.severity, assessment=self.say(self._assessment()), safety=topic.severity is Severity.URGENT)
            case State.ASSESSED:
                self.after(0.5, "investigate")
            case State.INVESTIGATING:
                responsible = self.complaint.order.advisor or self.handler
                self.after(
                    2, "propose", decision=self.say(topic.decision), promised_at=self.clock + timedelta(hours=40), responsible=responsible,
                    cause=self.say(topic.cause),
                )
            case State.PROPOSAL_MADE:
                self._decide_with_customer()
            case State.AGREED:
                self.after(1, "implement")
            case State.IMPLEMENTING:
                self.after(8, "resolve", result=self.say(topic.result))
            case State.RESOLVED:
                self.after(5, "confirm", satisfied=True, satisfaction=stage.random.randint(6, 10), note=self.say(topic.result),
                           **self.told(notices.FOLLOW_UP))
            case _:
                late = self.complaint.level_breached_at or self.complaint.overall_breached_at
                self.after(1, "close", breach_reason=self.say(grievances.BREACH) if late else None, **self.told(notices.CLOSED))

    def _decide_with_customer(self) -> None:
        words = self.told(notices.DECISION, decision=self.say(self.topic.decision))
        self.after(0.5, "tell", step=NoticeStep.DECISION, words=words["told"], means=words["means"], answer=self.say(notices.AGREED))
        self.after(0.5, "agree")

    def _assessment(self) -> Both:
        return grievances.DANGER if self.topic.severity is Severity.URGENT else grievances.ASSESSED

    # Levels and compensation

    def raise_to(self, code: str, why: Both, hours: float = 1, accepted_by: Staff | None = None) -> Case:
        """A higher level is asked, unless a trigger has done so already; if somebody accepts, that person goes on."""
        level = self.stage.session.query(EscalationLevel).filter_by(code=code).one()
        if self.complaint.level.rank >= level.rank:
            return self
        self.after(hours, "raise_level", reason=self.say(why), to=level, **self.told(notices.RAISED))
        if accepted_by is not None:
            self.handler = accepted_by
            self.after(0.3, "accept")
        return self

    def offer(self, kind: CompensationKind, amount: str, why: Both, person: Staff | None = None) -> Any:
        """Something is proposed to the customer."""
        self.after(0.5, "propose_compensation", person, kind=kind, amount=Decimal(amount), reason=self.say(why))
        return max(self.complaint.compensations, key=lambda one: one.compensation_no)

    def decide(self, compensation: Any, name: str, person: Staff, **details: Any) -> Case:
        """Somebody else decides about it, unless a trigger had sent the case to whoever grants it at once."""
        if compensation.within_authority and name in ("approve", "reject"):
            return self
        self.clock += timedelta(minutes=40)
        with self.stage.scene(person, self.clock):
            getattr(compensation, name)(**details)
        return self

    def wait(self, reason: PauseReason, until: datetime) -> Case:
        """The clocks stand still."""
        words = self.told(notices.WAITING)
        return self.after(1, "pause", waits_for=reason, until=until).after(
            0, "tell", step=NoticeStep.PROGRESS, words=words["told"], means=words["means"],
        )
