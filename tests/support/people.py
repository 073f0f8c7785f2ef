"""People of the library who sign in, and a count of the passwords that were checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from argon2.exceptions import VerifyMismatchError
from sqlalchemy.orm import Session

from backoffice.accounts import passwords
from tests import toys
from tests.support.client import PASSWORD_HASH


def hire(session: Session, login: str | None = "ann", **facts: Any) -> toys.Librarian:
    """A clerk with a login and the password that all tests share."""
    branch = session.query(toys.Branch).first() or toys.Branch(code="B1", name="Main")
    facts = {"badge": f"N-{login}".upper(), "name": f"{login}".title(), "branch": branch, "password_hash": PASSWORD_HASH, **facts}
    person = toys.Librarian(login=login, **facts)
    session.add(person)
    session.commit()
    return person


class CountingHasher:
    """Answers as the real one does, and remembers which hashes it was asked about.

    The hash that nobody has is not computed: the answer is known, and some tests ask 100 times.
    """

    def __init__(self, real: Any) -> None:
        self._real, self.asked = real, []

    def verify(self, stored: str, password: bytes) -> bool:
        self.asked.append(stored)
        if stored == passwords.DUMMY:
            raise VerifyMismatchError
        return self._real.verify(stored, password)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def counted_checks() -> Iterator[list[str]]:
    """The hashes that were checked in the block: work as an attacker with a stopwatch sees it."""
    real = passwords.HASHER
    passwords.HASHER = hasher = CountingHasher(real)
    try:
        yield hasher.asked
    finally:
        passwords.HASHER = real
