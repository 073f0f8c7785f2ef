"""What each measuring process tells the one that started it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def memory() -> int:
    """The most memory that this process has held so far, in MB; ``getrusage`` would count what its parent held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def measured(work: Callable[[], int], **more: Any) -> None:
    """Do the work, which answers how many rows it was, and print what it took."""
    before, start = memory(), time.perf_counter()
    rows = work()
    tell(rows=rows, seconds=time.perf_counter() - start, before=before, peak=memory(), **more)


def streamed(pieces: Callable[[], Iterable[bytes]], target: str, rows: int) -> None:
    """Write what is streamed to a file, and print when its first byte came."""
    before, start, first = memory(), time.perf_counter(), 0.0
    with open(target, "wb") as file:  # noqa: PTH123  # the fastest there is
        for piece in pieces():
            first = first or time.perf_counter() - start
            file.write(piece)
    tell(rows=rows, seconds=time.perf_counter() - start, first=first, before=before, peak=memory())


def tell(**facts: Any) -> None:
    """One line of JSON."""
    print(json.dumps(facts))
    sys.stdout.flush()
