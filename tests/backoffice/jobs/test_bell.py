"""The doorbell: it wakes a worker, and nothing is lost where it does not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import text

from backoffice.jobs import bell, enqueue
from backoffice.jobs.bell import Bell, Unreachable
from backoffice.jobs.stopping import Stop
from tests.support import databases
from tests.support.jobs import work_off


@pytest.fixture(params=["file", "postgresql"])
def make_bell(request, tmp_path, monkeypatch):
    """Give further bells of the same queue: the web server's, the workers'."""
    monkeypatch.setattr(bell, "TIMEOUT_S", 60)  # that a busy machine answers late is tried elsewhere
    made = []

    def make() -> Bell:
        url = None if request.param == "file" else databases.server() + "postgres"
        made.append(Bell(url, tmp_path / "instance"))
        return made[-1]

    make().wait(0, Stop())
    while made[0].wait(0, Stop()):
        pass  # rings of another test
    yield make
    for one in made:
        one.close()


def test_a_ring_wakes_one_worker(make_bell):
    """Each ring is heard once."""
    door, first, second = make_bell(), make_bell(), make_bell()
    door.ring(7)

    assert [first.wait(0, Stop()), second.wait(0, Stop())] == [True, False]


def test_a_worker_that_waits_hears_at_once(make_bell):
    """It is awake long before its time is over."""
    door, worker = make_bell(), make_bell()
    began = time.monotonic()
    door.ring(7)

    assert worker.wait(120, Stop())
    assert time.monotonic() - began < 30


def test_a_worker_that_is_stopped_waits_no_longer(make_bell):
    """Nothing is waited for any more."""
    stop = Stop()
    stop.set()

    assert not make_bell().wait(60, stop)


def test_a_file_that_was_removed_is_made_anew(tmp_path):
    """Both sides find the new one; what was rung before is made up for by the sweep."""
    door, worker = Bell(None, tmp_path), Bell(None, tmp_path)
    door.ring(1)
    worker.check()
    for file in tmp_path.iterdir():
        file.unlink()

    assert not worker.wait(0, Stop())

    door.ring(2)

    assert worker.wait(1, Stop())
    for one in (door, worker):
        one.close()


def test_a_spoilt_file_is_made_anew(tmp_path):
    """It holds nothing that the table of jobs does not know."""
    (tmp_path / "queue.db").write_bytes(b"no database at all " * 1000)
    door = Bell(None, tmp_path)
    with pytest.raises(Unreachable):
        door.check()

    door.check()
    door.close()


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "redis://127.0.0.1:1/0"])
def test_a_bell_that_does_not_answer_stops_nobody(toy_app, toy_session, probe, monkeypatch, url, caplog):
    """The job is stored and done; the log names the trouble, not the address with its password."""
    monkeypatch.setitem(toy_app.extensions, "bell", Bell(url.replace("nobody", "nobody:secret"), Path(toy_app.instance_path)))
    monkeypatch.setattr(bell, "TIMEOUT_S", 1)
    enqueue(toy_session, "toys.probe")
    toy_session.commit()
    work_off(toy_app)

    assert len(probe.tickets) == 1
    assert "waits for the next sweep" in caplog.text
    assert "secret" not in caplog.text


def test_ready_says_that_the_queue_is_missing(toy_app, toy_client, toy_session, monkeypatch, tmp_path):
    """Without its queue the server is not ready; without a worker it is, and says so."""
    steps = tmp_path / "versions"
    steps.mkdir()
    (steps / "one.py").write_text("revision = 'one'\ndown_revision = None\ndef upgrade(): pass\ndef downgrade(): pass\n")
    monkeypatch.setitem(toy_app.config, "MIGRATIONS", tmp_path)
    toy_session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    toy_session.execute(text("INSERT INTO alembic_version VALUES ('one')"))
    toy_session.commit()
    ready = toy_client.get("/readyz")
    monkeypatch.setitem(toy_app.extensions, "bell", Bell("postgresql://nobody@127.0.0.1:1/none", tmp_path))
    unready = toy_client.get("/readyz")

    assert (ready.status_code, ready.json) == (200, {"status": "ready", "workers": 0})
    assert (unready.status_code, unready.json) == (503, {"status": "unready", "missing": ["queue"]})
