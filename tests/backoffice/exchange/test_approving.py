"""From review to writing: alone, or with the approval of another person; and every way not to."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backoffice.declare.journal import AuditEntry, ImportRun, RunState
from backoffice.jobs.tables import Job
from backoffice.jobs.tasks import TASKS, Task
from tests import toys
from tests.backoffice.exchange.staged import stage_run
from tests.support.client import PASSWORD_HASH, sign_in

HEADERS = ["card", "name", "mobile", "branch"]


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch):
    """What the workers would do is not the matter here."""
    for name in ("import.plan", "import.apply"):
        monkeypatch.setitem(TASKS, name, Task(name, lambda _ticket: None))


@pytest.fixture
def people(library, toy_session):
    """The head, her deputy, who may load files as well, and the clerk, who may not; all with a login."""
    library.deputy = toys.Librarian(badge="N3", name="Dora", role=toys.Role.HEAD, branch=library.north)
    toy_session.add(library.deputy)
    for person, login in ((library.head, "hedda"), (library.clerk, "clara"), (library.deputy, "dora")):
        person.login, person.password_hash = login, PASSWORD_HASH
    toy_session.commit()
    return library


@pytest.fixture
def make_run(people, plans):
    """A file of the head's with a new reader, and a refused row if wanted."""

    def make(*, refused=0, new=1, state=RunState.PLANNED):
        good = [{"verdict": "c", "values": {"card": f"C8{number}", "name": "Zoe", "branch": people.main}} for number in range(new)]
        bad = [{"verdict": "r", "raw": ["C9", "Yan", "12", "B2"], "errors": [("mobile", "12", "invalid_phone", "No.")]}] * refused
        return stage_run(plans["readers"], people.head, HEADERS, [*good, *bad], state=state)

    return make


@pytest.fixture
def clients(people, toy_app):
    """All three, signed in."""
    return {login: sign_in(toy_app.test_client(), login) for login in ("hedda", "dora", "clara")}


def now(session, run):
    session.expire_all()
    return session.get(ImportRun, run.id)


def jobs(session):
    return [(job.task, job.subject_id) for job in session.scalars(select(Job).order_by(Job.id))]


def steps(session):
    """The states that the trail tells of."""
    entries = session.scalars(select(AuditEntry).where(AuditEntry.resource == "imports").order_by(AuditEntry.id))
    return [(entry.who, entry.changes["state"]) for entry in entries]


def test_a_small_file_is_applied_by_its_owner(clients, make_run, toy_session, people):
    """One click; the work is the worker's, by the person's own right, and the step is in the trail."""
    run = make_run()
    answer = clients["hedda"].post(f"/imports/{run.id}/apply")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/imports/{run.id}")
    assert (now(toy_session, run).state, jobs(toy_session)) == (RunState.APPLYING, [("import.apply", run.id)])
    assert toy_session.scalars(select(Job.user_id)).one() == people.head.id
    assert steps(toy_session) == [("Hedda", ["planned", "applying"])]
    assert clients["hedda"].post(f"/imports/{run.id}/apply").status_code == 409
    assert len(jobs(toy_session)) == 1


def test_refused_rows_are_left_out_knowingly(clients, make_run, toy_session):
    """All or nothing, unless the person says otherwise; a form without the tick comes back with a sentence."""
    run = make_run(refused=1)
    answer = clients["hedda"].post(f"/imports/{run.id}/apply")

    assert (answer.status_code, "note-bad" in answer.get_data(as_text=True)) == (422, True)
    assert (now(toy_session, run).state, jobs(toy_session)) == (RunState.PLANNED, [])

    clients["hedda"].post(f"/imports/{run.id}/apply", data={"skip_invalid": "1"})

    assert now(toy_session, run).options["skip_invalid"] is True
    assert now(toy_session, run).state is RunState.APPLYING


def test_nothing_to_write_is_not_applied(clients, make_run):
    """A file of refused rows alone."""
    run = make_run(refused=1, new=0)

    assert clients["hedda"].post(f"/imports/{run.id}/apply", data={"skip_invalid": "1"}).status_code == 422


def test_a_large_file_needs_another_person(clients, make_run, toy_app, toy_session, monkeypatch, people):
    """Who brought it cannot approve it; who may not load such files cannot either; the other person finds it at home."""
    monkeypatch.setitem(toy_app.config, "IMPORT_APPROVAL_ROWS", 1)
    run = make_run(new=2)
    clients["hedda"].post(f"/imports/{run.id}/apply")

    assert (now(toy_session, run).state, jobs(toy_session)) == (RunState.WAITING, [])
    assert [f"/imports/{run.id}" in clients[login].get("/").get_data(as_text=True) for login in ("hedda", "dora", "clara")] == [False, True, False]
    assert [clients[login].post(f"/imports/{run.id}/approve").status_code for login in ("hedda", "clara")] == [403, 404]
    assert f'action="/imports/{run.id}/approve"' not in clients["hedda"].get(f"/imports/{run.id}").get_data(as_text=True)
    assert f'action="/imports/{run.id}/approve"' in clients["dora"].get(f"/imports/{run.id}").get_data(as_text=True)

    clients["dora"].post(f"/imports/{run.id}/approve")
    approved = now(toy_session, run)

    assert (approved.state, approved.approved_by, approved.approver_id) == (RunState.APPLYING, "Dora", people.deputy.id)
    assert toy_session.scalars(select(Job.user_id)).one() == people.head.id
    assert steps(toy_session) == [("Hedda", ["planned", "waiting"]), ("Dora", ["waiting", "applying"])]
    assert clients["dora"].get(f"/imports/{run.id}").status_code == 200
    assert clients["dora"].post(f"/imports/{run.id}/approve").status_code == 409


def test_it_is_sent_back_with_a_reason(clients, make_run, toy_session):
    """The reason stands on the owner's page and in the trail, until it is asked again."""
    run = make_run(state=RunState.WAITING)
    without = clients["dora"].post(f"/imports/{run.id}/return", data={"reason": " "})
    own = clients["hedda"].post(f"/imports/{run.id}/return", data={"reason": "Because."})
    clients["dora"].post(f"/imports/{run.id}/return", data={"reason": "The <b>numbers</b> are old."})
    page = clients["hedda"].get(f"/imports/{run.id}").get_data(as_text=True)

    assert (without.status_code, own.status_code) == (422, 403)
    assert now(toy_session, run).state is RunState.PLANNED
    assert "The &lt;b&gt;numbers&lt;/b&gt; are old." in page
    assert clients["dora"].get(f"/imports/{run.id}").status_code == 404

    clients["hedda"].post(f"/imports/{run.id}/apply")

    assert "answer" not in now(toy_session, run).options


def test_what_is_asked_is_not_changed_behind_the_others_back(clients, make_run, toy_session):
    """While it waits nothing is corrected; taken back first, it must be asked again."""
    run = make_run(refused=1, state=RunState.WAITING)

    assert clients["hedda"].post(f"/imports/{run.id}/cells", data={"row": "2", "c2": "13900000009"}).status_code == 409
    assert clients["hedda"].post(f"/imports/{run.id}/apply", data={"skip_invalid": "1"}).status_code == 409

    clients["hedda"].post(f"/imports/{run.id}/withdraw")

    assert now(toy_session, run).state is RunState.PLANNED
    assert clients["dora"].post(f"/imports/{run.id}/approve").status_code == 404


def test_who_has_lost_the_right_applies_nothing(clients, make_run, toy_session, people):
    """Between check and click the head became a clerk: neither she nor an approval writes the file; it can still be given up."""
    mine, asked = make_run(), make_run(state=RunState.WAITING)
    toy_session.get(toys.Librarian, people.head.id).role = toys.Role.CLERK
    toy_session.commit()

    assert clients["hedda"].post(f"/imports/{mine.id}/apply").status_code == 403
    assert "没有导入这类文件的权限" in clients["hedda"].get(f"/imports/{mine.id}").get_data(as_text=True)
    assert clients["dora"].post(f"/imports/{asked.id}/approve").status_code == 422
    assert jobs(toy_session) == []

    clients["hedda"].post(f"/imports/{mine.id}/cancel")

    assert now(toy_session, mine).state is RunState.CANCELLED


def test_a_file_that_is_given_up_goes(clients, make_run, toy_session):
    """Its rows are forgotten, its page says that nothing was written, and nobody else can give it up."""
    from backoffice.exchange.changes import is_staged

    run = make_run()
    foreign = clients["dora"].post(f"/imports/{run.id}/cancel")
    clients["hedda"].post(f"/imports/{run.id}/cancel")

    assert foreign.status_code == 404
    assert (now(toy_session, run).state, is_staged(run.id)) == (RunState.CANCELLED, False)
    assert clients["hedda"].get(f"/imports/{run.id}").status_code == 200
    assert clients["hedda"].post(f"/imports/{run.id}/apply").status_code == 409


def test_a_file_is_checked_again_as_a_whole(clients, make_run, toy_session):
    """In the background, and the page shows that it is being checked."""
    run = make_run()
    clients["hedda"].post(f"/imports/{run.id}/check")

    assert (now(toy_session, run).state, jobs(toy_session)) == (RunState.PLANNING, [("import.plan", run.id)])
    assert clients["hedda"].get(f"/imports/{run.id}").status_code == 200
