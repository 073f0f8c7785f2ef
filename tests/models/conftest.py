"""A session on a database in memory, for rules that need neither pages nor the generator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from backoffice.declare import Base, Model, clock
from models import load_models

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def save_rules(session: Session, _context: Any = None, _instances: Any = None) -> None:
    """Number new records and run ``before_save``, until no rule makes another record."""
    seen: set[int] = set()
    while todo := [one for one in (*session.new, *session.dirty) if isinstance(one, Model) and id(one) not in seen]:
        for record in todo:
            seen.add(id(record))
            is_new = record in session.new
            if is_new:
                number(session, record)
            record.before_save(is_new=is_new)


def number(session: Session, record: Model) -> None:
    """Give a numbered field the next number of the day."""
    for column in record.__table__.columns:
        spec = column.info.get("field")
        if spec is not None and spec.numbered and getattr(record, column.key) is None:
            counter: dict[str, int] = session.info.setdefault("numbers", {})
            counter[spec.numbered] = counter.get(spec.numbered, 0) + 1
            setattr(record, column.key, f"{spec.numbered}{clock.today():%Y%m%d}-{counter[spec.numbered]:04d}")


@pytest.fixture(scope="session")
def models() -> tuple[type[Model], ...]:
    """Every model of the dealership, loaded."""
    return load_models()


@pytest.fixture
def session(models: tuple[type[Model], ...]) -> Iterator[Session]:
    """A session whose rules run at each flush, on Friday 2026-11-20 at noon."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        Base.metadata.create_all(connection, tables=[model.__table__ for model in models])
        with Session(connection) as session, clock.stopped_at(NOON):
            event.listen(session, "before_flush", save_rules)
            yield session
    engine.dispose()


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files."""
    return Path(os.environ.get("AFTERCARE_DATA", "../shared/data")).resolve()
