"""Whether the process is up, and whether it can do its work: for whoever starts and watches it."""

from __future__ import annotations

import logging
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app, jsonify
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from backoffice.accounts.guard import bare
from backoffice.db import db
from backoffice.jobs.bell import Unreachable
from backoffice.jobs.progress import count_workers
from backoffice.security import by_http

log = logging.getLogger(__name__)


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
        if _heads_in_database() != _heads_in_program():
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


def _heads_in_database() -> set[str]:
    return set(MigrationContext.configure(db.session.connection()).get_current_heads())


def _heads_in_program() -> set[str]:
    return set(ScriptDirectory(str(current_app.config["MIGRATIONS"])).get_heads())
