"""One's own account: password and language."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backoffice.declare import Language, clock
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.declare.text import use_locale
from tests.support.client import PASSWORD, sign_in
from tests.support.people import hire

NEW = "seven dry hens wake"


@pytest.fixture
def ann(toy_session):
    return hire(toy_session, language=Language.ENGLISH)


@pytest.fixture
def own(toy_client, ann):
    """Ann's browser, signed in."""
    return sign_in(toy_client, "ann")


def change(client, current=PASSWORD, new=NEW, again=None):
    return client.post("/account", data={"current": current, "new": new, "again": new if again is None else again})


def test_the_password_changes(own, toy_client):
    """The old one is dead, the new one works, and the person is told."""
    answer = change(own)
    page = own.get("/account").text
    fresh = toy_client.application.test_client()

    assert (answer.status_code, answer.location) == (302, "/account")
    assert "Your password has changed" in page
    assert fresh.post("/login", data={"login": "ann", "password": PASSWORD}).status_code == 401
    assert fresh.post("/login", data={"login": "ann", "password": NEW}).status_code == 302


def test_a_new_password_ends_every_other_session(own, toy_client):
    """Also one that runs on a copy of this very cookie."""
    app = toy_client.application
    elsewhere = sign_in(app.test_client(), "ann")
    thief = app.test_client()
    thief.set_cookie("session", own.get_cookie("session").value)
    change(own)

    assert own.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert thief.get("/account").status_code == 302


def test_a_new_password_is_in_the_trail_without_the_secret(own, ann, toy_session):
    """Who and when, never what."""
    change(own)
    entry = toy_session.scalars(select(AuditEntry).where(AuditEntry.deed == Deed.UPDATE)).one()

    assert (entry.user_id, entry.record_id, entry.action) == (ann.id, ann.id, "set_password")
    assert entry.changes == {"password_hash": ["•", "•"]}


@pytest.mark.parametrize(("typed", "sentence"), [
    ({"current": "wrong"}, "This is not your present password."),
    ({"current": ""}, "This is not your present password."),
    ({"new": "too short"}, "Use at least 10 characters."),
    ({"new": ""}, "Use at least 10 characters."),
    ({"new": "x" * 201}, "Use at most 200 characters."),
    ({"new": "aaaaaaaaaaaa"}, "Use more than two different characters."),
    ({"new": PASSWORD}, "Choose another password than the present one."),
    ({"again": "seven dry hens walk"}, "The two new passwords differ."),
])
def test_each_mistake_has_its_sentence(own, ann, toy_session, typed, sentence):
    """And nothing changes."""
    before = ann.password_hash
    answer = change(own, **typed)
    toy_session.refresh(ann)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="seven' not in answer.text
    assert ann.password_hash == before


def test_the_login_is_no_password(toy_client, toy_session):
    """In whatever case or width."""
    hire(toy_session, "wolfgang.huber", language=Language.ENGLISH)
    answer = change(sign_in(toy_client, "wolfgang.huber"), new="ＷOLFGANG.Huber")

    assert answer.status_code == 422
    assert "The password must not be the login." in answer.text


def test_a_password_is_the_same_on_every_keyboard(own, toy_client):
    """Full-width letters of a Chinese keyboard, and letters with separate accents, are the same password."""
    change(own, new="Ｓｅｖｅｎ drý hens")
    answer = toy_client.application.test_client().post("/login", data={"login": "ann", "password": "Seven dry\u0301 hens"})

    assert answer.status_code == 302


def test_a_stolen_session_cannot_guess_the_password(own):
    """Guesses on the account page count as failures to sign in."""
    statuses = [change(own, current=f"guess {number}").status_code for number in range(11)]

    assert statuses == [422] * 10 + [429]
    assert change(own).status_code == 429


def test_the_language_is_the_persons_own(own, ann, toy_session):
    """Chosen once, it follows the person to every machine."""
    answer = own.post("/language", data={"language": "zh_Hans_CN", "next": "/account"})
    toy_session.refresh(ann)
    page = own.get("/account").text

    assert (answer.status_code, answer.location) == (302, "/account")
    assert ann.language is Language.CHINESE
    assert '<html lang="zh-CN"' in page


def test_a_stranger_chooses_a_language_too(toy_client):
    """On the login page, by a cookie."""
    toy_client.post("/language", data={"language": "en"})
    english = toy_client.get("/login").text
    cookie = toy_client.get_cookie("language")

    assert '<html lang="en"' in english
    assert (cookie.value, cookie.http_only, cookie.same_site) == ("en", True, "Lax")


@pytest.mark.parametrize(("form", "referrer", "where"), [
    ({"next": "/loans/?page=2"}, None, "/loans/?page=2"),
    ({"next": "//evil.example"}, "http://localhost/loans/", "/"),
    ({}, "http://localhost/loans/?q=1", "/loans/?q=1"),
    ({}, "http://evil.example/loans/", "/"),
    ({}, "http://localhost//evil.example", "/"),
    ({}, None, "/"),
])
def test_the_language_switch_stays_on_the_page(toy_client, form, referrer, where):
    """As the form says, else as the browser says, and never on another site."""
    headers = {"Referer": referrer} if referrer else {}
    answer = toy_client.post("/language", data={"language": "en", **form}, headers=headers)

    assert answer.location == where


def test_an_unknown_language_is_a_sentence(toy_client):
    """400, and no cookie."""
    with use_locale("en"):
        answer = toy_client.post("/language", data={"language": "tlh"})

    assert answer.status_code == 400
    assert toy_client.get_cookie("language") is None


def test_a_change_of_language_is_in_the_trail(own, ann, toy_session):
    """It is a change of a record like any other."""
    with clock.stopped_at(clock.now()):
        own.post("/language", data={"language": "zh_Hans_CN"})
    entry = toy_session.scalars(select(AuditEntry).where(AuditEntry.deed == Deed.UPDATE)).one()

    assert entry.changes == {"language": ["en", "zh_Hans_CN"]}
    assert entry.user_id == ann.id
