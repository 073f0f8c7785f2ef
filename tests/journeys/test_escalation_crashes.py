"""Passes at the same moment, one of them killed in its midst: what time demands is done once to each complaint."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backoffice.declare import clock
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.declare.people import acting
from backoffice.messages.tables import Message
from models.clock_segments import ClockSegment
from models.complaints import Complaint
from models.escalating import escalate
from models.escalations import Escalation
from models.roles import Role
from models.todos import Todo
from tests import factories as make
from tests.support import nursery
from tests.support.copies import environment
from tests.support.jobs import end, eventually

CASES, AT_ONCE = 150, 10
FREEZING = f"""
import pathlib, sys, time
import flask.cli
from models import complaint_levels, escalating

freezes_at, go, done = int(sys.argv[1]), pathlib.Path(sys.argv[2]), 0
escalating.AT_ONCE, real = {AT_ONCE}, complaint_levels.raise_to

def raise_to(*given, **more):
    global done
    row = real(*given, **more)
    given[0].session.flush()
    done += 1
    if done == freezes_at:
        print("frozen", flush=True)
        time.sleep(600)
    return row

complaint_levels.raise_to = raise_to
print("ready", flush=True)
while not go.exists():
    time.sleep(0.005)
sys.argv = ["flask", "--app", "tests.support.wsgi", "escalate"]
flask.cli.main()
"""
"""``flask escalate`` that stands still for good in the midst of a transaction, after so many complaints; 0 is never."""


@pytest.fixture
def people(session):
    """A day and an hour ago as many complaints came in; the triggers are those that are shipped."""
    make.make_triggers(session)
    order = make.make_order(session)
    agent, head = (make.make_staff(session, role=role, store=order.store) for role in (Role.AGENT, Role.SUPERVISOR))
    with clock.stopped_at(clock.now() - timedelta(hours=25)), acting(agent):
        for number in range(CASES):
            case = make.make_complaint(session, order=order, category=f"类别{number}")
            if number % 2:
                case.acknowledge()
    session.commit()
    return agent, head


def passing(app, folder: Path, freezes_at: int = 0) -> tuple[nursery.Process, Path]:
    """A pass as a process of its own that waits for the file ``go``, and what it says."""
    said = folder / f"said-{freezes_at}"
    said.touch()
    settings = environment(
        DATABASE_URL=app.config["SQLALCHEMY_DATABASE_URI"], SECRET_KEY=app.config["SECRET_KEY"], TEST_INSTANCE=app.instance_path,
        TEST_SCHEMA="models", TEST_LEASE_S="30",
    )
    return nursery.start("-c", FREEZING, str(freezes_at), str(folder / "go"), environment=settings, said=str(said)), said


def count(session, what, *where) -> int:
    found = session.scalar(select(func.count()).select_from(what).where(*where))
    session.rollback()
    return found


@pytest.mark.long(10)
@pytest.mark.parametrize("freezes_at", [15, pytest.param(38, marks=pytest.mark.acceptance)])
def test_a_pass_that_is_killed_loses_nothing_and_nothing_is_done_twice(app, session, people, tmp_path, freezes_at):
    """Two at once, one ended by kill -9 with half a set written and not committed; after one more pass all is as after a single quiet one."""
    with ExitStack() as stack:
        (killed, says), (other, said) = passing(app, tmp_path, freezes_at), passing(app, tmp_path)
        for one in (killed, other):
            stack.callback(end, one)
        eventually(lambda: all("ready" in each.read_text() for each in (says, said)))
        (tmp_path / "go").touch()
        eventually(lambda: "frozen" in says.read_text() or killed.poll() is not None)
        killed.kill()

        assert (killed.wait(), other.wait()) == (-9, 0), said.read_text()
    assert_exactly_once(session, people, escalate(session))


def assert_exactly_once(session, people, last) -> None:
    """One level up, one message for each event and person, one entry in the trail for each raise, and the next thing due is to accept."""
    agent, head = people
    session.expire_all()
    for case in session.scalars(select(Complaint)):
        assert (case.level.code, case.owner, case.clock_next_at) == ("L2", head, case.accept_due_at)
        assert [one.rule for one in case.escalations] in (["T01"], ["T02"])
    told = Counter(tuple(row) for row in session.execute(select(Message.record_id, Message.person_id, Message.occasion)))
    raised = select(AuditEntry.record_id, AuditEntry.changes).where(AuditEntry.resource == "complaints", AuditEntry.deed == Deed.UPDATE)
    trail = Counter(number for number, changes in session.execute(raised) if "level" in changes)

    assert len(last["raised"]) < CASES
    assert set(told.values()) == set(trail.values()) == {1}
    assert {number for number, _person, _what in told} == set(trail) == set(session.scalars(select(Complaint.id)))
    assert Counter((person, what) for _number, person, what in told) == {
        (agent.id, "complaint-breached"): CASES, (agent.id, "complaint-raised"): CASES, (head.id, "complaint-raised"): CASES,
    }
    assert (count(session, Escalation), count(session, Todo), count(session, ClockSegment)) == (CASES, CASES, 2 * CASES)
