"""Databases to measure on: filled once for each size, a fresh copy for each measurement."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import text

from backoffice.app import create_app
from backoffice.db import db
from benchmarks import data
from benchmarks.domain import MODELS
from config import Config
from tests.support import postgres

POSTGRES = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=40", "shared_buffers=512MB", "max_wal_size=4GB")


def app_at(url: str, folder: Path) -> Flask:
    """The app of the measured domain."""
    folder.mkdir(parents=True, exist_ok=True)
    return create_app(Config(database_url=url, secret_key="only to measure " * 3, instance_path=folder), MODELS)


def _fill(url: str, folder: Path, rows: int) -> None:
    app = app_at(url, folder)
    with app.app_context():
        db.create_all()
        data.fill(db.engine, rows)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        db.engine.dispose()


class Files:
    """SQLite."""

    name = "SQLite"

    def __init__(self, folder: Path, rows: int) -> None:
        self.folder, self.rows = folder, rows
        self.template = folder / f"template-{rows}.db"
        if not self.template.exists():
            draft = folder / "draft.db"
            _fill(f"sqlite:///{draft}", folder / "instance", rows)
            with sqlite3.connect(draft) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            draft.rename(self.template)

    def fresh(self) -> str:
        """The address of a copy."""
        file = self.folder / "measured.db"
        for ending in ("", "-wal", "-shm"):
            Path(f"{file}{ending}").unlink(missing_ok=True)
        shutil.copyfile(self.template, file)
        return f"sqlite:///{file}"

    def empty(self) -> str:
        """The address of a database without tables."""
        (self.folder / "peer.db").unlink(missing_ok=True)
        return f"sqlite:///{self.folder / 'peer.db'}"

    def close(self) -> None:
        """Nothing runs."""


class Server:
    """PostgreSQL, a server of its own for this run."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, rows: int) -> None:
        self.folder = folder / "postgres"
        postgres.SPEED = POSTGRES
        self.folder.parent.chmod(0o755)
        self.address = postgres.start(self.folder, os.getpid())
        self.template = f"template_{rows}"
        self._run(f'CREATE DATABASE "{self.template}"')
        _fill(self.address + self.template, folder / "instance", rows)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.address.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def fresh(self) -> str:
        """The address of a copy."""
        self._run('DROP DATABASE IF EXISTS "measured" WITH (FORCE)')
        self._run(f'CREATE DATABASE "measured" TEMPLATE "{self.template}" STRATEGY FILE_COPY')
        return self.address + "measured"

    def empty(self) -> str:
        """The address of a database without tables."""
        self._run('DROP DATABASE IF EXISTS "peer" WITH (FORCE)')
        self._run('CREATE DATABASE "peer"')
        return self.address + "peer"

    def close(self) -> None:
        """End the server."""
        postgres.stop(self.folder)
