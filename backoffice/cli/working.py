"""``flask worker``: do the jobs of the queue."""

from __future__ import annotations

import logging
import signal

import click
from flask import current_app
from flask.cli import with_appcontext

from backoffice.jobs.stopping import Stop
from backoffice.jobs.working import Worker


@click.command("worker")
@click.option("--name", help="What the worker is called in the list of workers; absent: machine and process.")
@click.option("--parent", type=int, hidden=True, help="End when this process does.")
@with_appcontext
def worker(name: str | None, parent: int | None) -> None:
    """Do jobs, one at a time, until stopped (SIGTERM or Ctrl+C); the job at hand goes on in the next worker."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    one = Worker(current_app._get_current_object(), name, stop)  # type: ignore[attr-defined]  # noqa: SLF001  # the app, not its stand-in
    click.echo(f"worker {one.name}: waiting for jobs")
    one.run(parent)
