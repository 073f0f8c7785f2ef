"""A copy of the project in a folder of its own, as a fresh checkout would be, and its commands there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import SETTINGS

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".env", "instance", ".*_cache", ".hypothesis", ".coverage", "*.db")


def copy_project(folder: Path) -> Path:
    """Copy the project without what a run has left behind."""
    return shutil.copytree(ROOT, folder / "project", ignore=LEFT_OUT)


def environment(**settings: str) -> dict[str, str]:
    """The environment of a command: no setting but these."""
    kept = {name: value for name, value in os.environ.items() if name not in {one.name for one in SETTINGS} and not name.startswith("FLASK_")}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **settings}


def flask(project: Path, *arguments: str, given: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run ``flask …`` in the project; ``given`` is typed on standard input."""
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments], cwd=project, env=environment(**settings), input=given or "",
        capture_output=True, encoding="utf-8", check=False, timeout=300,
    )


@contextmanager
def running(project: Path, *arguments: str, patience: float = 120, **settings: str) -> Iterator[tuple[str, list[str]]]:
    """``python serve.py …`` for the length of a block: its address, and the lines that it printed up to then."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    port = settings.setdefault("PORT", str(free))
    process = subprocess.Popen(
        [sys.executable, "serve.py", *arguments], cwd=project, env=environment(**settings), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")))
    reader.start()
    try:
        end = time.monotonic() + patience
        while not any(f"http://127.0.0.1:{port}" in line for line in lines):
            if process.poll() is not None or time.monotonic() > end:
                reader.join(timeout=2)
                raise AssertionError("".join(lines))
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", lines
    finally:
        process.terminate()
        process.wait(timeout=20)
        reader.join()
        process.stdout.close()
