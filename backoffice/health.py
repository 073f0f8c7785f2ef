"""Whether the process is up, and whether it can do its work: for whoever starts and watches it."""

from __future__ import annotations

import functools
import logging
import re
from pathlib import Path
from typing import Any

from flask import Flask, current_app, jsonify
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from backoffice.accounts.guard import bare
from backoffice.db import db
from backoffice.jobs.bell import Unreachable
from backoffice.jobs.progress import count_workers
from backoffice.security import by_http

log = logging.getLogger(__name__)
_STEP = re.compile(r"^(revision|down_revision)\b[^=\n]*=\s*(.*)$", re.MULTILINE)
_NAMES = re.compile(r"""["']([^"']+)["']""")


def register(app: Flask) -> None:
    """Answer ``/healthz`` and ``/readyz`` without login."""
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


@by_http
@bare
def healthz() -> Any:
    """The process is up. It asks no database."""
    return jsonify({"status": "up"})


@by_http
@bare
def readyz() -> Any:
    """The database answers, every migration has run and the queue can be reached; else 503 with what is missing.

    ``workers`` counts those that have been seen lately: pages work without one, jobs wait.
    """
    missing, workers = _missing()
    if missing:
        return jsonify({"status": "unready", "missing": missing}), 503
    return jsonify({"status": "ready", "workers": workers})


def _missing() -> tuple[list[str], int]:
    try:
        db.session.execute(select(1))
        if _heads_in_database() != heads(Path(current_app.config["MIGRATIONS"])):
            return ["migrations"], 0
        workers = count_workers(db.session)
    except SQLAlchemyError as problem:
        log.warning("not ready: the database does not answer (%s)", type(problem).__name__)
        return ["database"], 0
    try:
        current_app.extensions["bell"].check()
    except Unreachable as problem:
        log.warning("not ready: the queue does not answer (%s)", problem)
        return ["queue"], workers
    return [], workers


def _heads_in_database() -> frozenset[str]:
    connection = db.session.connection()
    if not inspect(connection).has_table("alembic_version"):
        return frozenset()
    return frozenset(connection.scalars(text("SELECT version_num FROM alembic_version")))


@functools.cache
def heads(folder: Path) -> frozenset[str]:
    """The migrations of this program on which no other stands. Read from their files: what runs them takes 7 MB, and this is asked every few seconds."""
    steps: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in (folder / "versions").glob("*.py"):
        for name, value in _STEP.findall(file.read_text(encoding="utf-8")):
            steps[name].update(_NAMES.findall(value))
    return frozenset(steps["revision"] - steps["down_revision"])
