"""Processes for tests that begin at once: each is forked from one that has imported the program, and nothing else.

``start("-m", "flask", …)`` and ``start("-c", code, …)`` are what Python does with such arguments, and answer
like :class:`subprocess.Popen`. The nursery ends with the process that asked it.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Process:
    """A process of the nursery's."""

    def __init__(self, pid: int, arguments: tuple[str, ...]) -> None:
        self.pid, self.args = pid, arguments
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        if self.returncode is None:
            self.returncode = _ask(pid=self.pid)
        return self.returncode

    def wait(self, timeout: float = 120) -> int:
        """The exit code, as soon as there is one."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        """Nothing happens to one that has ended: its number is kept until somebody has asked for its code."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(*arguments: str, environment: dict[str, str] | None = None, said: str = os.devnull) -> Process:
    """A process with these arguments of Python's; what it says is written to the end of a file."""
    return Process(_ask(arguments=arguments, environment=environment or dict(os.environ), said=said), arguments)


def _ask(**order: object) -> int:
    asked = _nursery()
    print(json.dumps(order), file=asked.stdin, flush=True)
    return json.loads(asked.stdout.readline())


@functools.cache
def _nursery() -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    atexit.register(process.communicate)
    return process


def main() -> None:
    """Fork for every line that asks for it; answer for every line that names a process whether it has ended."""
    import flask.cli  # what every process needs, imported once

    import tests.support.apps  # noqa: F401  # the same

    for line in iter(sys.stdin.readline, ""):
        order = json.loads(line)
        if "pid" in order:
            pid, status = os.waitpid(order["pid"], os.WNOHANG)
            _answer(os.waitstatus_to_exitcode(status) if pid else None)
        elif pid := os.fork():
            _answer(pid)
        else:
            return _live(flask.cli.main, **order)
    return None


def _answer(value: int | None) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


def _live(flask_main, arguments: list[str], environment: dict[str, str], said: str) -> None:
    """Be the process that was asked for."""
    for number, (name, mode) in enumerate(((os.devnull, os.O_RDONLY), (said, os.O_WRONLY | os.O_APPEND), (said, os.O_WRONLY | os.O_APPEND))):
        os.dup2(os.open(name, mode), number)
    os.environ.clear()
    os.environ.update(environment)
    random.seed()
    match arguments:
        case "-m", "flask", *rest:
            sys.argv = ["flask", *rest]
            flask_main()
        case "-c", code, *rest:
            sys.argv = ["-c", *rest]
            exec(code, {"__name__": "__main__"})  # as Python itself would


if __name__ == "__main__":
    main()
