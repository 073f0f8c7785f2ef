"""What comes round by itself, and what is found though nobody rang."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from backoffice.access import SYSTEM
from backoffice.declare import clock
from backoffice.jobs import enqueue, tasks
from backoffice.jobs.tables import JOBS, WORKERS, Job, JobState
from backoffice.jobs.working import Worker
from tests import toys
from tests.support.jobs import a_worker, eventually, work_off, workers


@pytest.fixture
def hourly(monkeypatch, probe):
    """A task that comes round every hour, and no other."""
    made = tasks.Task("toys.hourly", probe, every_s=3600)
    monkeypatch.setattr(tasks, "TASKS", tasks.TASKS)
    for name, one in list(tasks.TASKS.items()):
        if one.every_s is not None:
            monkeypatch.delitem(tasks.TASKS, name)
    monkeypatch.setitem(tasks.TASKS, made.name, made)
    return made


def sweep(app) -> None:
    Worker(app, "test").sweep()


def test_what_comes_round_is_done_once_in_its_time(toy_app, toy_session, probe, hourly):
    """By one worker, as the system; again when the time is over, in the same row."""
    for hours in (0, 0.5, 1.1, 1.2, 2.3):
        with clock.stopped_at(clock.now() + timedelta(hours=hours)):
            for _worker in range(2):
                sweep(toy_app)
                toy_session.rollback()
                work_off(toy_app)

    assert [one.person for one in probe.tickets] == [SYSTEM] * 3
    assert len(toy_session.scalars(select(Job)).all()) == 1


def test_the_database_learns_daily_how_its_indexes_are_filled(toy_app, toy_session):
    """Without it SQLite takes the wrong index for the list of a large noun; PostgreSQL looks by itself, and the work does it no harm."""
    toy_session.add_all([toys.Branch(code=f"B{number}", name="Main") for number in range(9)])
    sweep(toy_app)
    work_off(toy_app)
    done = toy_session.scalars(select(Job).where(Job.task == "jobs.analyze")).one()

    assert done.state == JobState.DONE
    if toy_session.connection().dialect.name == "sqlite":
        known = dict(toy_session.execute(text("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'toy_branches'")).all())
        assert known
        assert all(stat.startswith("9 ") for stat in known.values())


def test_a_failure_does_not_end_what_comes_round(toy_app, toy_session, probe, hourly):
    """It is tried again when its time comes."""
    def fail(ticket) -> None:
        raise ValueError

    probe.run = fail
    for hours in (0, 1.1):
        with clock.stopped_at(clock.now() + timedelta(hours=hours)):
            sweep(toy_app)
            work_off(toy_app)
            toy_session.rollback()

    assert len(probe.tickets) == 2


def test_old_jobs_and_workers_are_forgotten(toy_app, toy_session, probe):
    """What ended three months ago, who was not seen for a day; nothing that is still to be done."""
    now = clock.now()
    ages = {"old": timedelta(days=91), "young": timedelta(days=89)}
    for name, age in ages.items():
        job = enqueue(toy_session, "toys.probe", payload={"name": name})
        job.state, job.ended_at = JobState.DONE, now - age
        toy_session.flush()
    waiting = enqueue(toy_session, "toys.probe", payload={"name": "waiting"})
    waiting.made_at = now - timedelta(days=200)
    waiting.lease_until = now + timedelta(days=1)
    toy_session.execute(insert(WORKERS).values([
        {"name": name, "started_at": now, "seen_at": now - timedelta(hours=hours)} for name, hours in (("gone", 25), ("here", 23))
    ]))
    toy_session.commit()
    sweep(toy_app)
    work_off(toy_app)
    kept = {job.payload.get("name") for job in toy_session.scalars(select(Job).where(Job.task == "toys.probe"))}

    assert kept == {"young", "waiting"}
    assert workers(toy_session) == ["here"]


def test_a_job_that_nobody_rang_for_is_found(toy_app, toy_session):
    """A queue file that was deleted, a bell that was silent: the next look at the table finds the work."""
    with a_worker(toy_app):
        eventually(lambda: workers(toy_session))
        toy_session.execute(insert(JOBS).values(
            task="toys.fill", payload={"count": 10}, state="queued", cursor=0, done=0, attempts=0, attempt_done=0, is_cancelled=False,
            made_at=clock.now(),
        ))
        toy_session.commit()
        eventually(lambda: _state(toy_session) == JobState.DONE)


def _state(session) -> str:
    state = session.scalar(select(Job.state).where(Job.task == "toys.fill"))
    session.rollback()
    return state
