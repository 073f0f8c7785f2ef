"""What becomes of a job: done, failed, cancelled, lost, given back, tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from backoffice.access import SYSTEM
from backoffice.audit import context
from backoffice.db import db
from backoffice.declare import Refused, _, actor, clock
from backoffice.declare.account import Language
from backoffice.declare.text import locale
from backoffice.jobs import Cancelled, Lost, Ticket, cancel, enqueue, leases
from backoffice.jobs.tables import JOBS, Job, JobState
from backoffice.jobs.working import Worker
from tests.support.jobs import work_off
from tests.toys import Branch, Librarian, Role


def put(session, **given) -> int:
    job = enqueue(session, "toys.probe", **given)
    session.commit()
    return job.id


def look(session, number: int) -> Job:
    session.rollback()
    found = session.get_one(Job, number, populate_existing=True)
    session.commit()  # holds nobody up
    return found


@pytest.fixture
def librarian(toy_session):
    """A person who asks for jobs."""
    branch = Branch(code="B1", name="North")
    one = Librarian(badge="L1", name="Ann", role=Role.HEAD, branch=branch, login="ann")
    toy_session.add(one)
    toy_session.commit()
    return one


def test_a_job_is_done_with_what_it_was_given(toy_app, toy_session, probe):
    """The task sees subject and payload; the job ends with how far it came."""
    probe.run = lambda ticket: ticket.say(7, 7)
    number = put(toy_session, subject_id=3, payload={"a": [1]})
    count = work_off(toy_app)
    job = look(toy_session, number)

    assert count == 1
    assert [(one.subject_id, one.payload, one.person) for one in probe.tickets] == [(3, {"a": [1]}, SYSTEM)]
    assert (job.state, job.done, job.total, job.owner) == (JobState.DONE, 7, 7, None)
    assert job.started_at <= job.ended_at


def test_a_job_of_a_rolled_back_transaction_does_not_exist(toy_app, toy_session, probe):
    """Work is queued with what it is about, or not at all."""
    enqueue(toy_session, "toys.probe")
    toy_session.rollback()

    assert work_off(toy_app) == 0
    assert toy_session.scalar(select(func.count()).select_from(Job)) == 0


def test_the_person_who_asked_acts_in_the_own_language(toy_app, toy_session, probe, librarian):
    """A job can do no more than its person, and speaks to that person."""
    seen = []
    probe.run = lambda ticket: seen.append((actor().id, ticket.person.id, locale(), context.current().source.value))
    librarian.language = Language.ENGLISH
    put(toy_session, user_id=librarian.id)
    work_off(toy_app)

    assert seen == [(librarian.id, librarian.id, "en", "system")]


def test_nobody_works_for_a_person_who_was_shut_out(toy_app, toy_session, probe, librarian):
    """The job of a disabled account fails before it begins."""
    librarian.disabled_at = clock.now()
    number = put(toy_session, user_id=librarian.id)
    work_off(toy_app)

    assert look(toy_session, number).failure == "person_left"
    assert probe.tickets == []
    assert probe.told == [("failed", number, "person_left")]


def test_two_workers_at_once_do_a_job_once(toy_app, toy_session, probe):
    """Of two that reach for the same job, one gets it."""
    number = put(toy_session)
    first, second = leases.claim("one"), leases.claim("two")

    assert (first.id, first.owner, second) == (number, "one", None)


def test_a_job_about_the_same_subject_is_queued_once(toy_app, toy_session, probe):
    """A second click finds the job of the first; when that has ended there may be another."""
    first, second = put(toy_session, subject_id=5), put(toy_session, subject_id=5)
    other = put(toy_session, subject_id=6)
    work_off(toy_app)
    third = put(toy_session, subject_id=5)

    assert first == second
    assert len({first, other, third}) == 3


def test_who_lost_the_lease_can_write_no_more(toy_app, toy_session, probe):
    """The slice of a worker that was taken for dead is rolled back; the new owner's work stays."""
    number = put(toy_session)

    def run(ticket: Ticket) -> None:
        with db.engine.begin() as connection:
            connection.execute(update(JOBS).where(JOBS.c.id == number).values(owner="another"))
        with pytest.raises(Lost):
            write(ticket)
        write(ticket)

    def write(ticket: Ticket) -> None:
        with db.engine.begin() as connection:
            connection.execute(update(JOBS).where(JOBS.c.id == number).values(failure="written by the loser"))
            ticket.step(connection, cursor=9, done=9)

    probe.run = run
    work_off(toy_app)
    job = look(toy_session, number)

    assert (job.state, job.owner, job.cursor, job.failure) == (JobState.RUNNING, "another", 0, None)


def test_a_lease_that_ran_out_is_taken_by_another(toy_app, toy_session, probe):
    """What a killed worker held goes on where it stood."""
    number = put(toy_session)
    leases.claim("killed")
    toy_session.execute(update(JOBS).values(cursor=40, done=40))
    toy_session.commit()

    assert work_off(toy_app) == 0

    with clock.stopped_at(clock.now() + timedelta(seconds=31)):
        work_off(toy_app)

    assert [one.cursor for one in probe.tickets] == [40]
    assert look(toy_session, number).state == JobState.DONE


def test_a_job_that_never_gets_further_fails_in_the_end(toy_app, toy_session, probe):
    """After five workers died of it nobody takes it up again."""
    number = put(toy_session)
    toy_session.execute(update(JOBS).values(state="running", owner="killed", lease_until=clock.now() - timedelta(seconds=1), attempts=5))
    work_off(toy_app)

    assert look(toy_session, number).failure == "gave_up"
    assert probe.tickets == []
    assert probe.told == [("failed", number, "gave_up")]


def test_getting_further_counts_as_a_new_beginning(toy_app, toy_session, probe):
    """A long job survives more restarts than five."""
    number = put(toy_session)
    toy_session.execute(update(JOBS).values(attempts=4))

    def run(ticket: Ticket) -> None:
        ticket.step(db.session, cursor=1, done=1)
        db.session.commit()

    probe.run = run
    work_off(toy_app)

    assert look(toy_session, number).attempts == 1


def test_a_queued_job_is_cancelled_at_once(toy_app, toy_session, probe):
    """Nobody has begun: nothing is to be waited for."""
    number = put(toy_session)
    cancel(toy_session, look(toy_session, number))
    toy_session.commit()

    assert look(toy_session, number).state == JobState.CANCELLED
    assert probe.told == [("cancelled", number, None)]
    assert work_off(toy_app) == 0


@pytest.mark.parametrize("way", ["step", "say"])
def test_a_running_job_is_cancelled_at_its_next_step(toy_app, toy_session, probe, way):
    """The slice at hand is rolled back, and the task's own clearing up is in the transaction that ends the job."""
    number = put(toy_session)

    def run(ticket: Ticket) -> None:
        cancel(db.session, db.session.get_one(Job, number))
        db.session.commit()
        ticket.step(db.session, cursor=3, done=3) if way == "step" else ticket.say(3)

    probe.run = run
    work_off(toy_app)
    job = look(toy_session, number)

    assert (job.state, job.cursor) == (JobState.CANCELLED, 0)
    assert probe.told == [("cancelled", number, None)]


def test_a_cancelled_task_may_take_back_what_it_did(toy_app, toy_session, probe):
    """After ``clear_up`` its steps go through; it ends as cancelled all the same."""
    number = put(toy_session)

    def run(ticket: Ticket) -> None:
        cancel(db.session, db.session.get_one(Job, number))
        db.session.commit()
        with pytest.raises(Cancelled):
            ticket.step(db.session, cursor=3, done=3)
        db.session.rollback()
        ticket.clear_up()
        ticket.step(db.session, cursor=2, done=0)
        db.session.commit()
        raise Cancelled

    probe.run = run
    work_off(toy_app)
    job = look(toy_session, number)

    assert (job.state, job.cursor) == (JobState.CANCELLED, 2)


def test_a_failure_keeps_a_code_and_no_values(toy_app, toy_session, probe, caplog):
    """What went wrong unexpectedly is found by a number; neither the job nor the log repeats a value."""
    number = put(toy_session)

    def run(ticket: Ticket) -> None:
        raise ValueError("1380013" + "8000")

    probe.run = run
    work_off(toy_app)
    job = look(toy_session, number)
    code, _blank, reference = (job.failure or "").partition(" ")

    assert (job.state, code) == (JobState.FAILED, "unexpected")
    assert reference in caplog.text
    assert "13800138000" not in caplog.text + job.failure
    assert probe.told == [("failed", number, job.failure)]


def test_a_refusal_fails_with_its_own_code(toy_app, toy_session, probe):
    """A rule that says no is named."""
    number = put(toy_session)

    def run(ticket: Ticket) -> None:
        raise Refused(_("No.", "不。"), code="not_today")

    probe.run = run
    work_off(toy_app)

    assert look(toy_session, number).failure == "not_today"


def test_a_hook_that_fails_leaves_no_job_without_an_end(toy_app, toy_session, probe, monkeypatch):
    """The job has failed, whatever became of the clearing up."""
    number = put(toy_session)
    monkeypatch.setattr(type(probe), "on_failure", None)

    def run(ticket: Ticket) -> None:
        raise ValueError

    def broken(session, job, code) -> None:
        raise ZeroDivisionError

    from backoffice.jobs import tasks
    monkeypatch.setitem(tasks.TASKS, "toys.probe", tasks.Task("toys.probe", run, on_failure=broken))
    work_off(toy_app)

    assert look(toy_session, number).state == JobState.FAILED


def test_a_database_that_went_away_is_waited_for(toy_app, toy_session, probe):
    """It says nothing about the job, which is tried again a little later."""
    number = put(toy_session)

    def run(ticket: Ticket) -> None:
        if len(probe.tickets) == 1:
            raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    probe.run = run
    work_off(toy_app)
    between = look(toy_session, number).state
    with clock.stopped_at(clock.now() + timedelta(seconds=2)):
        work_off(toy_app)

    assert between == JobState.QUEUED
    assert look(toy_session, number).state == JobState.DONE


def test_a_worker_that_is_stopped_gives_the_job_back(toy_app, toy_session, probe):
    """It finishes the slice; the next worker goes on there, and it does not count as an attempt."""
    number = put(toy_session)

    def run(ticket: Ticket) -> None:
        for cursor in range(ticket.cursor + 1, 10):
            ticket.check()
            if cursor == 3:
                worker.stop.set()
            ticket.step(db.session, cursor=cursor, done=cursor)
            db.session.commit()

    probe.run = run
    worker = Worker(toy_app, "first")
    worker.work_off()
    given_back = look(toy_session, number)

    assert (given_back.state, given_back.cursor, given_back.attempts, given_back.owner) == (JobState.QUEUED, 3, 0, None)

    work_off(toy_app)

    assert [one.cursor for one in probe.tickets] == [3, 9]
    assert look(toy_session, number).state == JobState.DONE


def test_a_worker_that_is_stopped_in_mid_slice_lets_one_step_through(toy_app, toy_session, probe):
    """A task that never asks between slices ends all the same."""
    number = put(toy_session)

    def run(ticket: Ticket) -> None:
        worker.stop.set()
        for cursor in range(1, 10):
            ticket.step(db.session, cursor=cursor, done=cursor)
            db.session.commit()

    probe.run = run
    worker = Worker(toy_app, "first")
    worker.work_off()
    job = look(toy_session, number)

    assert (job.state, job.cursor) == (JobState.QUEUED, 1)
