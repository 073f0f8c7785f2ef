"""Runs all measurements one after the other, prints the table and writes it into ``benchmarks/README.md``.

``BENCH_ROWS`` (100000) is how many rows go into how many, ``BENCH_REPEAT`` how often each of ours is measured
(3, a million rows: 1; the median counts), ``BENCH_PEER_ROWS`` (2000) how many rows the slow ones get.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import data, table
from benchmarks.places import Files, Server

ROOT = Path(__file__).parent.parent
HERE = ROOT / "benchmarks"
ROWS = int(os.environ.get("BENCH_ROWS") or 100_000)
REPEAT = int(os.environ.get("BENCH_REPEAT") or (3 if ROWS <= 200_000 else 1))
PEER_ROWS = min(ROWS, int(os.environ.get("BENCH_PEER_ROWS") or 2_000))
STORED_BY_PEERS = min(ROWS, 100_000)
MOST_IN_XLSX = 200_000
Facts = dict[str, Any]


def call(*command: str | Path, python: Path | str = sys.executable, beside: str | None = None) -> Facts:
    """Run one measurement in a process of its own; ``beside`` is a database to save into meanwhile."""
    watcher = None
    if beside:
        watcher = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ours", "watch", beside, "-", str(command[-1])], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    done = subprocess.run([str(part) for part in (python, *command)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    facts: Facts = json.loads(done.stdout.splitlines()[-1])
    if watcher:
        said, _nothing = watcher.communicate("")
        facts |= json.loads(said.splitlines()[-1])
    return facts


def median(runs: list[Facts]) -> Facts:
    """Of each number the median."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def say(*words: object) -> None:
    """Show how far it is."""
    print(*words, file=sys.stderr, flush=True)


class Measurements:
    """What was measured on one kind of database."""

    def __init__(self, place: Files | Server, folder: Path, peers: Path) -> None:
        self.place, self.folder, self.peers = place, folder, peers
        self.file = folder / "orders.csv"
        self.found: dict[str, Facts] = {}

    def ours(self, name: str, what: str, target: Path, *, watched: bool = False, times: int = REPEAT) -> None:
        """Measure ours, some times over."""
        runs = []
        for _time in range(times):
            url = self.place.fresh()
            command = ("-m", "benchmarks.ours", what, url, target, self.folder / "instance")
            runs.append(call(*command, beside=url if watched else None))
            say(self.place.name, name, runs[-1])
        self.found[name] = median(runs)

    def other(self, name: str, what: str, target: Path, rows: int = 0) -> None:
        """Measure what others do."""
        self.found[name] = call("-m", "benchmarks.peers", what, self.place.fresh(), target, str(rows))
        say(self.place.name, name, self.found[name])

    def django(self, name: str, *more: str) -> None:
        """Measure django-import-export on a database of its own."""
        url = self.place.empty()
        self.found[name] = call("benchmarks/django_peer.py", url, self.file, str(STORED_BY_PEERS), str(PEER_ROWS), *more, python=self.peers)
        say(self.place.name, name, self.found[name])

    def run(self) -> dict[str, Facts]:
        """Everything."""
        self.ours("import", "import", self.file)
        self.ours("dry", "dry", self.file)
        self.django("django")
        self.django("django dry", "dry")
        self.other("loop", "loop", self.file, PEER_ROWS)
        self.other("cached", "cached", self.file, min(ROWS, 10 * PEER_ROWS))
        if self.place.name == "SQLite":
            self.ours("watched", "import", self.file, watched=True, times=1)
        self.ours("csv", "csv", self.folder / "ours.csv")
        self.other("bare csv", "csv", self.folder / "bare.csv")
        if ROWS <= MOST_IN_XLSX:
            self.other("flask-admin", "flask-admin", self.folder / "admin.csv", ROWS)
            self.ours("xlsx", "xlsx", self.folder / "ours.xlsx", times=1)
            self.other("bare xlsx", "xlsx", self.folder / "bare.xlsx")
        return self.found


def peers() -> Path:
    """The Python of the peers' environment, made when it is first wanted."""
    python, listed = HERE / ".venv/bin/python", HERE / "peers.txt"
    stamp = HERE / ".venv/stamp"
    if not stamp.exists() or stamp.read_text() != listed.read_text():
        subprocess.run([sys.executable, "-m", "venv", HERE / ".venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", listed], check=True, stdout=sys.stderr)
        stamp.write_text(listed.read_text())
    return python


def machine() -> str:
    """What this ran on."""
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    load = os.getloadavg()[0]
    return (f"{os.cpu_count()} cores of {cpu}, {memory} GB, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
            f"PostgreSQL without fsync, load {load:.1f} when it began")


def main() -> None:
    """Measure and report."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    where, python, found = machine(), peers(), {}
    data.write(folder / "orders.csv", ROWS)
    try:
        for kind in (Files, Server):
            say(f"{kind.__doc__} {ROWS:,} orders are stored …")
            place = kind(folder, ROWS)
            try:
                found[place.name] = Measurements(place, folder, python).run()
            finally:
                place.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = table.of(found, ROWS, where)
    print(text)
    table.keep(HERE / "README.md", ROWS, text)


if __name__ == "__main__":
    main()
