"""Work in the background: the jobs that wait, the workers that do them, and how far each has come.

A task is a function marked with :func:`task`; :func:`enqueue` puts a job for it into the caller's
transaction; a worker runs it with a :class:`Ticket`, whose ``step`` commits the work and how far it
has come together. The table of jobs is the truth (``docs/decisions/0008-…``).
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from backoffice.db import db
from backoffice.jobs import declared, queue
from backoffice.jobs.bell import Bell
from backoffice.jobs.queue import cancel, enqueue
from backoffice.jobs.tasks import periodic, task
from backoffice.jobs.ticket import Cancelled, Interrupted, Lost, Stopped, Ticket

__all__ = ["Cancelled", "Interrupted", "Lost", "Stopped", "Ticket", "cancel", "enqueue", "periodic", "register", "task"]
queue.register(db.session)


def register(app: Flask) -> None:
    """Give the app its bell, and the worker what the domain has declared."""
    declared.adopt()
    app.extensions["bell"] = Bell(app.config["QUEUE_URL"], Path(app.instance_path))
