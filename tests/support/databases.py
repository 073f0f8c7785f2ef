"""Fresh databases of both kinds, copied from a template that is made once for each schema.

``empty`` has no tables, ``toys`` those of the lending library, ``models`` those of the dealership.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres, run

KINDS = ("sqlite", "postgresql")
Fill = Callable[[str], None]  # makes the tables at an address


def fresh(kind: str, schema: str, fill: Fill) -> str:
    """The address of a database that nobody has used; it replaces this worker's last one of the same schema."""
    return {"sqlite": _fresh_file, "postgresql": _fresh_database}[kind](schema, fill)


def worker() -> str:
    """This process among those that run tests side by side."""
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


def _fresh_file(schema: str, fill: Fill) -> str:
    folder = run.folder() / "sqlite"
    template = folder / f"{schema}.template"
    with run.locked(f"sqlite-{schema}"):
        if not template.exists():
            folder.mkdir(exist_ok=True)
            draft = folder / f"{schema}.draft"
            draft.touch()
            fill(f"sqlite:///{draft}")
            draft.rename(template)
    file = folder / f"{schema}-{worker()}.db"
    for ending in ("", "-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"


def server() -> str:
    """The address of the run's PostgreSQL server, ending in a slash."""
    try:
        with run.locked("postgres"):
            return postgres.start(run.folder() / "postgres", int(os.environ[run.OWNER]))
    except postgres.NoPostgres as problem:
        pytest.skip(str(problem))


def _fresh_database(schema: str, fill: Fill) -> str:
    address = server()
    template, name = f"template_{schema}", f"{schema}_{worker()}"
    with psycopg.connect(address.replace("+psycopg", "") + "postgres", autocommit=True) as connection, run.locked(f"postgres-{schema}"):
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (template,)).fetchone():
            draft = f"draft_{schema}"
            _remake(connection, draft, "template0")
            fill(address + draft)
            connection.execute(f'ALTER DATABASE "{draft}" RENAME TO "{template}"'.encode())
        _remake(connection, name, template)
    return address + name


def _remake(connection: psycopg.Connection, name: str, template: str) -> None:
    connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
    connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
