"""Real workers that are killed, frozen and ended: the result is exactly what one quiet worker would have made."""

from __future__ import annotations

import random
import signal
import time
from contextlib import ExitStack

import pytest
from sqlalchemy import func, select

from backoffice.db import reading
from backoffice.declare.journal import AuditEntry
from backoffice.jobs import enqueue
from backoffice.jobs.tables import Job, JobState
from tests.support import wsgi  # noqa: F401  # the task that the workers do
from tests.support.jobs import a_worker, eventually, workers
from tests.toys import Branch

LEASE_S = 1.5


def put(session, count: int, pause_s: float = 0.02) -> int:
    job = enqueue(session, "toys.fill", subject_id=1, payload={"count": count, "pause_s": pause_s})
    session.commit()
    return job.id


def job(session, number: int) -> Job:
    """The job as it stands, looked at without holding anybody up."""
    with reading():
        session.rollback()
        found = session.get_one(Job, number, populate_existing=True)
        session.expunge(found)
        session.rollback()
    return found


def assert_exact(session, number: int, count: int) -> None:
    """Every row once, every row in the trail once."""
    codes = session.scalars(select(Branch.code).order_by(Branch.code)).all()
    entries = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.resource == "branches"))

    assert codes == [f"N{each:05}" for each in range(count)]
    assert entries == count
    assert (job(session, number).state, job(session, number).cursor) == (JobState.DONE, count)


@pytest.mark.parametrize(("kills", "at_once"), [(2, 1), pytest.param(10, 2, marks=pytest.mark.acceptance)])
def test_a_job_survives_kills_at_any_moment(toy_app, toy_session, kills, at_once):
    """Killed again and again in mid-job, it goes on to the exact same result: nothing missing, nothing twice."""
    chance, count = random.Random(3), 200 + 100 * kills
    number = put(toy_session, count)
    for _round in range(kills):
        before = job(toy_session, number).cursor
        with ExitStack() as stack:
            killed = [stack.enter_context(a_worker(toy_app, lease_s=LEASE_S)) for _each in range(at_once)]
            eventually(lambda before=before: job(toy_session, number).cursor > before)
            time.sleep(chance.uniform(0, 0.15))
            for worker in killed:
                worker.kill()
                worker.wait()

        assert job(toy_session, number).state == JobState.RUNNING
        assert before < job(toy_session, number).cursor < count
    with a_worker(toy_app, lease_s=LEASE_S):
        eventually(lambda: job(toy_session, number).state == JobState.DONE)

    assert_exact(toy_session, number, count)


def test_a_frozen_worker_writes_nothing_after_another_took_over(toy_app, toy_session):
    """The first stands still for longer than its lease; the second finishes; the first finds that the job is lost."""
    number = put(toy_session, 200, pause_s=0.05)
    with a_worker(toy_app, lease_s=LEASE_S) as first:
        eventually(lambda: job(toy_session, number).cursor > 0)
        first.send_signal(signal.SIGSTOP)
        with a_worker(toy_app, lease_s=LEASE_S):
            time.sleep(LEASE_S * 2)
            first.send_signal(signal.SIGCONT)
            eventually(lambda: job(toy_session, number).state == JobState.DONE)

    assert_exact(toy_session, number, 200)


def test_many_workers_do_a_job_once(toy_app, toy_session):
    """Three wait at the bell, and all reach for the job; one of them does it."""
    with ExitStack() as stack:
        for _each in range(3):
            stack.enter_context(a_worker(toy_app))
        eventually(lambda: len(workers(toy_session)) == 3)
        number = put(toy_session, 100)
        eventually(lambda: job(toy_session, number).state == JobState.DONE)
    toy_session.rollback()

    assert_exact(toy_session, number, 100)
    assert workers(toy_session) == []


def test_a_worker_that_is_told_to_end_hands_the_job_on(toy_app, toy_session):
    """SIGTERM: the slice is finished, the lease is given back at once, and the exit code says that all is well."""
    number = put(toy_session, 200, pause_s=0.05)
    with a_worker(toy_app) as first:
        eventually(lambda: job(toy_session, number).cursor > 0)
        first.terminate()
        code = first.wait(timeout=15)
    handed_on = job(toy_session, number)

    assert code == 0
    assert (handed_on.state, handed_on.owner, handed_on.attempts) == (JobState.QUEUED, None, 0)
    assert 0 < handed_on.cursor < 200

    with a_worker(toy_app):
        eventually(lambda: job(toy_session, number).state == JobState.DONE)

    assert_exact(toy_session, number, 200)
