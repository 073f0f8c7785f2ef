"""What a person sees of a job, and who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from backoffice.declare import clock
from backoffice.declare.journal import ImportRun, RunState
from backoffice.jobs import enqueue, tasks
from backoffice.jobs.tables import JOBS, WORKERS, Job, JobState
from tests.support.client import PASSWORD_HASH, sign_in
from tests.support.jobs import work_off
from tests.toys import Branch, Librarian, Role

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"}


@pytest.fixture
def people(toy_session):
    """The two who work at the library."""
    branch = Branch(code="B1", name="North")
    made = {
        login: Librarian(badge=login, name=login, role=role, branch=branch, login=login, password_hash=PASSWORD_HASH)
        for login, role in (("ann", Role.CLERK), ("bob", Role.HEAD))
    }
    toy_session.add_all(made.values())
    toy_session.commit()
    return made


@pytest.fixture
def number(toy_session, people, probe) -> int:
    """A job of Ann's that waits."""
    job = enqueue(toy_session, "toys.probe", subject_id=4, user_id=people["ann"].id)
    toy_session.commit()
    return job.id


def set_to(session, **values) -> None:
    session.execute(update(JOBS).values(values))
    session.commit()


def a_worker_is_there(session) -> None:
    session.execute(insert(WORKERS).values(name="w", started_at=clock.now(), seen_at=clock.now()))
    session.commit()


def test_a_program_gets_numbers(toy_client, toy_session, number):
    """State, rows, rate, time left, and where to go on; by those names."""
    began = clock.now()
    a_worker_is_there(toy_session)
    set_to(
        toy_session, state="running", owner="w", lease_until=began + timedelta(seconds=30), started_at=began - timedelta(hours=1),
        attempt_at=began - timedelta(seconds=10), attempt_done=2000, done=3000, total=5000,
    )
    sign_in(toy_client, "ann")
    with clock.stopped_at(began):
        news = toy_client.get(f"/jobs/{number}").json

    assert news["state"] == "running"
    assert (news["done"], news["total"], news["percent"]) == (3000, 5000, 60)
    assert (news["rate"], news["seconds_left"]) == (pytest.approx(100), 20)
    assert (news["worker_alive"], news["where"]) == (True, "/loans/4")
    assert news["texts"]["rows"] == "3,000 / 5,000 行"


def test_a_page_says_when_no_worker_is_running(toy_client, toy_session, number):
    """And what to do about it; with one it says nothing of the kind."""
    sign_in(toy_client, "ann")
    toy_client.post("/language", data={"language": "en", "next": "/"})
    without, without_json = toy_client.get(f"/jobs/{number}", headers=BROWSER).text, toy_client.get(f"/jobs/{number}").json
    a_worker_is_there(toy_session)
    with_one = toy_client.get(f"/jobs/{number}").json

    assert "flask worker" in without
    assert "<div data-job-alone>" in without
    assert (without_json["worker_alive"], without_json["texts"]["title"]) == (False, "Waits for a worker")
    assert (with_one["worker_alive"], with_one["texts"]["title"]) == (True, "Begins in a moment")


def test_a_worker_that_was_killed_is_not_alive_for_long(toy_client, toy_session, number):
    """It was seen last half a minute ago, and its lease is over."""
    past = clock.now() - timedelta(seconds=31)
    toy_session.execute(insert(WORKERS).values(name="w", started_at=past, seen_at=past))
    set_to(toy_session, state="running", owner="w", lease_until=clock.now() - timedelta(seconds=1), started_at=past, attempt_at=past)
    sign_in(toy_client, "ann")

    assert toy_client.get(f"/jobs/{number}").json["worker_alive"] is False


def test_jobs_that_come_first_are_counted(toy_client, toy_session, people, number):
    """Who waits for others knows it."""
    a_worker_is_there(toy_session)
    second = enqueue(toy_session, "toys.probe", subject_id=5, user_id=people["ann"].id)
    toy_session.commit()
    sign_in(toy_client, "ann")

    assert toy_client.get(f"/jobs/{second.id}").json["ahead"] == 1


def test_others_do_not_know_of_the_job(toy_client, number):
    """Neither to look nor to cancel."""
    sign_in(toy_client, "bob")

    assert toy_client.get(f"/jobs/{number}").status_code == 404
    assert toy_client.post(f"/jobs/{number}/cancel").status_code == 404


@pytest.mark.parametrize("number_text", ["0", "-1", "abc", "99999999999999999999", "7777"])
def test_a_job_that_does_not_exist(toy_client, people, number_text):
    """Any other number is answered as such."""
    sign_in(toy_client, "ann")

    assert toy_client.get(f"/jobs/{number_text}").status_code == 404


def test_cancelling_goes_back_to_where_the_button_was(toy_app, toy_client, toy_session, number, probe):
    """The job ends; a second click does no harm."""
    sign_in(toy_client, "ann")
    answers = [toy_client.post(f"/jobs/{number}/cancel", data={"next": "/loans/"}) for _click in range(2)]

    assert [(one.status_code, one.headers["Location"]) for one in answers] == [(302, "/loans/")] * 2
    assert toy_client.get(f"/jobs/{number}").json["state"] == JobState.CANCELLED
    assert probe.told == [("cancelled", number, None)]


def test_a_job_that_is_over_is_not_cancelled(toy_app, toy_client, toy_session, number):
    """What is done stays done."""
    work_off(toy_app)
    sign_in(toy_client, "ann")
    toy_client.post(f"/jobs/{number}/cancel")
    news = toy_client.get(f"/jobs/{number}").json

    assert (news["state"], news["is_cancelled"], news["percent"]) == (JobState.DONE, False, 100)


@pytest.mark.parametrize(("failure", "words"), [
    ("unexpected 1A2B3C4D", "1A2B3C4D"), ("gave_up", "log"), ("person_left", "account"), ("not_today", "not_today"),
])
def test_a_failure_is_said_in_a_sentence(toy_client, toy_session, number, failure, words):
    """With the number to tell, where there is one."""
    set_to(toy_session, state="failed", failure=failure, ended_at=clock.now())
    sign_in(toy_client, "ann")
    toy_client.post("/language", data={"language": "en", "next": "/"})

    assert words in toy_client.get(f"/jobs/{number}").json["texts"]["why"]
    assert words in toy_client.get(f"/jobs/{number}", headers=BROWSER).text


@pytest.mark.parametrize(("login", "looks", "cancels"), [
    ("supervisor", 200, 302), ("manager", 200, 302), ("auditor", 200, 403), ("advisor", 404, 404), ("agent", 404, 404),
])
def test_who_sees_an_import_sees_its_job(app, client, session, monkeypatch, login, looks, cancels):
    """And who may load such records may stop it; an auditor looks on."""
    from tests.support.world import make_people

    monkeypatch.setitem(tasks.TASKS, "import.toy", tasks.Task("import.toy", lambda ticket: None))
    staff = make_people(session)
    supervisor, colleague = staff["supervisor"], staff["workshop"]
    colleague.store = supervisor.store
    run = ImportRun(user_id=colleague.id, resource="customers", file_name="x.csv", sha256="0", encoding="utf-8", state=RunState.PLANNING)
    session.add(run)
    session.flush()
    job: Job = enqueue(session, "import.toy", subject_id=run.id, user_id=colleague.id)
    session.commit()
    sign_in(client, login)

    assert client.get(f"/jobs/{job.id}").status_code == looks
    assert client.post(f"/jobs/{job.id}/cancel").status_code == cancels
