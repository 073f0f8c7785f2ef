"""The two tasks of an import, done by a worker: planned, written, asked again, given up."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select

from backoffice.db import db, writing
from backoffice.declare.journal import AuditEntry, ImportRun, RunState
from backoffice.exchange import rechecking, runs, tasks
from backoffice.exchange import stage as stages
from backoffice.exchange.options import Options
from backoffice.exchange.writing.pace import Pace
from backoffice.jobs import Ticket, enqueue
from tests import toys
from tests.support.client import PASSWORD_HASH, sign_in
from tests.support.jobs import work_off


@pytest.fixture
def planned(toy_app, plans, library):
    """Put a file in as the head librarian and let a worker plan it."""
    def plan(text: str | bytes, name: str = "readers.csv", resource: str = "readers", **options) -> int:
        library.head.login, library.head.password_hash = "hedda", PASSWORD_HASH
        db.session.commit()
        content = text if isinstance(text, bytes) else text.encode()
        with writing():
            run = runs.begin(db.session(), library.head, plans[resource], BytesIO(content), name)
            run.options, run.state = Options(file_name=name, **options).as_json(), RunState.PLANNING
            enqueue(db.session(), "import.plan", subject_id=run.id, user_id=library.head.id)
        work_off(toy_app)
        return run.id

    return plan


def seen(run_id: int) -> ImportRun:
    return db.session.get_one(ImportRun, run_id, populate_existing=True)


def apply(app, run_id: int) -> ImportRun:
    with writing():
        run = seen(run_id)
        run.state = RunState.APPLYING
        enqueue(db.session(), "import.apply", subject_id=run_id, user_id=run.user_id)
    work_off(app)
    db.session.expire_all()
    return seen(run_id)


def entries(run_id: int) -> int:
    return db.session.scalar(select(func.count()).where(AuditEntry.run_id == run_id))


def test_a_worker_plans_and_writes(toy_app, planned):
    """The counts of the plan are those of the receipt, and nothing is written before."""
    run_id = planned("card,name,branch\nC1,Anna,B1\nC8,Zoe,B1\n")
    before = (seen(run_id).state, seen(run_id).created, seen(run_id).updated, entries(run_id))
    run = apply(toy_app, run_id)

    assert before == (RunState.PLANNED, 1, 1, 0)
    assert (run.state, run.created, run.updated, run.conflicts, entries(run_id)) == (RunState.APPLIED, 1, 1, 0, 2)
    assert db.session.scalar(select(toys.Reader.name).where(toys.Reader.card == "C1")) == "Anna"


@pytest.fixture
def told(monkeypatch):
    """What a ticket is told: how many rows are done, of how many."""
    heard: list[tuple[int, int | None]] = []
    say, step = Ticket.say, Ticket.step

    def said(self, done, total=None):
        heard.append((done, total))
        say(self, done, total)

    def stepped(self, connection, *, cursor, done, total=None):
        heard.append((done, total))
        step(self, connection, cursor=cursor, done=done, total=total)

    monkeypatch.setattr(Ticket, "say", said)
    monkeypatch.setattr(Ticket, "step", stepped)
    return heard


def test_a_worker_says_how_far_it_is_of_how_many(toy_app, planned, told):
    """Reading a file and writing it: of as many rows as there are, so that the time left can be told."""
    run_id = planned("card,name,branch\n" + "".join(f"K{number},Yan,B1\n" for number in range(30)))
    read = list(told)
    told.clear()
    apply(toy_app, run_id)

    assert read[0] == (30, 30)
    assert {total for _done, total in told} == {30}
    assert told[-1][0] == 30


def test_a_worker_says_how_many_rows_it_has_asked_the_rules_about(toy_app, planned, told):
    """Reading is the shorter part of such a file, so it tells no end; trying rows out goes from none to all of them."""
    planned("loan_no,reader,title\n" + "".join(f"T{number},C1,Emma\n" for number in range(130)), "loans.csv", resource="loans")
    tried = [done for done, total in told if total == 130]

    assert told[0] == (130, 0)
    assert (len(tried) > 1, tried, tried[-1]) == (True, sorted(tried), 130)


def test_a_row_changed_since_is_asked_again_alone(toy_app, planned, library):
    """The others are written; decided, it is written in a second turn, and nothing is written twice."""
    run_id = planned("card,name,branch\nC1,Anna,B1\nC2,Bert,B2\nC8,Zoe,B1\n")
    with writing():
        db.session.get_one(toys.Reader, library.ann.id).mobile = "13900000009"
    first = apply(toy_app, run_id)
    counted = (first.state, first.created, first.updated, first.conflicts)
    with stages.opened(run_id) as stage:
        rechecking.check(stage, library.head, first, Options(file_name="readers.csv", take=(1,)), stage.part("readers"), [1])
    second = apply(toy_app, run_id)

    assert counted == (RunState.APPLIED, 1, 1, 1)
    assert (second.created, second.updated, second.conflicts, entries(run_id)) == (1, 2, 0, 3)
    assert db.session.execute(select(toys.Reader.name, toys.Reader.mobile).where(toys.Reader.card == "C1")).one() == ("Anna", "13900000009")


def test_a_file_that_cannot_be_read_says_why(planned):
    """The run ends with the sentence; nothing is planned."""
    run = seen(planned(b'card,name,branch\nC8,"Zoe,B1\n'))

    assert (run.state, run.receipt["failure"]) == (RunState.FAILED, "unclosed_quote")
    assert "2" in run.receipt["message"]


@pytest.fixture
def breaking(monkeypatch):
    """Writing ends by our mistake after its first slice."""
    real = tasks.apply

    def apply_some(stage, person, options, step, **more):
        slices = []

        def once(connection, **how):
            if slices:
                raise RuntimeError("it breaks")
            slices.append(how)
            step(connection, **how)

        return real(stage, person, options, once, pace=Pace(rows=20, singles=20), **more)

    monkeypatch.setattr(tasks, "apply", apply_some)


def test_writing_that_broke_off_says_what_is_written_and_offers_the_way_back(toy_app, planned, library, breaking):
    """Twenty of fifty records, one of them changed; they are taken back from the page, and then it says so."""
    run_id = planned("card,name,branch\nC1,Anna,B1\n" + "".join(f"K{number},Yan,B1\n" for number in range(49)))
    run = apply(toy_app, run_id)
    client = sign_in(toy_app.test_client(), "hedda")
    client.set_cookie("language", "en")
    page = client.get(f"/imports/{run_id}").get_data(as_text=True)

    assert (run.state, run.created, run.updated) == (RunState.FAILED, 19, 1)
    assert "19 new and 1 changed records are written, the rest of the file is not." in page
    assert re.findall(r'class="tile-count">(\d+)<', page)[:2] == ["49", "1"]
    assert f'href="/imports/{run_id}/undo"' in page

    client.post(f"/imports/{run_id}/undo")
    work_off(toy_app)
    db.session.expire_all()

    assert (seen(run_id).state, db.session.scalar(select(func.count()).select_from(toys.Reader))) == (RunState.UNDONE, 2)
    assert "It was written, and taken back afterwards." in client.get(f"/imports/{run_id}").get_data(as_text=True)


def test_what_broke_off_is_loaded_again(toy_app, planned, breaking, monkeypatch):
    """What is written already is found unchanged; the rest is written, and nothing twice."""
    text = "card,name,branch\n" + "".join(f"K{number},Yan,B1\n" for number in range(50))
    apply(toy_app, planned(text))
    monkeypatch.undo()
    run = apply(toy_app, planned(text))

    assert (run.state, run.created, run.unchanged) == (RunState.APPLIED, 30, 20)
