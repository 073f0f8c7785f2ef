"""A session on a database in memory, for rules that need no page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from backoffice import saving
from backoffice.declare import Base, Model, clock
from backoffice.declare.journal import AuditEntry, NumberSeries
from models import load_models

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def models() -> tuple[type[Model], ...]:
    """Every model of the dealership, loaded."""
    return load_models()


@pytest.fixture(scope="session")
def schema(models: tuple[type[Model], ...]) -> bytes:
    """A database with empty tables, as bytes: made once, copied for each test."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        Base.metadata.create_all(connection, tables=[NumberSeries.__table__, AuditEntry.__table__, *(model.__table__ for model in models)])
        connection.commit()
        made = connection.connection.driver_connection.serialize()
    engine.dispose()
    return made


@pytest.fixture
def session(schema: bytes) -> Iterator[Session]:
    """A session whose rules run at each flush, on Friday 2026-11-20 at noon."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.connection.driver_connection.deserialize(schema)
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        with Session(connection) as session, clock.stopped_at(NOON):
            saving.register(session)
            yield session
    engine.dispose()


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files."""
    return Path(os.environ.get("AFTERCARE_DATA", "../shared/data")).resolve()
