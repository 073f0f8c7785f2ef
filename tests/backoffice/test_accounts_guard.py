"""Who gets in, and where somebody is sent afterwards."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy.exc import OperationalError

from backoffice.accounts import guard, redirects, sessions
from backoffice.audit import context
from backoffice.declare import actor
from backoffice.declare.journal import Source
from tests.support.client import PASSWORD, sign_in
from tests.support.people import hire

OPEN = {"static", "bootstrap.static", "admin.static", "favicon", "base_style", "healthz", "readyz", "accounts.login", "accounts.sign_in", "accounts.language"}
OUTSIDE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example", "http://evil.example", "https:evil.example",
    "HTTPS://evil.example/", "javascript:alert(1)", "data:text/html,x", "evil.example", "evil.example/loans", ".evil.example", "@evil.example",
    "/\t/evil.example", "/\n/evil.example", "\n//evil.example", "\t//evil.example", " //evil.example", "/ /evil.example", "/\x00/evil.example",
    "/\r\nSet-Cookie: a=b", "\u2028//evil.example", "/\u00a0/evil.example", "/\u200b/evil.example", "/loans/\\@evil.example", "?next=/", "#x", "",
    "/" + "a" * 3000,
]
INSIDE = ["/", "/loans/", "/loans/?q=a&page=2", "/loans/?q=%2F%2Fevil.example", "/readers/?q=王", "/loans/1#history", "/login@evil.example", "/%5Cevil.example"]


@pytest.mark.parametrize("target", OUTSIDE)
def test_a_tricky_target_leads_home(target):
    """Whatever a browser might take for another site is not followed."""
    assert redirects.inside(target) == "/"


@pytest.mark.parametrize("target", INSIDE)
def test_a_page_of_this_site_is_kept(target):
    """Signing in leads to where the person wanted to go."""
    assert redirects.inside(target) == target


def test_the_login_page_never_sends_anybody_away(toy_client, toy_session):
    """As a field of the form, and in the address."""
    hire(toy_session)
    sign_in_as_ann = {"login": "ann", "password": PASSWORD}
    shown = {toy_client.get("/login", query_string={"next": target}).text.count('name="next"') for target in OUTSIDE}
    sent = {toy_client.post("/login", data={**sign_in_as_ann, "next": target}).location for target in OUTSIDE}
    sent |= {toy_client.get("/login", query_string={"next": target}).location for target in OUTSIDE}

    assert shown == {1}, "only the language switch comes back to this page"
    assert sent == {"/"}


def test_signing_in_leads_to_where_one_wanted_to_go(toy_client, toy_session):
    """With the query, through the form that the login page shows."""
    hire(toy_session)
    asked = toy_client.get("/loans/?q=a&page=2")
    form = toy_client.get(asked.location).text

    assert asked.location == "/login?next=/loans/?q%3Da%26page%3D2"
    assert 'name="next" value="/loans/?q=a&amp;page=2"' in form


def test_every_address_is_closed_but_the_few_that_are_named(toy_app):
    """A new page is closed without doing anything for it; opening one means adding it here."""
    views = toy_app.view_functions
    opened = {endpoint for endpoint in views if endpoint in guard.FILES or getattr(views[endpoint], "is_public", False)}

    assert opened == OPEN


def test_a_stranger_reaches_no_page(toy_client):
    """Every address of the app, asked in every way, leads to the login page."""
    app = toy_client.application
    reached = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN:
            continue
        with app.test_request_context():
            path = url_for(rule.endpoint, **dict.fromkeys(rule.arguments, 1))
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = toy_client.open(path, method=method)
            if answer.status_code != 302 or not answer.location.startswith("/login"):
                reached.append((method, path, answer.status))

    assert not reached


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_a_stranger_cannot_tell_which_addresses_exist(toy_client, method):
    """What does not exist asks for the login too."""
    there, nowhere = (toy_client.open(path, method=method) for path in ("/loans/", "/nothing/"))

    assert there.status_code == nowhere.status_code == 302
    assert nowhere.location.startswith("/login")


@pytest.mark.parametrize("referrer", ["/loans/new?reader=1", "//evil.example/loans", "http://evil.example/loans", None])
def test_a_form_that_comes_too_late_leads_back_to_its_page(toy_client, referrer):
    """Its session has ended: the login page says so, and knows the page of this site where the form stood."""
    headers = {"Referer": f"http://localhost{referrer}" if referrer and referrer.startswith("/loans") else referrer} if referrer else {}
    answer = toy_client.post("/loans/new", data={"title": "Emma"}, headers=headers)
    page = toy_client.get(answer.location).text
    left = toy_client.post("/logout").location

    assert answer.location == ("/login?next=/loans/new?reader%3D1&ended=1" if referrer == "/loans/new?reader=1" else "/login?ended=1")
    assert "登录已过期" in page
    assert left == "/login"


@pytest.mark.parametrize("headers", [{"Accept": "application/json"}, {"X-Requested-With": "fetch"}, {"Content-Type": "application/json"}])
def test_a_script_is_told_401(toy_client, headers):
    """A login page would be no use to it."""
    answer = toy_client.get("/loans/", headers=headers)

    assert answer.status_code == 401
    assert answer.json["error"]["code"] == 401


def test_a_refusal_speaks_the_readers_language(toy_client):
    """Even before anybody knows who it is."""
    toy_client.set_cookie("language", "en")
    english = toy_client.get("/loans/", headers={"Accept": "application/json"}).json["error"]["message"]

    assert english == "Your session has ended. Sign in and go on where you were."


def test_a_page_knows_who_acts_and_forgets_it(toy_client, toy_session):
    """Rules and the trail see the person of this request, never the one of the request before."""
    ann = hire(toy_session)
    seen = []
    view = toy_client.application.view_functions["accounts.account"]
    toy_client.application.view_functions["accounts.account"] = lambda: seen.append((actor().id, context.current().source)) or "seen"
    try:
        sign_in(toy_client, "ann").get("/account")
    finally:
        toy_client.application.view_functions["accounts.account"] = view
    with toy_client.application.test_request_context("/login"):
        toy_client.application.preprocess_request()
        nobody = actor()

    assert seen == [(ann.id, Source.PAGE)]
    assert nobody is None


def test_a_file_needs_no_database(toy_client, toy_session, monkeypatch):
    """Style sheets and the probe of the process ask for nobody, even with a cookie."""
    hire(toy_session)
    sign_in(toy_client, "ann")
    monkeypatch.setattr(sessions, "model", lambda: pytest.fail("asked for the person"))

    with toy_client.get("/static/aftercare.css") as sheet:
        assert sheet.status_code == 200
    assert toy_client.get("/healthz").json == {"status": "up"}


def test_a_database_that_does_not_answer_gives_a_page(toy_client, toy_session, monkeypatch):
    """The page with the number, not a second error while it is made."""
    hire(toy_session)
    sign_in(toy_client, "ann")

    def broken():
        raise OperationalError("SELECT secret", {}, Exception("no server"))

    monkeypatch.setattr(sessions, "model", broken)
    answer = toy_client.get("/account")

    assert answer.status_code == 500
    assert "<html" in answer.text
    assert "SELECT" not in answer.text


def test_a_stranger_cannot_send_much(toy_client):
    """The login page reads a form, not a film."""
    answer = toy_client.post("/login", data={"login": "a", "password": "b" * 100_000})

    assert answer.status_code == 413
