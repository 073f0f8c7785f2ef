"""Imports between upload and receipt: the run, the folder that its file waits in, and the day when the folder goes.

A run's folder is ``instance/imports/<id>``; the file in it is called ``upload`` whatever its own name was. What arrives is written to
disk piece by piece and never held in memory.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Protocol

from flask import current_app
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backoffice.access import SYSTEM
from backoffice.db import db, reading, writing
from backoffice.declare import _, clock
from backoffice.declare.journal import ImportRun, RunState
from backoffice.exchange import stage
from backoffice.exchange.outcome import Unreadable
from backoffice.jobs import periodic

KEPT = timedelta(days=7)
EXPIRES_EVERY_S = 3600
LARGEST_UPLOAD = 500 * 1024 * 1024
OPEN = (RunState.UPLOADED, RunState.PLANNED, RunState.WAITING)
"""States in which a run waits for a person."""
AT_WORK = (RunState.PLANNING, RunState.APPLYING, RunState.UNDOING)
FILE = "upload"
_PIECE = 1024 * 1024
_LONGEST_NAME = 200
_FOREIGN_AGE = timedelta(days=1)


class Named(Protocol):
    """A noun, or a flat layout of several."""

    @property
    def name(self) -> str:
        """The word in addresses."""


@dataclass(frozen=True)
class Incoming:
    """A file that has arrived and belongs to no run yet; :func:`begin` moves it, :meth:`drop` removes it."""

    path: Path
    size: int
    sha256: str

    def drop(self) -> None:
        """Remove what nobody has taken."""
        self.path.unlink(missing_ok=True)


def too_large() -> Unreadable:
    """What is said of a file beyond the limit."""
    most = LARGEST_UPLOAD // (1024 * 1024)
    return Unreadable("too_large", _("The file is larger than {most} MB. Split it, and load the parts one after the other.", most=most))


def receive(source: IO[bytes] | Iterable[bytes], most: int | None = None) -> Incoming:
    """Write a stream to disk; raises :class:`Unreadable` where it is longer than ``most`` bytes."""
    size, digest = 0, hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=_home(), prefix="incoming-", delete=False) as file:
        incoming = Path(file.name)
        try:
            for piece in _pieces(source):
                size += len(piece)
                if most is not None and size > most:
                    raise too_large()
                digest.update(piece)
                file.write(piece)
        except BaseException:
            incoming.unlink(missing_ok=True)
            raise
    return Incoming(incoming, size, digest.hexdigest())


def begin(session: Session, person: Any, plan: Named, source: IO[bytes] | Incoming, name: str) -> ImportRun:
    """Write down a new run in the caller's transaction, and put its file into its folder. The caller commits."""
    incoming = source if isinstance(source, Incoming) else receive(source)
    run = ImportRun(
        user_id=person.id, who=str(person) if person is not SYSTEM else None, resource=plan.name, file_name=plain_name(name),
        file_size=incoming.size, sha256=incoming.sha256, encoding="", state=RunState.UPLOADED, expires_at=until(),
    )
    try:
        session.add(run)
        session.flush()
        home = folder(run.id)
        shutil.rmtree(home, ignore_errors=True)  # of another database, or of a transaction that came to nothing
        home.mkdir(mode=0o700)
        incoming.path.rename(home / FILE)
    except BaseException:
        incoming.drop()
        raise
    return run


def until() -> datetime:
    """When a file that is worked on now will go."""
    return clock.now() + KEPT


def folder(run_id: int) -> Path:
    """Where the file and the staged rows of a run are; it may not be there."""
    return _home() / str(run_id)


def file_of(run: ImportRun) -> Path:
    """The file of a run; raises :class:`Unreadable` where it is gone."""
    file = folder(run.id) / FILE
    if not file.is_file():
        raise Unreadable("no_file", _("The uploaded file is not here any more. Choose it again."))
    return file


def forget(run: ImportRun) -> None:
    """Remove the file of a run and everything beside it; what the run has written stays."""
    shutil.rmtree(folder(run.id), ignore_errors=True)


@periodic("imports.expire", every_s=EXPIRES_EVERY_S)
def expire(_ticket: Any = None) -> None:
    """Forget the runs whose time is over, one by one; those that still waited for somebody end as cancelled."""
    with reading():
        over = list(db.session.scalars(select(ImportRun.id).where(_is_over())))
        known = {str(number) for number in db.session.scalars(select(ImportRun.id).where(ImportRun.expires_at.is_not(None)))}
        db.session.rollback()
    for number in over:
        _expire(number)
    _sweep(known)


def _is_over() -> ColumnElement[bool]:
    return (ImportRun.expires_at < clock.now()) & ImportRun.state.not_in(AT_WORK)


def _expire(number: int) -> None:
    with writing():
        run = db.session.scalars(select(ImportRun).where(ImportRun.id == number, _is_over()).with_for_update()).first()
        if run is None:
            return
        run.expires_at = None
        if run.state in OPEN:
            run.state, run.ended_at = RunState.CANCELLED, clock.now()
    stage.forget(number)
    shutil.rmtree(folder(number), ignore_errors=True)


def _sweep(known: set[str]) -> None:
    """Remove what killed processes left behind: uploads that no run took, folders of runs that never were."""
    oldest = (clock.now() - _FOREIGN_AGE).timestamp()
    for left in _home().iterdir():
        if left.name in known or left.stat().st_mtime > oldest:
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def plain_name(name: str) -> str:
    """The name of a file for showing: without its path, and without signs that hide or turn text around."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(sign for sign in last if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}).strip()
    return seen[-_LONGEST_NAME:] or "file"


def _pieces(source: IO[bytes] | Iterable[bytes]) -> Iterator[bytes]:
    if hasattr(source, "read"):
        while piece := source.read(_PIECE):
            yield piece
    else:
        yield from source


def _home() -> Path:
    home = Path(current_app.instance_path) / "imports"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home
