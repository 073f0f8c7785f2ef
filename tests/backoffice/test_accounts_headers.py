"""The headers of every answer, and the two probes."""

from __future__ import annotations

import dataclasses
import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from backoffice.app import create_app
from backoffice.db import db
from tests import toys
from tests.support import apps
from tests.support.client import sign_in
from tests.support.people import hire


@pytest.fixture
def production(toy_app):
    """The library as it runs in production, on the same database."""
    config = apps.config_for(toy_app.config["SQLALCHEMY_DATABASE_URI"])
    app = create_app(dataclasses.replace(config, environment="production"), toys.MODELS)
    yield app
    apps.close(app)


def policy(answer):
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split("; "))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", ["/login", "/static/aftercare.css", "/nothing", "/healthz"])
def test_every_answer_carries_the_headers(toy_client, path):
    """Pages, files, errors and redirects alike."""
    with toy_client.get(path) as answer:
        headers = answer.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_the_policy_of_content_is_strict(toy_client):
    """Only what this site serves runs, and inline only with the nonce of this very answer."""
    first, second = toy_client.get("/login"), toy_client.get("/login")
    rules, nonces = policy(first), [policy(answer)["script-src"][1] for answer in (first, second)]
    in_page = set(re.findall(r'nonce="([^"]+)"', first.text))

    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == ["'self'"]
    assert rules["object-src"] == rules["frame-ancestors"] == ["'none'"]
    assert rules["img-src"] == ["'self'", "data:"]
    assert rules["script-src"] == rules["style-src"] == ["'self'", nonces[0]]
    assert {f"'nonce-{nonce}'" for nonce in in_page} == {nonces[0]}
    assert nonces[0] != nonces[1]
    assert "unsafe" not in first.headers["Content-Security-Policy"]


def test_no_cache_keeps_a_page_and_any_may_keep_a_file(toy_client, toy_session):
    """The back button after signing out shows nothing; style sheets are not loaded again and again."""
    hire(toy_session)
    sign_in(toy_client, "ann")
    with toy_client.get("/static/aftercare.css") as file, toy_client.get("/static/nothing.css") as missing:
        kept, not_kept = file.headers["Cache-Control"], missing.headers["Cache-Control"]

    assert toy_client.get("/account").headers["Cache-Control"] == "no-store"
    assert "max-age=3600" in kept
    assert not_kept == "no-store"


def test_a_claimed_host_leads_nowhere(toy_client, toy_session):
    """Redirects are paths, whatever the request says that this site is called."""
    hire(toy_session)
    stranger = toy_client.get("/account", headers={"Host": "evil.example"})
    sign_in(toy_client, "ann")
    toy_client.set_cookie("session", toy_client.get_cookie("session").value, domain="evil.example")
    slash = toy_client.get("/loans", base_url="http://evil.example")
    slashes = toy_client.get("//evil.example/loans", base_url="http://localhost")

    assert stranger.location == "/login?next=/account"
    assert (slash.status_code, slash.location) == (308, "/loans/")
    assert not (slashes.location or "/").startswith(("//", "http"))


def test_production_is_https_only(production):
    """Plain HTTP is sent on, cookies stay on HTTPS and on this host, browsers remember."""
    client = production.test_client()
    plain = client.get("/login", base_url="http://library.example")
    answer = client.get("/login", base_url="https://library.example")
    cookie = answer.headers["Set-Cookie"]

    assert (plain.status_code, plain.location) == (302, "https://library.example/login")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31")
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_needs_no_https(production, path):
    """It asks from inside the machine."""
    assert production.test_client().get(path).status_code in {200, 503}


def test_the_process_is_up_without_a_database(toy_client, toy_app, monkeypatch):
    """The first looks at nothing; the second names what is missing."""
    monkeypatch.setattr(db.session, "execute", _no_server)
    up, ready = toy_client.get("/healthz"), toy_client.get("/readyz")

    assert (up.status_code, up.json) == (200, {"status": "up"})
    assert (ready.status_code, ready.json) == (503, {"status": "unready", "missing": ["database"]})


def _no_server(*_statement):
    raise OperationalError("SELECT 1", {}, Exception("no server"))


def test_ready_means_that_every_migration_has_run(toy_client, toy_session, toy_app, tmp_path, monkeypatch):
    """A database of an older program, or none at all, is not ready."""
    (tmp_path / "versions").mkdir()
    step = "revision = '{0}'\ndown_revision = {1}\ndef upgrade(): pass\ndef downgrade(): pass\n"
    (tmp_path / "versions" / "one.py").write_text(step.format("one", None))
    (tmp_path / "versions" / "two.py").write_text(step.format("two", "'one'"))
    monkeypatch.setitem(toy_app.config, "MIGRATIONS", tmp_path)
    statuses = [toy_client.get("/readyz").status_code]
    toy_session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    for version in ("one", "two"):
        toy_session.execute(text("DELETE FROM alembic_version"))
        toy_session.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
        toy_session.commit()
        answer = toy_client.get("/readyz")
        statuses.append(answer.status_code)

    assert statuses == [503, 503, 200]
    assert answer.json == {"status": "ready", "workers": 0}
