"""``flask undo-import``: JSON alone, exit codes, sentences; and the task that does the same for a page."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from backoffice.db import db, reading
from backoffice.declare.journal import AuditEntry, ImportRun, RunState
from backoffice.exchange import undoing
from backoffice.jobs import cancel, enqueue
from backoffice.jobs.tables import Job
from tests import toys
from tests.support.client import PASSWORD_HASH
from tests.support.jobs import a_worker, eventually, work_off


@pytest.fixture
def flask(toy_app, library, toy_session):
    """Run a command of the library."""
    runner = toy_app.test_cli_runner()

    def run(*arguments):
        toy_session.commit()
        answer = runner.invoke(args=list(arguments))
        toy_session.expire_all()
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exc_info
        return answer

    return run


TEXT = "card,name,branch\nC1,Anna,B1\nC8,Zoe,B1\nC9,Yan,B2\n"


def test_it_prints_json_alone(flask, load):
    """The shape that scripts rely on; exit code 0 where everything is as before."""
    receipt = load("readers", TEXT)
    answer = flask("undo-import", str(receipt.run), "--json")
    told = json.loads(answer.output)

    assert answer.exit_code == 0
    assert list(told) == ["run", "undo_run", "reversed", "kept", "refused", "details"]
    assert (told["run"], told["reversed"], told["kept"], told["refused"]) == (receipt.run, 3, 0, 0)
    assert db.session.get(ImportRun, told["undo_run"]).undoes_id == receipt.run
    assert sorted(told["details"], key=lambda one: one["key"]) == [
        {"key": key, "verdict": "reversed", "reason": None} for key in ("C1", "C8", "C9")]


def test_a_dry_run_says_the_same_and_writes_nothing(flask, load):
    """No run, no entry, every record as the file left it."""
    receipt = load("readers", TEXT)
    before = db.session.scalar(select(func.count()).select_from(AuditEntry))
    foreseen = json.loads(flask("undo-import", str(receipt.run), "--dry-run", "--json").output)
    after = db.session.scalar(select(func.count()).select_from(AuditEntry))
    state = db.session.get(ImportRun, receipt.run).state
    told = json.loads(flask("undo-import", str(receipt.run), "--json").output)

    assert (before, state, foreseen["undo_run"]) == (after, RunState.APPLIED, None)
    assert {**told, "undo_run": None} == foreseen


def test_kept_records_are_no_failure_and_refused_ones_are(flask, load, library, toy_session):
    """Exit code 1 says that something was refused."""
    receipt = load("readers", TEXT)
    db.session.scalars(select(toys.Reader).where(toys.Reader.card == "C1")).one().name = "Annabel"
    kept = flask("undo-import", str(receipt.run), "--dry-run", "--json")
    ninth = db.session.scalars(select(toys.Reader).where(toys.Reader.card == "C9")).one()
    toy_session.add(toys.Loan(loan_no="L9", reader=ninth, title="Emma"))
    refused = flask("undo-import", str(receipt.run), "--json")
    told = {one["key"]: one["verdict"] for one in json.loads(refused.output)["details"]}

    assert (kept.exit_code, json.loads(kept.output)["kept"]) == (0, 1)
    assert (refused.exit_code, told) == (1, {"C1": "kept", "C8": "reversed", "C9": "refused"})


def test_for_people_it_is_short(flask, load):
    """One line of counts, and what was left with the reason."""
    receipt = load("readers", TEXT)
    db.session.scalars(select(toys.Reader).where(toys.Reader.card == "C1")).one().name = "Annabel"
    answer = flask("undo-import", str(receipt.run))

    assert answer.exit_code == 0
    assert len(answer.output.splitlines()) == 2
    assert "C1" in answer.output


@pytest.mark.parametrize(("number", "code"), [("99", "unknown_run"), ("x", "unknown_run"), ("²", "unknown_run"), ("9" * 30, "unknown_run")])
def test_a_number_that_no_run_has(flask, number, code):
    """Exit code 2 and one object with a sentence."""
    answer = flask("undo-import", number, "--json")
    error = json.loads(answer.output)["error"]

    assert (answer.exit_code, error["code"]) == (2, code)
    assert error["message"]


def test_runs_that_cannot_be_taken_back(flask, load):
    """A refused import wrote nothing; a second time there is nothing left; an undoing is no import."""
    refused = load("readers", "card,name,branch,mobile\nC8,Zoe,B1,12\n")
    receipt = load("readers", TEXT)
    undo = json.loads(flask("undo-import", str(receipt.run), "--json").output)["undo_run"]
    answers = [flask("undo-import", str(number), "--json") for number in (refused.run, receipt.run, undo)]

    assert [one.exit_code for one in answers] == [2, 2, 2]
    assert [json.loads(one.output)["error"]["code"] for one in answers] == ["not_applied", "already_undone", "is_undo"]


def test_a_worker_that_is_at_it_is_left_alone(flask, load, library, toy_session):
    """The command says so instead of doing the same work beside it."""
    receipt = load("readers", TEXT, library.head)
    run = db.session.get(ImportRun, receipt.run)
    undoing.begin(db.session(), library.head, run)
    enqueue(db.session, "import.undo", subject_id=run.id, user_id=library.head.id)
    answer = flask("undo-import", str(run.id), "--json")

    assert (answer.exit_code, json.loads(answer.output)["error"]["code"]) == (2, "busy")


def test_a_worker_does_the_same(toy_app, load, library, toy_session):
    """As the person who asked for it; the job is told how far it is."""
    library.head.login, library.head.password_hash = "head", PASSWORD_HASH
    receipt = load("readers", TEXT, library.head)
    run = db.session.get(ImportRun, receipt.run)
    undo = undoing.begin(db.session(), library.head, run)
    job = enqueue(db.session, "import.undo", subject_id=run.id, user_id=library.head.id)
    work_off(toy_app)
    toy_session.expire_all()

    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert (run.state, undo.state, undo.updated) == (RunState.UNDONE, RunState.APPLIED, 3)
    assert set(toy_session.scalars(select(AuditEntry.who).where(AuditEntry.run_id == undo.id))) == {"Hedda"}


def test_a_cancelled_undo_leaves_the_rest_to_be_asked_for(toy_app, load, library, toy_session):
    """What was reversed stays so; the import is not undone, and may be taken back anew."""
    receipt = load("readers", TEXT, library.head)
    run = db.session.get(ImportRun, receipt.run)
    undo = undoing.begin(db.session(), library.head, run)
    cancel(db.session, enqueue(db.session, "import.undo", subject_id=run.id, user_id=library.head.id))
    work_off(toy_app)
    toy_session.expire_all()
    states = (run.state, undo.state)
    again = undoing.undo(library.head, run)

    assert states == (RunState.APPLIED, RunState.CANCELLED)
    assert (again.reversed, run.state) == (3, RunState.UNDONE)



@pytest.mark.parametrize("kills", [1, pytest.param(6, marks=pytest.mark.acceptance)])
def test_killed_again_and_again_it_ends_exactly_the_same(toy_app, load, library, toy_session, kills):
    """Real workers, killed in mid-undo: each record reversed once, each entry written once, nothing else touched."""
    library.head.login, library.head.password_hash = "head", PASSWORD_HASH
    rows = "".join(f"D{number:05},Name{number},B1\n" for number in range(1_500 + 1_500 * kills))
    receipt = load("readers", f"card,name,branch\nC1,Anna,B1\n{rows}", library.head)
    run = db.session.get(ImportRun, receipt.run)
    undo = undoing.begin(db.session(), library.head, run)
    job = enqueue(db.session, "import.undo", subject_id=run.id, user_id=library.head.id)
    toy_session.commit()
    for _round in range(kills):
        before = _done(toy_session, job.id)
        with a_worker(toy_app, lease_s=1) as worker:
            eventually(lambda before=before: _done(toy_session, job.id) > before)
            worker.kill()
            worker.wait()
    eventually(lambda: work_off(toy_app) and _done(toy_session, job.id) >= len(rows.splitlines()))
    toy_session.expire_all()
    entries = list(toy_session.scalars(select(AuditEntry.record_id).where(AuditEntry.run_id == undo.id)))

    assert (run.state, undo.state, undo.updated, undo.refused) == (RunState.UNDONE, RunState.APPLIED, receipt.rows, 0)
    assert len(entries) == len(set(entries)) == receipt.rows
    assert set(toy_session.scalars(select(toys.Reader.name))) == {"Ann", "Bob"}


def _done(session, number):
    with reading():
        session.rollback()
        done = session.scalar(select(Job.done).where(Job.id == number))
        session.rollback()
    return done
