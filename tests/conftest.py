"""Fixtures of every test: databases, apps, clients. Browsers are in ``tests/support/browser.py``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from backoffice.accounts import passwords
from backoffice.db import db
from tests.support import apps, databases
from tests.support.client import PASSWORD_HASH, QUICK, Client

pytest_plugins = ["tests.support.plugin", "tests.support.browser"]


@pytest.fixture(params=databases.KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each test that stands on a database runs on both kinds."""
    return request.param


@pytest.fixture
def make_database(database_kind: str) -> Callable[[str], str]:
    """Give the address of an unused database with a schema: ``empty``, ``toys`` or ``models``."""
    return lambda schema: databases.fresh(database_kind, schema, apps.fill(schema))


@pytest.fixture
def database_url(make_database: Callable[[str], str]) -> str:
    """The address of an unused database with the tables of the dealership."""
    return make_database("models")


@pytest.fixture
def toy_app(database_kind: str) -> Iterator[Flask]:
    """The lending library."""
    with apps.running("toys", database_kind) as app:
        yield app


@pytest.fixture
def app(database_kind: str) -> Iterator[Flask]:
    """The dealership."""
    with apps.running("models", database_kind) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> Client:
    """A person at the dealership, not signed in yet; ``sign_in(client, login)`` does that."""
    return app.test_client()


@pytest.fixture
def toy_client(toy_app: Flask) -> Client:
    """A person at the library, not signed in yet."""
    return toy_app.test_client()


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Session]]:
    """The test's own look at the dealership's database; a client's request commits it first."""
    with app.app_context():
        yield db.session


@pytest.fixture
def toy_session(toy_app: Flask) -> Iterator[scoped_session[Session]]:
    """The test's own look at the library's database."""
    with toy_app.app_context():
        yield db.session


REAL_HASHER = passwords.HASHER


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Signing in costs a test next to nothing; ``real_passwords`` is for those that are about the cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", QUICK)
        yield


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as they are in the house."""
    monkeypatch.setattr(passwords, "HASHER", REAL_HASHER)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The argon2 hash of ``tests.support.client.PASSWORD``."""
    return PASSWORD_HASH


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files and cases; ``AFTERCARE_DATA`` names another."""
    root = Path(__file__).parent.parent
    folder = Path(os.environ.get("AFTERCARE_DATA") or "../shared/data")
    folder = folder if folder.is_absolute() else root / folder
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}; name the folder in AFTERCARE_DATA")
    return folder
