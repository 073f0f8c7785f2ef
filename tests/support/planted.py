"""Databases with the demo in them: planted once a run, then copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import update

from backoffice.cli.seeding import in_order, load
from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.text import CHINESE, use_locale
from models.staff import Staff
from seeds import demo
from tests.support import apps, databases
from tests.support.client import PASSWORD_HASH

REFERENCE = Path(__file__).parents[2] / "seeds" / "reference"
FEW = 0
"""The smallest demo: whatever the stories need."""


def load_reference(app: Flask) -> dict[str, dict[str, int]]:
    """Load ``seeds/reference`` as the command does; the counts of each file."""
    plans = app.extensions["plans"]
    counts = {}
    for plan in in_order([plans[file.stem] for file in sorted(REFERENCE.glob("*.csv"))]):
        receipt, kept = load(plan, REFERENCE / f"{plan.name}.csv")
        counts[plan.name] = {verdict.value: count for verdict, count in receipt.counts.items() if count} | ({"kept": kept} if kept else {})
    return counts


def fill(day: date) -> databases.Fill:
    """How the demo of a day is made."""

    def plant(url: str) -> None:
        apps.fill("models")(url)
        app = apps.make_models(apps.config_for(url))
        with use_locale(CHINESE), app.app_context(), clock.stopped_at(datetime(day.year - 3, 1, 1, tzinfo=UTC)):
            load_reference(app)
            demo.plant(db.session(), day, FEW)
            db.session.execute(update(Staff).where(Staff.login.is_not(None)).values(password_hash=PASSWORD_HASH))
            db.session.commit()
        apps.close(app)

    return plant


@contextmanager
def running(day: date, kind: str = "sqlite") -> Iterator[Flask]:
    """The dealership on a database of its own with the demo of a day."""
    app = apps.app_at("models", databases.fresh(kind, f"demo-{day}", fill(day)))
    try:
        yield app
    finally:
        apps.close(app)
