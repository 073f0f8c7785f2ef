"""``python serve.py [--prepare]``: bring the database up to date, then serve the pages with waitress."""

from __future__ import annotations

import argparse
import errno
from collections.abc import Iterator
from contextlib import contextmanager

import waitress
from flask.cli import FlaskGroup
from sqlalchemy import inspect

from backoffice.db import db
from wsgi import app, config


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
    print(f"\n  Aftercare: http://{host}:{config.port}   (stop it with Ctrl+C)\n", flush=True)
    server.run()


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
