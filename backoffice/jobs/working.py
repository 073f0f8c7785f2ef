"""A worker: one process that does one job at a time, until it is told to stop."""

from __future__ import annotations

import contextvars
import logging
import secrets
import socket
import time
from os import getpid
from typing import Any

from flask import Flask
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from backoffice import search
from backoffice.access import SYSTEM
from backoffice.audit import context
from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.journal import Source
from backoffice.declare.people import set_actor
from backoffice.declare.text import set_locale
from backoffice.errors import trace
from backoffice.jobs import leases, sweeping
from backoffice.jobs.bell import Bell, Unreachable
from backoffice.jobs.heartbeat import Heartbeat
from backoffice.jobs.stopping import Stop
from backoffice.jobs.tables import Job, JobState
from backoffice.jobs.tasks import TASKS, Task
from backoffice.jobs.ticket import Cancelled, Lost, Stopped, Ticket

log = logging.getLogger(__name__)
SWEEP_S, DEAF_SWEEP_S = 60.0, 5.0
WAIT_S, RETRY_S = 1.0, 1.0
GAVE_UP, PERSON_LEFT, UNKNOWN, UNEXPECTED = "gave_up", "person_left", "unknown_task", "unexpected"
NAME_LENGTH = 40


class _Failed(Exception):
    """The job cannot be done; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Worker:
    """Does what is due, oldest first; sleeps until the bell rings, and looks every minute all the same."""

    def __init__(self, app: Flask, name: str | None = None, stop: Stop | None = None) -> None:
        self.app = app
        self.stop = stop or Stop()
        self.name = (name or f"{socket.gethostname()}-{getpid()}")[:NAME_LENGTH]
        self.owner = f"{self.name}#{secrets.token_hex(4)}"  # of this life alone: a namesake that hangs must not pass for it
        self.heartbeat = Heartbeat(app, self.owner, self.stop)
        self._next_sweep = 0.0
        self._is_waiting = False

    def run(self, parent: int | None = None) -> None:
        """Work until stopped. Where the database goes away, wait until it is back. Ends with the process ``parent``."""
        self.heartbeat.start(parent)
        bell: Bell = self.app.extensions["bell"]
        is_rung = True
        while not self.stop.is_set():
            try:
                self._recover()
                if time.monotonic() >= self._next_sweep:
                    self.sweep()
                    is_rung = True
                if is_rung:
                    self.work_off()
                self.index()
                is_rung = bell.wait(WAIT_S, self.stop)
            except DBAPIError as problem:
                is_rung = self._wait_for_database(problem)
            except Unreachable as problem:
                self._next_sweep = min(self._next_sweep, time.monotonic() + DEAF_SWEEP_S)
                log.warning("the bell does not answer (%s); looking every %d seconds", problem, DEAF_SWEEP_S)
                is_rung = self.stop.wait(DEAF_SWEEP_S)
        self.heartbeat.end()
        log.info("worker %s ends", self.name)

    def sweep(self) -> None:
        """Queue what has come round by itself; the next look is in a minute, whether the bell rings or not."""
        with self.app.app_context():
            sweeping.sweep()
        self._next_sweep = time.monotonic() + SWEEP_S

    def work_off(self) -> int:
        """Do everything that is due; answers how many jobs were taken up."""
        count = 0
        while not self.stop.is_set():
            with self.app.app_context():
                job = leases.claim(self.owner)
            if job is None:
                break
            count += 1
            contextvars.copy_context().run(self._do, job)
        return count

    def index(self) -> None:
        """Put what was written in bulk into the search index; a job that is due goes first."""
        with self.app.app_context():
            search.work_off(self.stop.is_set)

    def _do(self, job: Any) -> None:
        with self.app.app_context():
            clock.set_zone(self.app.config["TIMEZONE"])
            set_locale(self.app.config["LOCALE"])
            set_actor(None)
            context.set_source(Source.SYSTEM)
            ticket = Ticket(job, SYSTEM, self.stop)
            with self.heartbeat.over(ticket):
                try:
                    self._attempt(job, ticket)
                finally:
                    db.session.rollback()

    def _attempt(self, job: Any, ticket: Ticket) -> None:
        """One attempt, and what becomes of the job after it."""
        task = TASKS.get(job.task)
        try:
            self._run(task, job, ticket)
            db.session.rollback()
            leases.end_alone(self.owner, job.id, JobState.DONE, done=ticket.done, total=ticket.total)
        except Lost:
            log.warning("job %s (%s) is in other hands now", job.id, job.task)
        except Stopped:
            db.session.rollback()
            leases.give_back(self.owner, job.id, is_attempt=False)
            self.app.extensions["bell"].ring(job.id)
        except Cancelled:
            _finish(task, ticket, JobState.CANCELLED, None)
        except (OperationalError, InterfaceError) as problem:
            self._try_again(job, problem)
        except Exception as problem:  # noqa: BLE001  # whatever a task does, the worker lives on
            _finish(task, ticket, JobState.FAILED, _code(problem, ticket))

    def _run(self, task: Task | None, job: Any, ticket: Ticket) -> None:
        if task is None:
            raise _Failed(UNKNOWN)
        self.heartbeat.patience_s = task.patience_s
        if job.user_id is not None:
            ticket.person = self._person(job.user_id)
        if job.attempts > leases.MOST_ATTEMPTS:
            raise _Failed(GAVE_UP)
        task.run(ticket)

    def _person(self, user_id: int) -> Any:
        """The person who asked for the job, acting from here on, in the person's language."""
        plan = self.app.extensions["plans"].accounts
        person = db.session.get(plan.model, user_id) if plan is not None else None
        db.session.commit()  # holds no lock while the task begins
        if person is None or not person.may_sign_in:
            raise _Failed(PERSON_LEFT)
        set_actor(person)
        if person.language is not None:
            set_locale(person.language.value)
        return person

    def _try_again(self, job: Any, problem: DBAPIError) -> None:
        """The database went away, or was busy for too long: that says nothing about the job."""
        log.warning("job %s (%s) begins again later: %s", job.id, job.task, type(problem.orig).__name__)
        db.session.rollback()
        after_s = float(job.attempts**2)
        leases.give_back(self.owner, job.id, after_s=after_s)
        self._next_sweep = min(self._next_sweep, time.monotonic() + after_s + 0.1)

    def _recover(self) -> None:
        """After the database was away this worker holds nothing; what it held may go on at once."""
        if self._is_waiting:
            with self.app.app_context():
                leases.give_back(self.owner)
            self._is_waiting = False
            log.warning("the database is back")

    def _wait_for_database(self, problem: DBAPIError) -> bool:
        if not self._is_waiting:
            log.warning("waiting for the database (%s)", type(problem.orig).__name__)
        self._is_waiting = True
        self.stop.wait(RETRY_S)
        return True


def _finish(task: Task | None, ticket: Ticket, state: JobState, code: str | None) -> None:
    """End the job, and let the task see to its subject in the same transaction; where that goes wrong, end the job alone."""
    db.session.rollback()
    try:
        if leases.end(db.session(), ticket.owner, ticket.job_id, state, failure=code):
            _tell(task, ticket, state, code)
        db.session.commit()
    except (OperationalError, InterfaceError):
        raise
    except Exception as problem:  # noqa: BLE001  # a hook that fails must not leave the job without an end
        db.session.rollback()
        _look_up(problem, ticket)
        leases.end_alone(ticket.owner, ticket.job_id, state, failure=code)


def _tell(task: Task | None, ticket: Ticket, state: JobState, code: str | None) -> None:
    job = db.session.get_one(Job, ticket.job_id, populate_existing=True)
    if task is not None and state is JobState.FAILED and task.on_failure is not None:
        task.on_failure(db.session(), job, code or UNEXPECTED)
    if task is not None and state is JobState.CANCELLED and task.on_cancel is not None:
        task.on_cancel(db.session(), job)


def _code(problem: Exception, ticket: Ticket) -> str:
    """Why it failed, as a word without anybody's data; where nobody expected it, with a number to look up."""
    code = getattr(problem, "code", None)
    if isinstance(code, str) and code.isidentifier() and not isinstance(problem, DBAPIError):
        return code[:100]
    return f"{UNEXPECTED} {_look_up(problem, ticket)}"


def _look_up(problem: Exception, ticket: Ticket) -> str:
    """Log what went wrong; answers the number that it is found by."""
    reference = secrets.token_hex(4).upper()
    log.error("error %s in job %s (%s)\n%s", reference, ticket.job_id, ticket.task, trace(problem))
    return reference
