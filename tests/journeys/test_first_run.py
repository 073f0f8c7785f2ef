"""The first minutes: a fresh checkout is started, and started again."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.copies import copy_project, flask, running
from tests.support.jobs import eventually

LOGINS = ("agent", "advisor", "workshop", "supervisor", "manager", "admin", "auditor")


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


@pytest.fixture
def project(tmp_path):
    """A fresh checkout."""
    return copy_project(tmp_path)


@pytest.mark.long(30)
def test_the_first_run_prints_the_accounts_and_the_second_does_not(project):
    """``make run`` ends at a page that answers; the demo password is shown once, and records are made once."""
    with running(project, "--prepare") as (address, lines):
        first = "".join(lines)
        assert get(f"{address}/healthz")
        assert get(f"{address}/readyz")
        assert 'name="password"' in get(f"{address}/login")
    count = complaints(project)
    with running(project, "--prepare") as (address, lines):
        second = "".join(lines)
        assert get(f"{address}/readyz")

    assert all(re.search(rf"\b{login}\b", first) for login in LOGINS)
    assert not any(re.search(rf"\b{login}\b", second) for login in LOGINS)
    assert complaints(project) == count > 1


def complaints(project) -> int:
    with closing(sqlite3.connect(project / "instance" / "aftercare.db")) as database:
        return database.execute("SELECT count(*) FROM complaints").fetchone()[0]


@pytest.mark.long(20)
def test_a_worker_runs_beside_the_server_and_ends_with_it(project):
    """Started with the server, started again when it is killed, ended with the server: also with one that is killed."""
    flask(project, "db", "upgrade")
    with running(project) as (address, lines):
        eventually(lambda: workers(address) == 1)
        first = children()
        os.kill(first[0], signal.SIGKILL)
        eventually(lambda: "".join(lines).count("waiting for jobs") == 2)
        second = children()
    with running(project) as (address, lines):
        eventually(lambda: "waiting for jobs" in "".join(lines))
        third = children()
        os.kill(_parent(third[0]), signal.SIGKILL)
        eventually(lambda: not any(is_running(one) for one in third))

    assert first != second
    assert not any(is_running(one) for one in second)


def workers(address: str) -> int:
    return json.loads(get(f"{address}/readyz"))["workers"]


def children() -> list[int]:
    """The workers that the servers of this process started."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and is_running(int(path.name)) and _parents(path)]


def _parents(path: Path) -> bool:
    try:
        return b"worker" in (path / "cmdline").read_bytes().split(b"\0") and _parent(_parent(int(path.name))) == os.getpid()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _parent(number: int) -> int:
    return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])


def is_running(number: int) -> bool:
    """Whether the process is there, and more than what its parent has not noticed yet."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_first_run_in_production_has_no_demo_account(project):
    """Nobody can sign in until somebody makes the first account."""
    settings = {"AFTERCARE_ENV": "production", "SECRET_KEY": "k" * 40}
    with running(project, "--prepare", **settings) as (_address, lines):
        assert not any(login in "".join(lines) for login in LOGINS)
    people = flask(project, "staff", "list", **settings)

    assert people.returncode == 0
    assert not any(login in people.stdout for login in LOGINS)


def test_a_port_that_is_taken_is_named(project):
    """The second of two servers says why it does not start."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(AssertionError, match=f"aftercare: cannot listen on 127.0.0.1:{port}"), running(project, PORT=str(port)):
            pass
