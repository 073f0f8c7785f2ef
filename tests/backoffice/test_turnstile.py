"""The write lock of SQLite is fair: a save gets its turn while an import writes slice after slice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from backoffice.db import _prepare, locking, patience, reading

IMPORTER = """
import sys, time
from sqlalchemy import create_engine, text
from backoffice.db import _prepare
engine = create_engine("sqlite:///" + sys.argv[1])
_prepare(engine)
until, slices = time.monotonic() + float(sys.argv[2]), 0
with engine.connect() as connection:
    while time.monotonic() < until:
        with connection.begin():
            connection.execute(text("INSERT INTO rows VALUES (1)"))
            if not slices:
                print("begun", flush=True)
            time.sleep(0.1)
            slices += 1
print(slices)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def engine(file: Path):
    engine = create_engine(f"sqlite:///{file}")
    _prepare(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE rows (number INTEGER)"))
    yield engine
    engine.dispose()


@pytest.fixture
def importer(engine, file: Path):
    """Another process that writes 100 ms at a time and begins again at once."""
    command = [sys.executable, "-c", IMPORTER, str(file), "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())}) as process:
        assert process.stdout.readline() == "begun\n"
        yield process
        process.kill()


def save(engine) -> float:
    """Seconds that a save takes."""
    start = time.monotonic()
    with locking(), engine.begin() as connection:  # whatever kind of request an earlier test ended with
        connection.execute(text("INSERT INTO rows VALUES (2)"))
    return time.monotonic() - start


def slices(engine) -> int:
    """How many slices of the import are written; who only reads waits for nobody."""
    with reading(), engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM rows WHERE number = 1")).scalar_one()


def test_a_save_waits_for_one_slice_of_an_import_and_not_for_all(engine, importer) -> None:
    """And the import comes to its end all the same."""
    passed = []
    while importer.poll() is None:
        before = slices(engine)
        save(engine)
        passed.append(slices(engine) - before)
        time.sleep(0.01)

    assert len(passed) > 15
    assert max(passed) <= 3, sorted(passed)[-3:]
    assert int(importer.stdout.read()) > 15


def test_who_has_no_patience_is_told_in_time(engine, importer) -> None:
    """Looks at personal data do not wait for long."""
    start = time.monotonic()

    with patience(30), pytest.raises(OperationalError, match="locked"):
        [save(engine) for _ in range(10)]
    assert time.monotonic() - start < 0.6


def test_who_only_reads_does_not_queue(engine) -> None:
    """A page answers in the midst of somebody's writing, where a save is told that it must wait."""
    with locking(), engine.begin() as writer:
        writer.execute(text("INSERT INTO rows VALUES (1)"))
        with patience(30):
            assert slices(engine) == 0
            with pytest.raises(OperationalError, match="locked"):
                save(engine)

    assert slices(engine) == 1


def test_a_database_in_memory_has_no_turnstile() -> None:
    """Nobody else writes there."""
    engine = create_engine("sqlite://")
    _prepare(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE rows (number INTEGER)"))

    assert save(engine) < 0.1
    engine.dispose()
