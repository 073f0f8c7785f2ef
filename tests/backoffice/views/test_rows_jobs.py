"""Work on more rows than a page waits for: a job with progress that can be stopped and goes on where it was cut off."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.exc import OperationalError

from backoffice.batches import tasks
from backoffice.db import db
from backoffice.jobs.tables import Job
from tests.backoffice.lending import again
from tests.backoffice.views.many import DAY, batch_of, edit, outcomes, run_of
from tests.support.jobs import work_off

REAL_WORK = tasks.work


@pytest.fixture(autouse=True)
def two_at_once(monkeypatch):
    """Three rows are many."""
    monkeypatch.setattr(tasks, "AT_ONCE", 2)
    monkeypatch.setattr(tasks, "SLICE", 2)


def lose_the_database(monkeypatch, number):
    """Let the work of the n-th slice be done, and not be kept."""
    calls = []

    def work(*given):
        REAL_WORK(*given)
        calls.append(1)
        if len(calls) == number:
            raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(tasks, "work", work)


def end_the_lease(monkeypatch):
    """Nobody works on it any longer."""
    monkeypatch.setattr(tasks, "work", REAL_WORK)
    db.session.execute(db.update(Job).values(lease_until=None))
    db.session.commit()


def test_many_rows_are_a_job_that_does_no_row_twice(clerk, toy_app, shelf, monkeypatch):
    """Over the limit the page shows progress; a worker that loses the database in a slice leaves nothing of it, and the next one goes on there."""
    page = clerk.post("/loans/bulk/renew", data={"all": "1", "of": "q=Volume"})
    answer = clerk.post("/loans/bulk/renew", data={"batch": batch_of(page), "confirmed": "1", "until": str(DAY)}, follow_redirects=True)
    assert "data-job=" in answer.text
    lose_the_database(monkeypatch, 2)
    work_off(toy_app)
    half = [again(one).renewals for one in shelf.volumes]
    end_the_lease(monkeypatch)
    work_off(toy_app)
    done = clerk.get(answer.request.path)

    assert half == [1, 1, 0, 0, 0]
    assert [again(one).renewals for one in shelf.volumes] == [1] * 5
    assert [label for label, _why in outcomes(done)] == ["Done"] * 5
    assert run_of(done).updated == 5


def test_a_job_that_is_stopped_keeps_what_it_did_and_can_be_taken_back(clerk, toy_app, shelf, monkeypatch):
    """The rows that were not reached are named as such."""
    running = edit(clerk, all="1", of="q=Volume")

    def work(*given):
        REAL_WORK(*given)
        if given[-1][0].place > 2:
            db.session.execute(db.update(Job).values(is_cancelled=True))  # by somebody, while the slice is at work

    monkeypatch.setattr(tasks, "work", work)
    work_off(toy_app)
    page = clerk.get(running.request.path)
    run = run_of(page)
    clerk.post(f"/imports/{run.id}/undo")
    work_off(toy_app)

    assert "3 records were not reached" in page.text
    assert [label for label, _why in outcomes(page)] == ["Done", "Done", "Not done", "Not done", "Not done"]
    assert [again(one).due_on for one in shelf.volumes] == [date(2027, 1, at) for at in range(1, 6)]


def test_who_lost_the_right_meanwhile_changes_nothing(clerk, toy_app, shelf, monkeypatch):
    """The job asks again: rights are those of the moment of the work."""
    running = edit(clerk, all="1", of="q=Volume")
    shelf.ann.branch = shelf.there
    db.session.commit()
    work_off(toy_app)
    page = clerk.get(running.request.path)

    assert [label for label, _why in outcomes(page)] == ["Not yours"] * 5
    assert [again(one).version for one in shelf.volumes] == [1] * 5
