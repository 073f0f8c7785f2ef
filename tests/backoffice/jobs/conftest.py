"""A toy task that writes one row for each number, in slices, and what the queue looks like afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from backoffice.jobs import Ticket, tasks
from backoffice.jobs.tables import Job


@dataclass
class Probe:
    """What a task of a test saw and does."""

    run: Callable[[Ticket], None] = lambda ticket: None
    tickets: list[Ticket] = field(default_factory=list)
    told: list[tuple[str, int, str | None]] = field(default_factory=list)

    def __call__(self, ticket: Ticket) -> None:
        self.tickets.append(ticket)
        self.run(ticket)

    def on_failure(self, session: Any, job: Job, code: str) -> None:
        self.told.append(("failed", job.id, code))

    def on_cancel(self, session: Any, job: Job) -> None:
        self.told.append(("cancelled", job.id, None))


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    """The task ``toys.probe``; it does what the test says."""
    one = Probe()
    made = tasks.Task("toys.probe", one, on_failure=one.on_failure, on_cancel=one.on_cancel, where="/loans/{subject_id}")
    monkeypatch.setitem(tasks.TASKS, made.name, made)
    return one
