"""Fresh databases of both kinds, copied from a template that is made once for each schema.

``empty`` has no tables, ``toys`` those of the lending library, ``models`` those of the dealership.
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.support import emptying, postgres, run

KINDS = ("sqlite", "postgresql")
Fill = Callable[[str], None]  # makes the tables at an address
EMPTIED = {"toys": 200, "models": 200}
"""Schemas without records, and how many times a database of theirs is emptied before it is made anew."""
_used: dict[str, tuple[psycopg.Connection, int]] = {}


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
    address, name = server(), f"{schema}_{worker()}"
    if not _is_emptied(name):
        plain = address.replace("+psycopg", "")
        with psycopg.connect(f"{plain}postgres", autocommit=True) as house, run.locked(f"postgres-{schema}"):
            _remake(house, name, _template(house, schema, address, fill))
        if schema in EMPTIED:
            _used[name] = psycopg.connect(plain + name, autocommit=True), EMPTIED[schema]
    return address + name


def _template(house: psycopg.Connection, schema: str, address: str, fill: Fill) -> str:
    template, draft = f"template_{schema}", f"draft_{schema}"
    if not house.execute("SELECT 1 FROM pg_database WHERE datname = %s", (template,)).fetchone():
        _remake(house, draft, "template0")
        fill(address + draft)
        if schema in EMPTIED:
            emptying.watch(address.replace("+psycopg", "") + draft)
        house.execute(f'ALTER DATABASE "{draft}" RENAME TO "{template}"'.encode())
    return template


def _is_emptied(name: str) -> bool:
    """Whether this process's last one could be used again."""
    connection, times = _used.pop(name, (None, 0))
    if connection is None:
        return False
    try:
        if times and emptying.empty(connection):
            _used[name] = connection, times - 1
            return True
    except psycopg.Error:
        pass  # it is gone, closed, or held by somebody: made anew
    connection.close()
    return False


@atexit.register
def _let_go() -> None:
    for connection, _times in _used.values():
        connection.close()


def _remake(connection: psycopg.Connection, name: str, template: str) -> None:
    connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
    connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
