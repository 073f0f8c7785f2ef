"""How often somebody may try."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backoffice.accounts import throttle
from backoffice.accounts.models import LoginFailure
from backoffice.app import create_app
from backoffice.declare import clock
from tests import toys
from tests.support import apps
from tests.support.client import PASSWORD, Client
from tests.support.people import counted_checks, hire

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BAD = "not this one"


def attempt(client, login="ann", password=BAD, address="192.0.2.7"):
    answer = client.post("/login", data={"login": login, "password": password}, environ_base={"REMOTE_ADDR": address})
    return answer.status_code


@pytest.mark.parametrize("login", ["ann", "nobody"])
def test_ten_failures_then_the_account_waits(toy_client, toy_session, login):
    """Known or not: the eleventh attempt is not even looked at, whoever asks from wherever."""
    hire(toy_session)
    with clock.stopped_at(NOON), counted_checks() as asked:
        failures = [attempt(toy_client, login, address=f"192.0.2.{number}") for number in range(10)]
        after = [attempt(toy_client, spelled, PASSWORD, "198.51.100.1") for spelled in (login, login.upper(), f" {login}")]

    assert failures == [401] * 10
    assert after == [429] * 3
    assert len(asked) == 10


def test_the_window_passes_even_while_somebody_knocks(toy_client, toy_session):
    """Attempts that were turned away do not lengthen the wait."""
    hire(toy_session)
    for seconds in range(10):
        with clock.stopped_at(NOON + timedelta(seconds=seconds)):
            attempt(toy_client)
    for minutes in range(1, 15):
        with clock.stopped_at(NOON + timedelta(minutes=minutes)):
            assert attempt(toy_client, password=PASSWORD) == 429
    with clock.stopped_at(NOON + timedelta(minutes=15)):
        status = attempt(toy_client, password=PASSWORD)

    assert status == 302


def test_whoever_waits_is_told(toy_client, toy_session):
    """A page, and for programs the header."""
    with clock.stopped_at(NOON):
        for _number in range(10):
            attempt(toy_client)
        answer = toy_client.post("/login", data={"login": "ann", "password": BAD})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "<html" in answer.text


def test_others_go_on_while_one_account_waits(toy_client, toy_session):
    """The counter of one account is nobody else's."""
    hire(toy_session)
    hire(toy_session, "bob")
    for _number in range(11):
        attempt(toy_client)

    assert attempt(toy_client, "bob", PASSWORD) == 302


def test_a_hundred_failures_then_the_address_waits(toy_client, toy_session):
    """However many accounts were tried; another address goes on."""
    hire(toy_session)
    with clock.stopped_at(NOON), counted_checks() as asked:
        statuses = [attempt(toy_client, f"guess-{number}") for number in range(100)]
        here, there = attempt(toy_client, password=PASSWORD), attempt(toy_client, password=PASSWORD, address="192.0.2.8")
    with clock.stopped_at(NOON + timedelta(minutes=15)):
        later = attempt(toy_client, password=PASSWORD)

    assert set(statuses) == {401}
    assert (here, there, later) == (429, 302, 302)
    assert len(asked) == 101


def test_successes_never_count(toy_client, toy_session):
    """Twenty logins of a person with shaky fingers: only the failures are kept."""
    hire(toy_session)
    statuses = []
    for _number in range(9):
        statuses += [attempt(toy_client), attempt(toy_client, password=PASSWORD)]

    assert statuses == [401, 302] * 9
    assert len(toy_session.scalars(select(LoginFailure)).all()) == 9


def test_many_at_the_same_moment_do_not_overshoot(toy_client, toy_session):
    """Forty attempts at once, and at most ten passwords are looked at."""
    hire(toy_session)
    app, start, statuses = toy_client.application, threading.Barrier(40), []

    def one():
        client = app.test_client()
        start.wait()
        statuses.append(attempt(client))

    with counted_checks() as asked:
        threads = [threading.Thread(target=one) for _number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(statuses) == 40
    assert set(statuses) <= {401, 429}
    assert len(asked) == statuses.count(401) <= 10
    assert len(toy_session.scalars(select(LoginFailure)).all()) == len(asked)


def test_old_failures_are_swept(toy_client, toy_session):
    """What no longer counts is not kept."""
    with clock.stopped_at(NOON):
        attempt(toy_client)
    with clock.stopped_at(NOON + timedelta(minutes=16)):
        attempt(toy_client, "bob")

    assert [one.at for one in toy_session.scalars(select(LoginFailure))] == [NOON + timedelta(minutes=16)]


def test_the_table_of_failures_names_nobody(toy_client, toy_session):
    """A keyed hash of the login and of the address, the moment, and nothing else."""
    attempt(toy_client, "ann", "a password typed wrongly", "192.0.2.99")
    row = toy_session.execute(select(LoginFailure.__table__)).one()._asdict()

    assert row.keys() == {"id", "at", "account", "address"}
    assert all(len(row[column]) == 64 and int(row[column], 16) for column in ("account", "address"))


@pytest.mark.parametrize(("address", "counted"), [
    ("192.0.2.7", "192.0.2.7"),
    ("::ffff:192.0.2.7", "192.0.2.7"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("fe80::1%eth0", "fe80::/64"),
    (None, ""),
    ("unix:", ""),
])
def test_one_customer_of_a_provider_is_one_address(address, counted):
    """An IPv6 customer has 2^64 addresses to try from; they count as one."""
    assert throttle.network(address) == counted


def test_a_claimed_address_is_not_believed(toy_client, toy_session):
    """Nobody gets fresh attempts by a header."""
    hire(toy_session)
    with counted_checks():
        for number in range(100):
            attempt_with_header(toy_client, f"guess-{number}", f"198.51.100.{number}")

    assert attempt_with_header(toy_client, "another", "203.0.113.5") == 429


def attempt_with_header(client, login, claimed):
    return client.post("/login", data={"login": login, "password": BAD}, headers={"X-Forwarded-For": claimed}).status_code


def test_a_trusted_proxy_tells_the_real_address(toy_app, toy_session):
    """With one proxy in front its own word counts, and what the caller claimed before it does not."""
    config = dataclasses.replace(apps.config_for(toy_app.config["SQLALCHEMY_DATABASE_URI"]), trusted_proxies=1)
    app = create_app(config, toys.MODELS)
    app.test_client_class = Client
    client = app.test_client()
    with counted_checks():
        for number in range(100):
            attempt_with_header(client, f"guess-{number}", f"203.0.113.{number}, 198.51.100.1")
        same, other = (attempt_with_header(client, "another", address) for address in ("198.51.100.1", "198.51.100.2"))
    apps.close(app)

    assert (same, other) == (429, 401)
