"""``flask db upgrade`` and its kind: Flask-Migrate, set up when one of its commands is called.

It brings Alembic along, and with that a template language and a painter of code: megabytes in every process that shows pages.
"""

from __future__ import annotations

from typing import Any

import click
from flask import Flask

from backoffice.db import db


def prepare(app: Flask) -> click.Group:
    """Tell Flask-Migrate of the database and the folder of the steps; answers its commands."""
    from flask_migrate import Migrate  # noqa: PLC0415  # see above
    from flask_migrate.cli import db as group  # noqa: PLC0415  # see above

    if "migrate" not in app.extensions:
        Migrate().init_app(app, db, directory=str(app.config["MIGRATIONS"]), render_as_batch=True)
    return group  # type: ignore[no-any-return]  # no types in this wheel


class Steps(click.Command):
    """Stands for Flask-Migrate's group of commands, and gives way to it when it is called."""

    def __init__(self, app: Flask) -> None:
        super().__init__("db", help="Perform database migrations.")
        self.app = app

    def make_context(self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any) -> click.Context:
        return prepare(self.app).make_context(info_name, args, parent, **extra)
