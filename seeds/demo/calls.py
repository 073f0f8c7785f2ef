"""Callbacks: the agents ring the customers three days after their visit, with every outcome there is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from backoffice.declare import clock
from models.callback_codes import CallbackCode
from models.callback_issues import CallbackIssue, Tone
from models.callbacks import CallbackTask, RefusalScope
from models.orders import ServiceOrder
from models.recall import Outcome
from models.roles import Role
from models.staff import Staff
from seeds.demo import talks
from seeds.demo.both import Both
from seeds.demo.stage import Stage

SHIFT = (9, 10, 11, 14, 15, 16, 17, 18)
"""The hours in which the agents ring."""


class Desk:
    """The callback desk: who rings, when, with which words."""

    def __init__(self, stage: Stage, codes: dict[str, CallbackCode]) -> None:
        self.stage, self.codes, self.talks = stage, codes, 0

    def task(self, order: ServiceOrder) -> CallbackTask:
        """The callback that the delivery of an order asked for."""
        return self.stage.session.query(CallbackTask).filter_by(order=order).one()

    def due(self, order: ServiceOrder) -> datetime:
        """A moment in the shift shortly before the callback is due."""
        day = (order.completed_at.astimezone(clock.zone()).date() - self.stage.day).days + self.stage.pick([2, 3, 3])
        return self.stage.at(min(day, -1), self.stage.pick(SHIFT), self.stage.random.randint(0, 55))

    def agent(self, order: ServiceOrder) -> Staff:
        """An agent of the order's store."""
        return self.stage.one_of(order.store, Role.AGENT)

    def ring(self, order: ServiceOrder, outcome: Outcome, moment: datetime, **details: Any) -> CallbackTask:
        """A call with its outcome."""
        task = self.task(order)
        words = talks.NOTES.get(outcome.value)
        if words is not None:
            details.setdefault("note", words.to(order.customer))
        with self.stage.scene(self.agent(order), moment):
            task.log_call(outcome=outcome, seconds=None if outcome is Outcome.NO_ANSWER else self.stage.random.randint(25, 420), **details)
        return task

    def content(self, order: ServiceOrder) -> CallbackTask:
        """All is well; some praise somebody, and some gave it after a first call that nobody took."""
        moment, stage = self.due(order), self.stage
        if stage.chance(0.2):
            self.ring(order, stage.pick([Outcome.NO_ANSWER, Outcome.BUSY]), moment - timedelta(days=1))
        details: dict[str, Any] = {"score": stage.pick([7, 8, 8, 9, 9, 9, 10, 10]), "note": stage.pick(talks.CONTENT).to(order.customer)}
        if stage.chance(0.15):
            details["praise"] = stage.pick(talks.PRAISE).to(order.customer)
        task = self.ring(order, Outcome.OK, moment, **details)
        if stage.chance(0.4):
            self._ask(task, moment)
        return task

    def _ask(self, task: CallbackTask, moment: datetime) -> None:
        with self.stage.scene(self.agent(task.order), moment + timedelta(minutes=4)):
            task.record_answer(question=talks.QUESTIONS[0].to(task.customer), score=self.stage.random.randint(7, 10))
            task.record_answer(question=talks.QUESTIONS[1].to(task.customer), yes_no=True)

    def unhappy(self, order: ServiceOrder) -> CallbackIssue:
        """The customer criticizes something, under the next code in turn."""
        talk, moment = talks.TALKS[self.talks % len(talks.TALKS)], self.due(order)
        self.talks += 1
        angry = self.stage.chance(0.3)
        task = self.ring(
            order, Outcome.OK, moment, score=self.stage.random.randint(2, 6), code=self.codes[talk.code], criticism=talk.words.to(order.customer),
            angry=angry, urgent=angry and self.stage.chance(0.5),
        )
        return task.issues[0]

    def praised(self, order: ServiceOrder) -> CallbackIssue:
        """Praise is worth an entry, too."""
        task, words = self.content(order), talks.PRAISE[0].to(order.customer)
        with self.stage.scene(self.agent(order), self.due(order)):
            issue = CallbackIssue(task=task, code=self.codes["C"], tone=Tone.PRAISE, verbatim=words)
            self.stage.session.add(issue)
        return issue

    # Those who are hard to reach

    def busy(self, order: ServiceOrder) -> None:
        """Nobody answered yesterday; to be tried again."""
        self.ring(order, Outcome.NO_ANSWER, self.stage.at(-1, 10, 20))
        self.ring(order, Outcome.OFF, self.stage.at(-1, 15, 40))

    def later(self, order: ServiceOrder) -> None:
        """The customer named a time today."""
        self.ring(order, Outcome.LATER, self.stage.at(-1, 16, 10), next_at=self.stage.at(0, self.stage.pick([10, 14, 18]), 30))

    def other(self, order: ServiceOrder) -> None:
        """A relative answered and gave another number."""
        self.ring(order, Outcome.THIRD, self.stage.at(-1, 11, 5), other_number="19900008800")

    def refuses(self, order: ServiceOrder, scope: RefusalScope) -> None:
        """The customer wants no call: this one, this kind, or any."""
        self.ring(order, Outcome.REFUSE, self.due(order), refusal=scope)

    def wrong(self, order: ServiceOrder) -> None:
        """The number belongs to somebody else; the advisor gets a to-do."""
        self.ring(order, Outcome.WRONG, self.due(order))

    def silent(self, order: ServiceOrder) -> None:
        """Four calls, no answer."""
        start = self.due(order).replace(hour=10, minute=15) - timedelta(days=1)
        for hours in (0, 5, 24, 29):
            self.ring(order, Outcome.NO_ANSWER, start + timedelta(hours=hours))

    def complains(self, order: ServiceOrder) -> None:
        """A call that ends in a complaint."""
        self.ring(
            order, Outcome.COMPLAINT, self.due(order), criticism=talks.NOTES["COMPL"].to(order.customer), category="维修质量", problem_type="同一故障再次出现",
        )

    def put_back(self, order: ServiceOrder) -> None:
        """Somebody took it and gave it back: due again."""
        task, agent = self.task(order), self.agent(order)
        with self.stage.scene(agent, self.stage.at(-1, 17, 30)):
            task.claim()
        with self.stage.scene(agent, self.stage.at(-1, 17, 40)):
            task.release()

    def hold(self, order: ServiceOrder, agent: Staff) -> None:
        """An early bird has it in hand."""
        with self.stage.scene(agent, self.stage.at(0, 7, 55)):
            self.task(order).claim()

    def lapse(self, order: ServiceOrder) -> None:
        """Nobody rang within a week."""
        with self.stage.scene(self.stage.one_of(order.store, Role.SUPERVISOR), order.completed_at + timedelta(days=7, hours=2)):
            self.task(order).expire()

    def drop(self, order: ServiceOrder, why: Both) -> None:
        """The head takes it off the list."""
        with self.stage.scene(self.stage.one_of(order.store, Role.SUPERVISOR), self.due(order)):
            self.task(order).cancel(reason=why.to(order.customer))
