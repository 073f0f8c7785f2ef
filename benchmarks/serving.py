"""Servers under measurement: gunicorn with a few workers, each in processes of its own, ended when the block is left."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
STARTS_S = 60


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(app: str, python: Path | str, environment: Mapping[str, str], workers: int = 1, *more: str) -> Iterator[tuple[int, int]]:
    """Serve ``module:app``; gives the port and the number of the master process."""
    port = free_port()
    options = ("--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", "4", "--timeout", "300", "--keep-alive", "900")
    command = [str(python), "-m", "gunicorn", *options, *more, app]
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # an installed program is compiled once
    server = subprocess.Popen(command, cwd=ROOT, env={**inherited, **environment}, stdout=sys.stderr, stderr=subprocess.STDOUT)
    try:
        _wait(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(30)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _attempt in range(STARTS_S * 10):
        if server.poll() is not None:
            raise SystemExit("the server has ended")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server does not answer")


def memory(master: int) -> int:
    """The memory of the largest worker now, in MB."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    sizes = [int(Path(f"/proc/{one}/status").read_text(encoding="ascii").split("VmRSS:")[1].split()[0]) for one in children]
    return max(sizes) // 1024
