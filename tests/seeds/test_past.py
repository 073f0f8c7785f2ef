"""The years before the demo: written set by set, and still what the rules and the trail would have made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from backoffice.audit import record as trail
from backoffice.db import db
from backoffice.declare import Refused
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.plan import plan_of
from models.customers import Customer
from models.orders import ServiceOrder
from models.ownerships import Ownership
from models.staff import Staff
from models.stores import Store
from models.vehicles import Vehicle
from seeds import demo
from seeds.demo import past
from seeds.demo.stage import Stage
from tests.support import planted

DAY = date(2026, 11, 21)
MANY = 700
"""Enough for a complaint, a cancelled visit, a company, an expired callback."""


def stage() -> Stage:
    """The stage of a demo that is there already."""
    found = Stage(db.session(), DAY)
    found.stores = {one.code: one for one in db.session.scalars(select(Store).order_by(Store.id))}
    found.staff = {one.staff_no: one for one in db.session.scalars(select(Staff).order_by(Staff.id))}
    return found


@contextmanager
def remembering(kind: str) -> Iterator[Flask]:
    """The demo with a past of some hundred orders."""
    with planted.running(DAY, kind) as app, app.app_context():
        before = details()
        past.remember(stage(), MANY, lambda _words: None)
        db.session.commit()

        assert details() == before
        yield app


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request):
    with remembering(request.param) as app:
        yield app


def details() -> dict:
    """The indexes and foreign keys of the tables that are filled."""
    there = inspect(db.session.connection())
    return {
        noun.__tablename__: (
            sorted((one["name"], one["column_names"], one["unique"]) for one in there.get_indexes(noun.__tablename__)),
            sorted(tuple(one["constrained_columns"]) for one in there.get_foreign_keys(noun.__tablename__)),
        )
        for noun in (*past.NOUNS, AuditEntry)
    }


def journal() -> str:
    """How SQLite keeps what a transaction might take back."""
    mode = db.session.connection().exec_driver_sql("PRAGMA journal_mode").scalar()
    db.session.rollback()
    return mode


def remembered(noun: type) -> list:
    """What the past has of a noun."""
    return list(db.session.scalars(select(noun).where(noun.from_history).order_by(noun.id)))


def test_every_row_stands_in_the_trail_as_the_session_would_have_told_it(app):
    """Value by value, and under its name: whoever opens the history sees no difference. Indexes and keys are back."""
    told = {(one.resource, one.record_id): one for one in db.session.scalars(select(AuditEntry).where(AuditEntry.deed == Deed.CREATE))}
    wrong = []
    for noun in past.NOUNS:
        plan, rows = plan_of(noun), remembered(noun)

        assert rows, plan.name
        for row in rows:
            entry = told[plan.name, row.id]
            expected = {name: [None, value] for name, value in trail._values(db.session(), row).items()}
            if (entry.changes, entry.record_name, entry.record_version, entry.at) != (expected, str(row), 1, row.created_at):
                wrong.append((str(row), entry.record_name, entry.changes, expected))

    assert wrong == []


def test_every_value_is_one_that_its_field_takes(app):
    """A form would accept each, without a doubt; no two share a number, a VIN or a telephone."""
    doubtful = []
    for noun in past.NOUNS:
        fields = [one for one in plan_of(noun).fields.values() if not one.is_link and not one.secret]
        for row in remembered(noun):
            for one in fields:
                value = getattr(row, one.name)
                if value is not None and (one.kind.parse(one.kind.write(value)) != value or one.kind.notice(value)):
                    doubtful.append((str(row), one.name, value))
    phones = [one.phone for one in db.session.scalars(select(Customer))]

    assert doubtful == []
    assert len(set(phones)) == len(phones)


def test_the_past_is_past_and_hangs_together(app):
    """Every visit lies before the day and after the car was bought, at the store of the customer, by an advisor of that store; every car has its owner."""
    visits = remembered(ServiceOrder)
    owners = {(one.vehicle_id, one.customer_id) for one in db.session.scalars(select(Ownership).where(Ownership.to_on.is_(None)))}

    assert len(visits) == len(remembered(Customer)) == len(remembered(Vehicle)) == MANY
    assert all(one.checked_in_at < (one.completed_at or one.promised_at) < stage().at(0) - timedelta(days=9) for one in visits)
    assert all(one.checked_in_at.date() > one.vehicle.purchase_date and one.vehicle.owner is one.customer for one in visits)
    assert all(one.store is one.customer.store and one.advisor.store is one.store for one in visits)
    assert [one for one in remembered(Vehicle) if (one.id, one.owner_id) not in owners] == []
    assert [one.checked_in_at for one in visits] == sorted(one.checked_in_at for one in visits)


def test_two_databases_get_the_same_past():
    """Row by row, on SQLite and on PostgreSQL."""
    found = []
    for kind in ("sqlite", "postgresql"):
        with remembering(kind):
            found.append({noun: db.session.execute(select(noun.__table__).where(noun.from_history).order_by(noun.id)).all() for noun in past.NOUNS})

    assert [noun.__name__ for noun in past.NOUNS if found[0][noun] != found[1][noun]] == []


def test_a_large_demo_needs_no_log_and_gives_it_back():
    """Alone with the database it goes without the log, which is there again afterwards; while somebody else has it open, the log stays."""
    with planted.running(DAY, "sqlite") as app, app.app_context():
        modes = [journal()]
        with sqlite3.connect(db.engine.url.database) as other:
            other.execute("SELECT count(*) FROM stores").fetchone()
            past.unlogged(db.engine)
            modes.append(journal())
        other.close()
        past.unlogged(db.engine)
        modes.append(journal())
        past.remember(stage(), MANY, lambda _words: None)
        db.session.commit()
        modes.append(journal())

        assert modes == ["wal", "wal", "delete", "wal"]
        assert len(remembered(ServiceOrder)) == MANY


def test_a_large_demo_lives_through_the_usual_one(app, monkeypatch):
    """Beyond what can be lived through, all but the usual number are history; and there is a limit, in words."""
    asked = {}
    monkeypatch.setattr(demo, "is_planted", lambda _session: False)
    monkeypatch.setattr(demo.people, "open_stores", lambda _stage: None)
    monkeypatch.setattr(demo.people, "welcome", lambda _stage, count: asked.setdefault("cars", count) and [])
    monkeypatch.setattr(demo.people, "tell_apart", lambda _stage, _cars: None)
    monkeypatch.setattr(demo, "Floor", lambda _stage, _cars: None)
    monkeypatch.setattr(demo, "_live", lambda _stage, _floor, _desk, old: asked.update(old=old))
    monkeypatch.setattr(past, "remember", lambda _stage, count, _tell: asked.update(past=count))
    plant = partial(demo.plant, db.session(), DAY)
    plant(demo.LIVED)
    lived = dict(asked)
    asked.clear()
    plant(demo.LIVED + 1)

    assert lived == {"cars": 60 + (demo.LIVED - demo.TODAY) // 2, "old": demo.LIVED - demo.TODAY}
    assert asked == {"cars": 60 + (demo.ORDERS - demo.TODAY) // 2, "old": demo.ORDERS - demo.TODAY, "past": demo.LIVED + 1 - demo.ORDERS}
    with pytest.raises(Refused, match="1,000,000"):
        plant(demo.MOST + 1)
