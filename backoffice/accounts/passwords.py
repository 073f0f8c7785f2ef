"""Passwords: stored as argon2id, checked in the same time whoever asks, and what a new one must be."""

from __future__ import annotations

import secrets
import unicodedata
from base64 import b64encode
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backoffice.accounts.logins import fold_login
from backoffice.declare import Text, _

SHORTEST, LONGEST = 10, 200
HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # nothing that is misread on paper


def hashed(password: str) -> str:
    """The argon2id hash to store."""
    return HASHER.hash(_bytes(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one.

    Without a stored one a hash that nothing matches is checked, so that the answer takes as long.
    """
    try:
        return HASHER.verify(stored or DUMMY, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def generated() -> str:
    """A new password of 79 random bits, in groups that can be read aloud."""
    return "-".join("".join(secrets.choice(ALPHABET) for _letter in range(4)) for _group in range(4))


def weakness(password: str, login: str | None) -> Text | None:
    """What is wrong with a new password, or None."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        return _("Use at least {least} characters.", least=SHORTEST)
    if len(plain) > LONGEST:
        return _("Use at most {most} characters.", most=LONGEST)
    if login is not None and fold_login(plain) == fold_login(login):
        return _("The password must not be the login.")
    if len(set(plain)) < 3:
        return _("Use more than two different characters.")
    return None


def _bytes(password: str) -> bytes:
    """The same bytes from every keyboard: full width and composed letters are made one."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _plain64(raw: bytes) -> str:
    return b64encode(raw).decode("ascii").rstrip("=")


DUMMY: Final = (
    f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    f"${_plain64(secrets.token_bytes(16))}${_plain64(secrets.token_bytes(32))}"
)
"""Looks like any other hash, and no password leads to it."""
