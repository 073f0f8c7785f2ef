"""The app of a process that a test starts: which domain, which database and which folder stand in the environment."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

from backoffice.db import db
from backoffice.jobs import Ticket, leases, task, working
from config import Config
from tests.support import apps
from tests.toys import Branch

SLICE = 10


@task("toys.fill")
def fill(ticket: Ticket) -> None:
    """Write as many branches as ``payload["count"]`` says, with their audit entries, a slice at a time."""
    count = ticket.payload["count"]
    while ticket.cursor < count:
        ticket.check()
        first = ticket.cursor
        db.session.add_all([Branch(code=f"N{number:05}", name=f"Branch {number}") for number in range(first, first + SLICE)])
        db.session.flush()
        time.sleep(ticket.payload.get("pause_s", 0.02))
        ticket.step(db.session, cursor=first + SLICE, done=first + SLICE, total=count)
        db.session.commit()


@task("toys.hang", patience_s=8)
def hang(ticket: Ticket) -> None:
    """Give no sign of life for as long as the payload says."""
    time.sleep(ticket.payload["silent_s"])


if schema := os.environ.get("TEST_SCHEMA"):
    leases.LEASE = timedelta(seconds=float(os.environ["TEST_LEASE_S"]))
    working.SWEEP_S = 0.5
    app = apps.MAKERS[schema](Config.from_env(instance_path=Path(os.environ["TEST_INSTANCE"])))
