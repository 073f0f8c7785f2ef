"""Mail by SMTP, one connection for many letters.

A letter is told to the server in two parts: all of it but the dot that ends it, then the dot. Before the dot the server must not
deliver it, after it the server may: so what is written down in between says for sure whether a letter may be sent again.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from backoffice.messages.letters import letter
from backoffice.messages.outbox import Way, Why
from backoffice.messages.parcels import Parcel
from backoffice.messages.posts import TIMEOUT_S, Mark, NotSent, Post, Unsure, Wrapped

_DOT = re.compile(rb"^\.", re.MULTILINE)


class Mail(Post):
    """The mail server of the settings."""

    ways = (Way.MAIL, Way.DIGEST)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def wrap(self, parcel: Parcel) -> Wrapped:
        """See :class:`Post`."""
        return Wrapped(letter(parcel, self._settings), parcel.person.email, parcel.told)

    def hand_over(self, goods: Wrapped, mark: Mark) -> None:
        """See :class:`Post`."""
        server = self._opened()
        try:
            self._offer(server, goods)
        except (smtplib.SMTPException, OSError):
            self._hang_up()
            raise NotSent(Why.UNREACHABLE, is_blocked=True) from None
        except NotSent:
            self._forget(server)
            raise
        except UnicodeError:
            self._forget(server)
            raise NotSent(Why.BROKEN, is_final=True) from None
        try:
            mark()
        except BaseException:
            self._hang_up()  # without the dot: the server throws it away
            raise
        self._end(server)

    def close(self) -> None:
        """See :class:`Post`."""
        if self._server is not None:
            try:
                self._server.quit()
            except (smtplib.SMTPException, OSError):
                self._hang_up()
            self._server = None

    def _opened(self) -> smtplib.SMTP:
        if self._server is None:
            try:
                self._server = self._connected()
            except smtplib.SMTPAuthenticationError as problem:
                raise NotSent(Why.NOT_LET_IN, problem.smtp_code, is_blocked=True) from None
            except ssl.SSLCertVerificationError:
                raise NotSent(Why.NOT_TRUSTED, is_blocked=True) from None
            except (smtplib.SMTPNotSupportedError, ssl.SSLError):
                raise NotSent(Why.NOT_LET_IN, is_blocked=True) from None
            except smtplib.SMTPResponseException as problem:
                raise NotSent(Why.UNREACHABLE, problem.smtp_code, is_blocked=True) from None
            except (smtplib.SMTPException, OSError):
                raise NotSent(Why.UNREACHABLE, is_blocked=True) from None
        return self._server

    def _connected(self) -> smtplib.SMTP:
        given, context = self._settings, ssl.create_default_context()
        place: dict[str, Any] = {"host": given["SMTP_HOST"], "port": given["SMTP_PORT"], "local_hostname": socket.gethostname(), "timeout": TIMEOUT_S}
        server = smtplib.SMTP_SSL(**place, context=context) if given["SMTP_TLS"] == "tls" else smtplib.SMTP(**place)
        try:
            if given["SMTP_TLS"] == "starttls":
                server.starttls(context=context)
            if given["SMTP_USER"]:
                server.login(given["SMTP_USER"], given["SMTP_PASSWORD"])
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _offer(self, server: smtplib.SMTP, goods: Wrapped) -> None:
        """All but the dot."""
        _insist(server.mail(parseaddr(self._settings["MAIL_FROM"])[1])[0], 250, is_blocked=True)
        _insist(server.rcpt(goods.address)[0], 250)
        _insist(server.docmd("DATA")[0], 354)
        server.send(_DOT.sub(b"..", goods.data))

    def _end(self, server: smtplib.SMTP) -> None:
        try:
            server.send(b".\r\n")
            code, _words = server.getreply()
        except (smtplib.SMTPException, OSError):
            self._hang_up()
            raise Unsure from None
        _insist(code, 250)

    def _forget(self, server: smtplib.SMTP) -> None:
        """The server goes on with the next letter as if this one had never been."""
        try:
            server.rset()
        except (smtplib.SMTPException, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def _insist(code: int, wanted: int, *, is_blocked: bool = False) -> None:
    """A server that says 4xx asks to come again, one that says 5xx means it; 421 is its goodbye."""
    if code == wanted or (wanted == 250 and code == 251):
        return
    is_final = code // 100 == 5
    raise NotSent(Why.REFUSED if is_final else Why.LATER, code, is_final=is_final and not is_blocked, is_blocked=is_blocked or code == 421)
