"""Workers for tests: in this process at once, or as a process of their own."""

from __future__ import annotations

import contextvars
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from flask import Flask
from flask import globals as flask_globals
from sqlalchemy import select

from backoffice.db import db, reading
from backoffice.jobs.tables import Worker as Seen
from backoffice.jobs.working import Worker
from tests.support import nursery
from tests.support.copies import environment


def work_off(app: Flask) -> int:
    """Do every job that waits, here and now, as a worker would; answers how many.

    What the test's own session holds is committed before, as by a request of the client.
    """
    if flask_globals._cv_app.get(None) is not None:
        db.session.commit()
    return contextvars.copy_context().run(_work_off, app)


def _work_off(app: Flask) -> int:
    flask_globals._cv_app.set(None)  # type: ignore[arg-type]  # no app context, as in a process of its own
    return Worker(app, "test").work_off()


@contextmanager
def a_worker(app: Flask, *arguments: str, lease_s: float = 30, is_awaited: bool = True, **more: str) -> Iterator[nursery.Process]:
    """``flask worker`` as a process, for the length of a block, on the database and the bell of the app; ``more`` are settings.

    It looks for work twice a second, for a lease that ran out too. The block begins when it is there, if it is awaited.
    """
    settings = {
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "SECRET_KEY": app.config["SECRET_KEY"], "TEST_INSTANCE": app.instance_path,
        "TEST_SCHEMA": "toys" if "loans" in app.extensions["plans"] else "models", "TEST_LEASE_S": str(lease_s),
    }
    with tempfile.NamedTemporaryFile("a+", encoding="utf-8") as said:
        process = nursery.start("-m", "flask", "--app", "tests.support.wsgi", "worker", *arguments, environment=environment(**settings, **more), said=said.name)
        try:
            eventually(lambda: not is_awaited or "waiting for jobs" in _all_of(said) or process.poll() is not None, 120)
            assert process.poll() is None, _all_of(said)
            yield process
        finally:
            end(process)


def _all_of(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def end(process: nursery.Process) -> None:
    """End a process that was started here, if it has not ended."""
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def eventually(what: Callable[[], object], patience_s: float = 60) -> None:
    """Wait until it is so."""
    end = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def workers(session: Any) -> list[str]:
    """The names of the workers that have said that they are there."""
    with reading():
        session.rollback()
        names = list(session.scalars(select(Seen.name)))
        session.rollback()
    return names
