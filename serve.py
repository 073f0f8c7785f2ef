"""``python serve.py [--prepare]``: bring the database up to date, then serve the pages with waitress."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import waitress
from flask.cli import FlaskGroup
from sqlalchemy import inspect

from backoffice.db import db
from config import ROOT
from wsgi import app, config

PATIENCE_S = 10
SHORT_LIFE_S, LONGEST_PAUSE_S = 10.0, 30.0


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="Serve the pages on HOST and PORT.")
    parser.add_argument("--prepare", action="store_true", help="migrate and load the seeds first; demo records on the first run")
    if parser.parse_args().prepare:
        prepare()
    try:
        server = waitress.create_server(
            app, host=config.host, port=config.port, threads=8, ident=None, clear_untrusted_proxy_headers=not config.trusted_proxies
        )
    except OSError as problem:
        if problem.errno not in {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}:
            raise
        raise SystemExit(f"aftercare: cannot listen on {config.host}:{config.port} ({problem.strerror}). Set HOST or PORT.") from None
    host = f"[{config.host}]" if ":" in config.host else config.host
    signal.signal(signal.SIGTERM, _leave)
    with worker_beside():
        print(f"\n  Aftercare: http://{host}:{config.port}   (stop it with Ctrl+C)\n", flush=True)
        server.run()


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@contextmanager
def worker_beside() -> Iterator[None]:
    """A worker as a child process for the length of a block; with a queue of many machines the workers are run apart."""
    if config.queue_url is not None:
        yield
        return
    keeper = Keeper()
    keeper.start()
    try:
        yield
    finally:
        keeper.end()


class Keeper(threading.Thread):
    """Starts the worker, and again whenever it has died. A worker whose server was killed ends by itself."""

    def __init__(self) -> None:
        super().__init__(name="keeper", daemon=True)
        self._is_over = threading.Event()
        self._child: subprocess.Popen[Any] | None = None

    def run(self) -> None:
        """Keep a worker running."""
        pause = 1.0
        while not self._is_over.is_set():
            started = time.monotonic()
            command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--parent", str(os.getpid())]
            self._child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
            if self._is_over.is_set():  # ended while it was being started
                self._child.terminate()
            self._child.wait()
            has_lived = time.monotonic() - started > SHORT_LIFE_S
            pause = 1.0 if has_lived else min(pause * 2, LONGEST_PAUSE_S)
            if not self._is_over.wait(pause):
                print("aftercare: the worker has ended and is started again", file=sys.stderr, flush=True)

    def end(self) -> None:
        """End the worker: it finishes its slice; if that takes too long it is killed, and another finishes it some day."""
        self._is_over.set()
        child = self._child
        if child is None:
            return
        child.terminate()
        try:
            child.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def prepare() -> None:
    """Migrate, load the reference data, and on the first run the demo records."""
    with first_run() as is_first:
        flask("db", "upgrade")
        flask("seed", "reference")
        if is_first and not config.is_production:
            flask("seed", "demo")


@contextmanager
def first_run() -> Iterator[bool]:
    """Whether the database is new; a first run that was interrupted counts again."""
    unfinished = config.instance_path / "first-run"
    with app.app_context():
        is_first = unfinished.exists() or not inspect(db.engine).has_table("alembic_version")
    if is_first:
        unfinished.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.touch()
    yield is_first
    unfinished.unlink(missing_ok=True)


def flask(*arguments: str) -> None:
    """Run a command as ``flask …`` would, in this process."""
    FlaskGroup(create_app=lambda: app, load_dotenv=False, set_debug_flag=False).main(arguments, prog_name="flask", standalone_mode=False)


if __name__ == "__main__":
    main()
