"""The worker's second thread: says that the worker is alive, and keeps the lease while a long step lasts.

It keeps the lease only as long as the task has given a sign of life (``step``, ``say``, ``check``)
within the task's patience. A task that has been silent for longer is taken for hung: the process
ends itself, so that its transaction is rolled back and another worker takes the job.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import SQLAlchemyError

from backoffice.db import db, patience
from backoffice.declare import clock
from backoffice.jobs import leases
from backoffice.jobs.stopping import Stop
from backoffice.jobs.tables import WORKERS
from backoffice.jobs.tasks import PATIENCE_S
from backoffice.jobs.ticket import Ticket

log = logging.getLogger(__name__)
TICK_S, SEEN_S = 1.0, 5.0
BUSY_MS = 2_000
HUNG = 75
"""The exit code of a worker that ended itself: temporary failure, start it again."""


class Heartbeat:
    """Beats every second beside the work; ``patience_s`` is the task's."""

    def __init__(self, app: Flask, owner: str, stop: Stop) -> None:
        self.app, self.owner, self.patience_s = app, owner, PATIENCE_S
        self._stop, self._over = stop, threading.Event()
        self._ticket: Ticket | None = None
        self._parent: int | None = None
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._seen_at = self._kept_at = float("-inf")
        self._is_known = False

    def start(self, parent: int | None) -> None:
        """Begin; when the process ``parent`` is gone the worker is told to stop."""
        self._parent = parent
        self._thread.start()

    def end(self) -> None:
        """End, and take the worker off the list."""
        self._over.set()
        self._thread.join(timeout=BUSY_MS / 1000 + 5)
        try:
            with self.app.app_context(), patience(BUSY_MS), db.engine.begin() as connection:
                connection.execute(delete(WORKERS).where(WORKERS.c.name == self.owner))
        except SQLAlchemyError:
            log.info("worker %s stays on the list: the database does not answer", self.owner)

    @contextmanager
    def over(self, ticket: Ticket) -> Iterator[None]:
        """Keep the lease of this job for the length of a block."""
        self._kept_at = time.monotonic()
        self._ticket = ticket
        try:
            yield
        finally:
            self._ticket, self.patience_s = None, PATIENCE_S

    def _beat(self) -> None:
        while not self._over.wait(TICK_S):
            if self._parent is not None and os.getppid() != self._parent:
                self._stop.set()
            try:
                with self.app.app_context(), patience(BUSY_MS):
                    self._be_seen()
                    self._keep()
            except SQLAlchemyError as problem:
                log.debug("no beat: the database does not answer (%s)", type(problem).__name__)
            self._insist_on_life()

    def _be_seen(self) -> None:
        if time.monotonic() - self._seen_at < SEEN_S:
            return
        now = clock.now()
        with db.engine.begin() as connection:
            seen = connection.execute(update(WORKERS).where(WORKERS.c.name == self.owner).values(seen_at=now))
            if seen.rowcount == 0:
                connection.execute(insert(WORKERS).values(name=self.owner, started_at=now, seen_at=now))
        self._seen_at = time.monotonic()

    def _keep(self) -> None:
        """Extend the lease of a task that has been quiet for a while."""
        ticket, now = self._ticket, time.monotonic()
        if ticket is None or now - max(ticket.moved_at, self._kept_at) < leases.LEASE.total_seconds() / 3:
            return
        if not leases.extend(self.owner, ticket.job_id) and self._ticket is ticket:
            ticket.is_lost = True
        self._kept_at = now

    def _insist_on_life(self) -> None:
        ticket = self._ticket
        if ticket is None or time.monotonic() - ticket.moved_at < self.patience_s:
            return
        log.critical("job %s (%s) gave no sign of life for %d seconds: the worker ends itself", ticket.job_id, ticket.task, self.patience_s)
        logging.shutdown()
        os._exit(HUNG)
