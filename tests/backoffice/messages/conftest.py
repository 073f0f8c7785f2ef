"""A library with people in it, a mail server and a web server that write down what they get, and the round of a worker."""

from __future__ import annotations

import asyncio
import email.policy
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from backoffice.declare import Language
from backoffice.jobs import enqueue
from tests.backoffice.lending import client_of, stock
from tests.support.jobs import work_off

SECRET = "a secret between two programs, of 40 signs"


@dataclass
class PostOffice:
    """A real SMTP server; ``answer`` is what it says to the end of a letter, ``dawdle_s`` how long it takes to say so."""

    letters: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    answer: str = "250 OK"
    dawdle_s: float = 0
    port: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802  # aiosmtpd asks for it
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # as above
        if self.answer.startswith("250"):
            self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        await asyncio.sleep(self.dawdle_s)
        return self.answer

    def texts(self) -> list[tuple[str, str]]:
        """To whom each letter went, and what it is about."""
        return [(one["To"], one["Subject"]) for one in self.letters]


@pytest.fixture
def library(toy_session):
    """Hedda reads Chinese and has the address of the head, Cleo reads English; both wish to be reached at any time."""
    found = stock(toy_session)
    found.head.email, found.clerk.email = "head@library.test", "clerk@library.test"
    found.clerk.language = Language.ENGLISH
    toy_session.commit()
    return found


@pytest.fixture
def clerk(toy_app, library):
    return client_of(toy_app, "clerk")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def post_office(toy_app, monkeypatch) -> Iterator[PostOffice]:
    """The app's mail server."""
    office = PostOffice(port=free_port())
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    for name, value in {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": office.port, "SMTP_TLS": "none", "MAIL_FROM": "Desk <desk@library.test>"}.items():
        monkeypatch.setitem(toy_app.config, name, value)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


@dataclass
class Listener:
    """Somebody's program: what was posted to it, and what it answers."""

    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    port: int = 0


@pytest.fixture
def listener(toy_app, monkeypatch) -> Iterator[Listener]:
    """The app's webhook."""
    heard = Listener()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.posts.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(heard.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Not in the output of a test."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setitem(toy_app.config, "WEBHOOK_URL", f"http://127.0.0.1:{heard.port}/events?from=library")
    monkeypatch.setitem(toy_app.config, "WEBHOOK_SECRET", SECRET)
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def round_of_post(toy_app, toy_session) -> Callable[[], None]:
    """What the worker does about messages every minute, once."""

    def go() -> None:
        enqueue(toy_session, "messages.send", subject_id=0)
        work_off(toy_app)
        toy_session.rollback()
        toy_session.expire_all()

    return go
