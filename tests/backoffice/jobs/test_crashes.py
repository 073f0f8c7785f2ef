"""Real workers that are killed, frozen and ended: the result is exactly what one quiet worker would have made."""

from __future__ import annotations

import random
import signal
import threading
import time
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import func, select

from backoffice.db import db, reading
from backoffice.declare import clock
from backoffice.declare.journal import AuditEntry
from backoffice.jobs import enqueue
from backoffice.jobs.heartbeat import HUNG
from backoffice.jobs.tables import Job, JobState
from tests.support import wsgi  # noqa: F401  # the task that the workers do
from tests.support.jobs import a_worker, eventually, work_off, workers
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


def finish(app, session, number: int) -> None:
    """Go on with the job in this process, as soon as it can be had."""

    def is_done() -> bool:
        work_off(app)
        return job(session, number).state == JobState.DONE

    eventually(is_done)


def assert_exact(session, number: int, count: int) -> None:
    """Every row once, every row in the trail once."""
    codes = session.scalars(select(Branch.code).order_by(Branch.code)).all()
    entries = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.resource == "branches"))

    assert codes == [f"N{each:05}" for each in range(count)]
    assert entries == count
    assert (job(session, number).state, job(session, number).cursor) == (JobState.DONE, count)


@pytest.mark.long(10)
@pytest.mark.parametrize(("kills", "at_once"), [(2, 1), pytest.param(5, 2, marks=pytest.mark.acceptance)])
def test_a_job_survives_kills_at_any_moment(toy_app, toy_session, kills, at_once):
    """Killed again and again in mid-job, it goes on to the exact same result: nothing missing, nothing twice."""
    chance, count = random.Random(3), 200 + 100 * kills
    number = put(toy_session, count, pause_s=0.1)
    for _round in range(kills):
        before = job(toy_session, number).cursor
        with ExitStack() as stack:
            killed = [stack.enter_context(a_worker(toy_app, lease_s=LEASE_S, is_awaited=False)) for _each in range(at_once)]
            eventually(lambda before=before: job(toy_session, number).cursor > before)
            time.sleep(chance.uniform(0, 0.15))
            for worker in killed:
                worker.kill()
                worker.wait()

        assert job(toy_session, number).state == JobState.RUNNING
        assert before < job(toy_session, number).cursor < count
    finish(toy_app, toy_session, number)

    assert_exact(toy_session, number, count)


def test_a_frozen_worker_writes_nothing_after_another_took_over(toy_app, toy_session):
    """The first stands still for longer than its lease; another goes on; the first wakes up and finds that the job is lost."""
    number = put(toy_session, 300, pause_s=0.05)
    with a_worker(toy_app, lease_s=LEASE_S) as first:
        eventually(lambda: job(toy_session, number).cursor > 0)
        first.send_signal(signal.SIGSTOP)
        time.sleep(LEASE_S)
        awake = threading.Timer(0.5, first.send_signal, [signal.SIGCONT])
        awake.start()
        finish(toy_app, toy_session, number)
        awake.join()
        time.sleep(0.5)

    assert_exact(toy_session, number, 300)


def test_many_workers_do_a_job_once(toy_app, toy_session):
    """Two wait at the bell, and both reach for the job; one of them does it."""
    with a_worker(toy_app), a_worker(toy_app):
        eventually(lambda: len(workers(toy_session)) == 2)
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

    finish(toy_app, toy_session, number)

    assert_exact(toy_session, number, 200)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_long_step_keeps_its_lease_and_a_hung_one_ends_its_worker(toy_app, toy_session):
    """Silent within its patience, the task goes on; beyond it the worker takes it for hung and ends itself, and another may begin."""
    quiet = enqueue(toy_session, "toys.hang", subject_id=1, payload={"silent_s": 6}).id
    hung = enqueue(toy_session, "toys.hang", subject_id=2, payload={"silent_s": 60}).id
    toy_session.commit()
    with a_worker(toy_app, lease_s=4) as worker:
        eventually(lambda: job(toy_session, quiet).state == JobState.RUNNING)
        time.sleep(5)
        lease_until, now = job(toy_session, quiet).lease_until, clock.now()
        eventually(lambda: worker.poll() is not None)

    assert lease_until > now
    assert (job(toy_session, quiet).state, job(toy_session, quiet).attempts) == (JobState.DONE, 1)
    assert worker.returncode == HUNG
    assert job(toy_session, hung).state == JobState.RUNNING


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_worker_outlives_a_restart_of_the_database(toy_app, toy_session):
    """Every connection is cut and none is let in for a while: the worker waits, goes on, and the result is exact."""
    number = put(toy_session, 300, pause_s=0.05)
    address = toy_app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "")
    server, _slash, name = address.rpartition("/")
    with a_worker(toy_app) as worker, psycopg.connect(f"{server}/postgres", autocommit=True) as house:
        for _time in range(2):
            before = job(toy_session, number).cursor
            eventually(lambda before=before: job(toy_session, number).cursor > before)
            toy_session.remove()
            house.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
            house.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            time.sleep(3)
            house.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
            db.engine.dispose()
        eventually(lambda: job(toy_session, number).state == JobState.DONE)

        assert worker.poll() is None

    assert_exact(toy_session, number, 300)
