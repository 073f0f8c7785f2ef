"""Workers killed while they plan and write a file: in the end it is written once, whole, as if nothing had happened."""

from __future__ import annotations

import random
import time
from io import BytesIO

import pytest
from sqlalchemy import func, select

from backoffice.db import db, writing
from backoffice.declare.journal import AuditEntry, Deed, ImportRun, RunState
from backoffice.exchange import runs
from backoffice.exchange.options import Options
from backoffice.jobs import enqueue
from backoffice.jobs.tables import Job
from tests import toys
from tests.support.client import PASSWORD_HASH
from tests.support.jobs import a_worker, eventually

LEASE_S = 2
KNOWN, NEW, KILLS = 2_000, 30_000, 2


def put(library, plans, text: str) -> int:
    library.head.login, library.head.password_hash = "hedda", PASSWORD_HASH
    db.session.commit()
    with writing():
        run = runs.begin(db.session(), library.head, plans["branches"], BytesIO(text.encode()), "branches.csv")
        run.options = Options(file_name="branches.csv").as_json()
    return run.id


def start(run_id: int, task: str, state: RunState) -> int:
    with writing():
        run = db.session.get_one(ImportRun, run_id, populate_existing=True)
        run.state = state
        return enqueue(db.session(), task, subject_id=run_id, user_id=run.user_id).id


def seen(model, key):
    db.session.rollback()
    found = db.session.get_one(model, key, populate_existing=True)
    db.session.commit()
    return found


def kill_when(app, is_time) -> None:
    with a_worker(app, lease_s=LEASE_S, is_awaited=False) as worker:
        eventually(is_time)
        time.sleep(random.Random(5).uniform(0, 0.1))
        worker.kill()
        worker.wait()


@pytest.mark.long(60)
@pytest.mark.acceptance
def test_a_killed_import_goes_on_to_the_exact_same_result(toy_app, plans, library, toy_session):
    """No row is missing, none is there twice, and each has one entry in the trail."""
    toy_session.add_all([toys.Branch(code=f"K{number:05}", name="Old") for number in range(KNOWN)])
    toy_session.commit()
    rows = [f"K{number:05},New" for number in range(KNOWN)] + [f"N{number:05},Made" for number in range(NEW)]
    random.Random(1).shuffle(rows)
    run_id = put(library, plans, "code,name\n" + "\n".join(rows) + "\n")
    plan = start(run_id, "import.plan", RunState.PLANNING)
    kill_when(toy_app, lambda: seen(Job, plan).state == "running")
    with a_worker(toy_app, lease_s=LEASE_S):
        eventually(lambda: seen(ImportRun, run_id).state is RunState.PLANNED)
    apply = start(run_id, "import.apply", RunState.APPLYING)
    for _round in range(KILLS):
        before = seen(Job, apply).cursor
        kill_when(toy_app, lambda before=before: seen(Job, apply).cursor > before)
    with a_worker(toy_app, lease_s=LEASE_S):
        eventually(lambda: seen(ImportRun, run_id).state is RunState.APPLIED)
    run = seen(ImportRun, run_id)
    entries = dict(db.session.execute(select(AuditEntry.deed, func.count()).where(AuditEntry.run_id == run_id).group_by(AuditEntry.deed)).all())
    names = dict(db.session.execute(select(toys.Branch.name, func.count()).group_by(toys.Branch.name)).all())

    assert (run.created, run.updated, run.conflicts, run.refused) == (NEW, KNOWN, 0, 0)
    assert entries == {Deed.CREATE: NEW, Deed.UPDATE: KNOWN}
    assert (names["Made"], names["New"], names.get("Old", 0)) == (NEW, KNOWN, 0)
