"""Workers for tests: in this process at once, or as a process of their own."""

from __future__ import annotations

import contextvars
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask import globals as flask_globals
from sqlalchemy import select

from backoffice.db import db
from backoffice.jobs.tables import Worker as Seen
from backoffice.jobs.working import Worker
from tests.support.copies import ROOT, environment


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
def a_worker(*arguments: str, folder: Path = ROOT, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """``flask worker`` as a process, for the length of a block, on the database that the settings name."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "worker", *arguments], cwd=folder, env=environment(**settings), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            process.stdout.close()


def eventually(what: Callable[[], object], patience_s: float = 20) -> None:
    """Wait until it is so."""
    end = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def workers() -> list[Seen]:
    """The workers that have said that they are there."""
    db.session.rollback()
    return list(db.session.scalars(select(Seen)))
