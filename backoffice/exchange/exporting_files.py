"""Files of exports that were made in the background: where they wait, and until when."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.declare import clock
from backoffice.exchange.tables import ExportRun

KEPT = timedelta(days=3)
_LEFT_BEHIND = timedelta(days=1)


def folder() -> Path:
    """The folder of the files, readable by the owner only."""
    path = Path(current_app.instance_path) / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(run: ExportRun) -> Path:
    """Where the file of an export is, or would be."""
    return folder() / f"{run.token}.{run.format}"


def is_there(run: ExportRun) -> bool:
    """Whether the file can be downloaded still."""
    return run.sha256 is not None and run.expires_at is not None and run.expires_at > clock.now() and path_of(run).exists()


def write(run: ExportRun, pieces: Iterable[bytes], before: Callable[[], None]) -> None:
    """Write the file of an export; it takes its place when it is whole and ``before`` has raised nothing."""
    with tempfile.NamedTemporaryFile(dir=folder(), prefix="part-", delete=False) as file:
        try:
            file.writelines(pieces)
            file.flush()
            before()
            Path(file.name).replace(path_of(run))
        finally:
            Path(file.name).unlink(missing_ok=True)


def expire(session: Session) -> int:
    """Remove the files whose time is over, and what a process that ended left behind; answers how many went."""
    now = clock.now()
    kept = select(ExportRun.token).where(ExportRun.expires_at > now)
    tokens, count = set(session.scalars(kept)), 0
    for path in folder().iterdir():
        with suppress(OSError):
            is_old = now.timestamp() - path.stat().st_mtime > _LEFT_BEHIND.total_seconds()
            if path.stem not in tokens and (is_old or not path.name.startswith("part-")):
                path.unlink()
                count += 1
    return count
