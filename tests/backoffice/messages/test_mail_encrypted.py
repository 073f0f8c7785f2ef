"""Mail over STARTTLS with a login, to a real server: what arrives, and what is told where it does not let us in or is not who it says."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select

from backoffice.declare import _, tell
from backoffice.messages import Outgoing
from backoffice.messages.outbox import SendState, Way, Why
from tests import toys
from tests.backoffice.messages.conftest import PostOffice, free_port
from tests.support import certificates

USER, PASSWORD = "desk", "six grey geese, sleeping"
HERE = "127.0.0.1"


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """A wire; the database makes no difference."""
    return request.param


@dataclass
class Guarded(PostOffice):
    """A mail server that takes letters only over TLS and after a login; it writes down who tried, and over what each letter came."""

    tried: list[tuple[str, str]] = field(default_factory=list)
    came_over: list[str] = field(default_factory=list)

    def let_in(self, _server: Any, _session: Any, _envelope: Any, _way: str, given: Any) -> AuthResult:
        """Only the desk with its password."""
        self.tried.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=self.tried[-1] == (USER, PASSWORD), handled=False)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd asks for it
        self.came_over.append(session.ssl["cipher"][1] if session.ssl else "nothing")
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture(scope="module", params=[HERE])
def certificate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A key and a certificate for an address, of this run."""
    return certificates.make(tmp_path_factory.mktemp("tls"), request.param)


@pytest.fixture
def office(toy_app, monkeypatch, certificate) -> Iterator[Guarded]:
    """The app's mail server, with its certificate on the list of those that this machine trusts."""
    key, pem = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key)
    guarded = Guarded(port=free_port())
    controller = Controller(
        guarded, hostname=HERE, port=guarded.port, tls_context=context, require_starttls=True, auth_required=True, authenticator=guarded.let_in,
    )
    settings = {
        "SMTP_HOST": HERE, "SMTP_PORT": guarded.port, "SMTP_TLS": "starttls", "MAIL_FROM": "Desk <desk@library.test>", "SMTP_USER": USER,
        "SMTP_PASSWORD": PASSWORD,
    }
    for name, value in settings.items():
        monkeypatch.setitem(toy_app.config, name, value)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    controller.start()
    try:
        yield guarded
    finally:
        controller.stop()


@pytest.fixture
def mailed(toy_session, library, round_of_post) -> Callable[[], Outgoing]:
    """Tell the clerk something, let the worker do its round, and look at the outbox."""

    def go() -> Outgoing:
        tell(library.loan, toys.ALARM, [library.clerk], key="1", title=_("Fire", "起火"))
        toy_session.commit()
        round_of_post()
        return toy_session.scalars(select(Outgoing).where(Outgoing.way == Way.MAIL)).one()

    return go


def test_a_mail_goes_over_tls_after_a_login(office, mailed):
    """Nothing is said of the letter before both."""
    sent = mailed()

    assert (sent.state, sent.why) == (SendState.SENT, None)
    assert office.texts() == [("clerk@library.test", "Fire")]
    assert office.tried == [(USER, PASSWORD)]
    assert [one[:5] for one in office.came_over] == ["TLSv1"]


def test_a_wrong_password_is_told_without_the_password(toy_app, office, mailed, monkeypatch, caplog):
    """In a sentence and the number of the answer, to be tried again; neither the outbox nor any log repeats what was sent."""
    monkeypatch.setitem(toy_app.config, "SMTP_PASSWORD", "five geese")
    waiting = mailed()
    kept = [str(getattr(waiting, one.name)) for one in Outgoing.__table__.columns]

    assert (waiting.state, waiting.why.label.en, waiting.reply) == (SendState.WAITING, "The server does not let us in", 535)
    assert set(office.tried) == {(USER, "five geese")}
    assert office.letters == []
    assert "five geese" not in "\n".join([*kept, caplog.text])


@pytest.mark.parametrize("certificate", [HERE, "127.0.0.2"], indirect=True)
def test_a_certificate_that_cannot_be_verified_is_refused(office, mailed, monkeypatch, certificate):
    """Nobody vouches for it, or it is another server's: then not even the password is sent."""
    if certificate[1].stem == HERE:
        monkeypatch.delenv("SSL_CERT_FILE")
    waiting = mailed()

    assert (waiting.state, waiting.why) == (SendState.WAITING, Why.NOT_TRUSTED)
    assert (office.tried, office.letters) == ([], [])
