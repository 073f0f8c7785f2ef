"""One run of the suite: the folder that its processes share, and a lock between them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "AFTERCARE_TEST_FOLDER"
OWNER = "AFTERCARE_TEST_OWNER"


def folder() -> Path:
    """The folder of this run, the same in every worker."""
    return Path(os.environ[FOLDER])


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one process of the run at a time through."""
    with (folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
