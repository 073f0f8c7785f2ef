"""Signing in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backoffice.accounts import passwords
from backoffice.accounts.models import SignIn
from backoffice.accounts.sessions import digest
from backoffice.declare import clock
from backoffice.declare.journal import AuditEntry, Deed, Source
from tests import toys
from tests.support.client import PASSWORD, sign_in, sign_out
from tests.support.people import counted_checks, hire

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def try_in(client, login, password=PASSWORD):
    return client.post("/login", data={"login": login, "password": password})


def copy_of(client):
    """Another browser with the same cookie, as a thief has it."""
    thief = client.application.test_client()
    thief.set_cookie("session", client.get_cookie("session").value)
    return thief


def test_the_right_password_opens_the_house(toy_client, toy_session):
    """Signing in leads home, and is in the trail with the person's name."""
    ann = hire(toy_session)
    answer = try_in(toy_client, "ann")
    entry = toy_session.scalars(select(AuditEntry).where(AuditEntry.deed == Deed.LOGIN)).one()

    assert (answer.status_code, answer.location) == (302, "/")
    assert toy_client.get("/account").status_code == 200
    assert (entry.user_id, entry.who, entry.record_id, entry.source) == (ann.id, "Ann", ann.id, Source.PAGE)


@pytest.mark.parametrize("typed", [" ANN ", "ａｎｎ", "an\u200bn", "Ann\x00"])
def test_a_login_is_understood_however_it_is_typed(toy_client, toy_session, typed):
    """Case, width, blanks and invisible letters do not matter, and nothing of it is an error of the database."""
    hire(toy_session)

    assert try_in(toy_client, typed).status_code == 302


def test_logins_that_differ_in_case_alone_are_two_people(toy_client, toy_session):
    """An import may bring both; each signs in by the exact spelling, and a third spelling is nobody."""
    hire(toy_session)
    hire(toy_session, "ANN", badge="N2", name="Big Ann")

    assert try_in(toy_client, "Ann").status_code == 401
    assert "Big Ann" in sign_in(toy_client, "ANN").get("/account").text


def test_wrong_unknown_disabled_and_without_password_look_the_same(toy_client, toy_session):
    """The same answer after the same work: one password check, whoever is asked for."""
    hire(toy_session)
    hire(toy_session, "gone", disabled_at=NOON)
    hire(toy_session, "filed", archived_at=NOON)
    hire(toy_session, "fresh", password_hash=None)
    hire(toy_session, "odd", password_hash="plain text")
    answers = {}
    for login, password in (("ann", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD), ("filed", PASSWORD), ("fresh", PASSWORD), ("fresh", "")):
        with counted_checks() as asked:
            answer = try_in(toy_client, login, password)
        answers[login, password] = (answer.status_code, len(asked), _without_tokens(answer.text, login))

    assert len(set(answers.values())) == 1
    assert answers["ann", "wrong"][:2] == (401, 1)
    assert try_in(toy_client, "odd").status_code == 401


def _without_tokens(page, login):
    lines = (line for line in page.splitlines() if "csrf_token" not in line and "nonce" not in line)
    return "\n".join(lines).replace(f'value="{login}"', "")


def test_the_hash_that_nobody_has_costs_what_a_real_one_costs(real_passwords):
    """The check for an unknown person uses the parameters of today: 19 MiB, twice."""
    assert passwords.hashed(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.is_outdated(passwords.DUMMY)
    assert not passwords.matches(None, PASSWORD)
    assert not passwords.matches(passwords.DUMMY, "")


def test_an_old_hash_is_renewed_at_the_next_login(toy_client, toy_session, real_passwords):
    """Parameters can be raised: whoever signs in gets a new hash, and nobody's edit of the record becomes stale."""
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    ann = hire(toy_session, password_hash=weak)
    before = ann.version, ann.updated_at
    sign_in(toy_client, "ann")
    toy_session.refresh(ann)

    assert not passwords.is_outdated(ann.password_hash)
    assert passwords.matches(ann.password_hash, PASSWORD)
    assert (ann.version, ann.updated_at) == before


def test_a_session_is_new_after_signing_in(toy_client, toy_session):
    """A cookie that somebody planted before is worth nothing after it."""
    hire(toy_session)
    toy_client.get("/login")
    planted = copy_of(toy_client)
    before = toy_client.get_cookie("session").value
    sign_in(toy_client, "ann")
    with toy_client.session_transaction() as session:
        first = session["_user_id"]
    sign_in(toy_client, "ann")
    with toy_client.session_transaction() as session:
        second = session["_user_id"]

    assert toy_client.get_cookie("session").value != before
    assert planted.get("/account").status_code == 302
    assert first != second
    assert toy_session.scalars(select(SignIn.token_hash)).all() == [digest(second)]


def test_a_copied_cookie_is_dead_after_logout(toy_client, toy_session):
    """The server ends the session; the browser's cookie alone opens nothing."""
    hire(toy_session)
    thief = copy_of(sign_in(toy_client, "ann"))
    worked_before = thief.get("/account").status_code
    sign_out(toy_client)

    assert (worked_before, thief.get("/account").status_code) == (200, 302)
    assert toy_client.get("/account").location == "/login?next=/account"


def test_nothing_but_a_post_signs_out(toy_client, toy_session):
    """A picture in an e-mail must not do it."""
    hire(toy_session)
    sign_in(toy_client, "ann")

    assert toy_client.get("/logout").status_code == 405
    assert toy_client.get("/account").status_code == 200


def test_the_table_of_sessions_makes_nobody_somebody(toy_client, toy_session):
    """Only a hash of the token is stored."""
    hire(toy_session)
    sign_in(toy_client, "ann")
    with toy_client.session_transaction() as session:
        token = session["_user_id"]
    stored = toy_session.scalars(select(SignIn)).one()
    with toy_client.session_transaction() as session:
        session["_user_id"] = stored.token_hash

    assert token not in (stored.token_hash, str(stored.user_id))
    assert toy_client.get("/account").status_code == 302


@pytest.mark.parametrize("fact", ["disabled_at", "archived_at"])
def test_a_leaver_is_out_at_the_very_next_request(toy_client, toy_session, fact):
    """A live session does not outlast the right to be here, and does not come back with it."""
    ann = hire(toy_session)
    sign_in(toy_client, "ann")
    setattr(ann, fact, clock.now())
    shut = toy_client.get("/account").status_code
    toy_session.refresh(ann)
    setattr(ann, fact, None)
    toy_session.commit()

    assert shut == 302
    assert toy_client.get("/account").status_code == 302


def test_a_new_role_counts_at_once(toy_client, toy_session):
    """Rights are those of now, not those of when somebody signed in."""
    ann = hire(toy_session)
    sign_in(toy_client, "ann")
    ann.role = toys.Role.HEAD
    page = toy_client.get("/account").text

    assert "馆长" in page


@pytest.mark.parametrize(("uses", "later", "is_alive"), [
    ([], timedelta(hours=11, minutes=59), True),
    ([], timedelta(hours=12, minutes=1), False),
    ([timedelta(hours=10)], timedelta(hours=21), True),
    ([timedelta(hours=hour) for hour in range(10, 168, 10)], timedelta(days=7, minutes=1), False),
])
def test_a_session_ends_when_it_is_not_used_and_after_a_week(toy_client, toy_session, uses, later, is_alive):
    """12 hours without a request, or 7 days in any case."""
    hire(toy_session)
    with clock.stopped_at(NOON):
        sign_in(toy_client, "ann")
    for use in uses:
        with clock.stopped_at(NOON + use):
            assert toy_client.get("/account").status_code == 200
    with clock.stopped_at(NOON + later):
        status = toy_client.get("/account").status_code

    assert status == (200 if is_alive else 302)


def test_a_session_is_marked_as_seen_every_five_minutes_at_most(toy_client, toy_session):
    """A page that is only read writes nothing, most of the time."""
    hire(toy_session)
    with clock.stopped_at(NOON):
        sign_in(toy_client, "ann")
    seen = []
    for minutes in (4, 6, 10, 12):
        with clock.stopped_at(NOON + timedelta(minutes=minutes)):
            toy_client.get("/account")
        toy_session.expire_all()
        seen.append(toy_session.scalars(select(SignIn.last_seen_at)).one() - NOON)

    assert [int(moment.total_seconds() // 60) for moment in seen] == [0, 6, 6, 12]


def test_dead_sessions_are_swept_by_the_next_login(toy_client, toy_session):
    """The table does not grow forever."""
    hire(toy_session)
    with clock.stopped_at(NOON):
        sign_in(toy_client.application.test_client(), "ann")
    with clock.stopped_at(NOON + timedelta(hours=13)):
        sign_in(toy_client, "ann")

    assert len(toy_session.scalars(select(SignIn)).all()) == 1


def test_the_login_page_needs_its_token(toy_client, toy_session):
    """Nobody can be signed in as somebody else by a foreign page; the answer is a page in the reader's language."""
    hire(toy_session)
    toy_client.is_forging = True
    answer = try_in(toy_client, "ann")

    assert answer.status_code == 400
    assert "<html" in answer.text
    assert toy_client.get("/account").status_code == 302
