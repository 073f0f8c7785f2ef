"""Running apps for tests: the lending library and the dealership, each made once per worker and kind of database."""

from __future__ import annotations

import functools
import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Table, event

from backoffice.app import create_app
from backoffice.db import db
from config import Config
from models import load_models
from models.journal import JOURNAL
from models.layouts import LAYOUTS
from tests import toys
from tests.support import databases, run
from tests.support.client import Client

MODELS = load_models()  # all at once: relationships between classes that were half imported cannot be resolved
Make = Callable[[Config], Flask]
OTHERS = {"toys": "models", "models": "tests"}  # whose tables a schema leaves out


def make_toys(config: Config) -> Flask:
    return create_app(config, toys.MODELS, layouts=toys.LAYOUTS)


def make_models(config: Config) -> Flask:
    return create_app(config, MODELS, JOURNAL, LAYOUTS)


MAKERS: dict[str, Make] = {"toys": make_toys, "models": make_models}


def config_for(url: str) -> Config:
    """Settings of an app in a test."""
    folder = run.folder() / f"instance-{hashlib.blake2b(url.encode(), digest_size=6).hexdigest()}"  # imports are kept by their number
    folder.mkdir(exist_ok=True)
    return Config(database_url=url, secret_key="for tests only " * 3, demo_password="six wet geese sleep", instance_path=folder)


def fill(schema: str) -> databases.Fill:
    """How the tables of a schema are made."""

    def make_tables(url: str) -> None:
        if schema in MAKERS:
            app = MAKERS[schema](config_for(url))
            app.test_client_class = Client
            try:
                with app.app_context():
                    db.metadata.create_all(db.engine, tables=tables(schema))
            finally:
                close(app)

    return make_tables


def tables(schema: str) -> list[Table]:
    """The tables of a schema; toys and models share one catalog."""
    foreign = {
        mapper.local_table for mapper in toys.Branch.registry.mappers
        if mapper.class_.__module__.split(".")[0] == OTHERS[schema]
    }
    return [table for table in db.metadata.sorted_tables if table not in foreign]


@functools.cache
def app_at(schema: str, url: str) -> Flask:
    """The app of a schema at an address; making one takes longer than most tests."""
    app = MAKERS[schema](config_for(url))
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = Client
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _hurry)
    return app


def _hurry(connection: sqlite3.Connection, _record: Any) -> None:
    """A database that is thrown away need not reach the disk."""
    connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def running(schema: str, kind: str) -> Iterator[Flask]:
    """The app of a schema on an unused database."""
    app = app_at(schema, databases.fresh(kind, schema, fill(schema)))
    try:
        yield app
    finally:
        close(app)


def close(app: Flask) -> None:
    """Let go of the database, and of what was counted in it."""
    for name in ("estimates", "view_counts"):
        app.extensions.get(name, {}).clear()
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
