"""Migrations lead up, down and up again on both databases, and end where the models are."""

from __future__ import annotations

from collections.abc import Iterator

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from backoffice.cli import migrating
from backoffice.db import db
from backoffice.health import heads
from tests.support import apps
from tests.support.copies import ROOT, flask


@pytest.fixture
def empty_app(make_database) -> Iterator[Flask]:
    """The dealership on a database without tables."""
    app = apps.app_at("models", make_database("empty"))
    migrating.prepare(app)
    with app.app_context():
        yield app
    apps.close(app)


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_migrations_end_where_the_models_are(make_database):
    """After an upgrade nothing is left that a new migration would do."""
    settings = {"DATABASE_URL": make_database("empty"), "SECRET_KEY": "for tests only " * 3}
    upgrade = flask(ROOT, "db", "upgrade", **settings)
    check = flask(ROOT, "db", "check", **settings)

    assert upgrade.returncode == 0, upgrade.stderr
    assert check.returncode == 0, check.stderr


def test_ready_reads_the_same_last_step_as_what_runs_the_steps(empty_app):
    """The files say which migrations are the last; the page that watches the program need not load Alembic for it."""
    script = ScriptDirectory.from_config(empty_app.extensions["migrate"].migrate.get_config())

    assert heads(ROOT / "migrations") == set(script.get_heads())


def test_every_migration_leads_up_down_and_up(empty_app):
    """Each step can be taken back, and taken again."""
    script = ScriptDirectory.from_config(empty_app.extensions["migrate"].migrate.get_config())
    for step in reversed(list(script.walk_revisions())):
        flask_migrate.upgrade(revision=step.revision)
        flask_migrate.downgrade(revision="-1")
        flask_migrate.upgrade(revision=step.revision)
    flask_migrate.downgrade(revision="base")

    assert not tables()

    flask_migrate.upgrade()

    assert tables() >= {table.name for table in apps.tables("models")}
