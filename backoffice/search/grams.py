"""Texts cut into pieces short enough to be looked up: what a record holds, and what a word asks for.

Latin letters and digits make pieces of three; the last two of a run stand alone as well, so that a
word of two letters is found by its 37 continuations. Other signs (Chinese above all) make pieces of one and
two. Marks keep apart what is no text: first letters of names, last digits of numbers, whole values.
Every text that holds a word holds its pieces; the reverse is for the search to check.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from backoffice.search.initials import initials_of

Clause = tuple[str, ...]
"""One of these pieces."""
Way = tuple[Clause, ...]
"""All of these."""

INITIALS, ENDING, WHOLE = "\ue000", "\ue001", "\ue002"
LAST_DIGITS = 4
MOST_CLAUSES = 5
LONGEST_INITIALS = 6
_RUNS = re.compile(r"[0-9a-z]+|[^\x00-\x7f]+")
_PLAIN = "0123456789abcdefghijklmnopqrstuvwxyz"
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_LETTERS = re.compile(rf"[a-z]{{2,{LONGEST_INITIALS}}}")


def of_text(text: str) -> Iterator[str]:
    """The pieces of a text."""
    for run in _runs(text):
        if not run.isascii():
            yield from run
            yield from (run[at : at + 2] for at in range(len(run) - 1))
        else:
            yield from (run[at : at + 3] for at in range(len(run) - 2))
            yield run[-2:]


def of_initials(name: str) -> Iterator[str]:
    """The pieces of a name's first letters, marked."""
    for word in initials_of(name).split():
        for size in (2, 3):
            yield from (INITIALS + word[at : at + size] for at in range(len(word) - size + 1))


def of_number(number: str) -> str:
    """The last four signs of a telephone number, marked."""
    return ENDING + "".join(sign for sign in number if sign.isascii() and sign.isalnum())[-LAST_DIGITS:].lower()


def of_whole(value: str) -> str:
    """A value that is found as a whole only, marked; it cannot be read back."""
    return f"{WHOLE}{zlib.crc32(value.strip().lower().encode()):08x}"


def number_of(piece: str) -> int:
    """A piece as a whole number of 32 bits; two pieces may share one."""
    return zlib.crc32(piece.encode()) - 2**31


def way_of(word: str) -> Way:
    """What a text that holds the word must have; nothing where the word is too short to say."""
    clauses = [clause for run in _runs(word) for clause in (_latin(run) if run.isascii() else _signs(run))]
    return _few(list(dict.fromkeys(clauses)))


def way_of_initials(word: str) -> Way:
    """What a name must have whose first letters hold the word; nothing where it cannot be first letters."""
    plain = first_letters(word)
    size = min(len(plain), 3) or 1
    return tuple((INITIALS + plain[at : at + size],) for at in range(len(plain) - size + 1))


def first_letters(word: str) -> str:
    """The word as the first letters of a name, nothing where it cannot be."""
    plain = word.translate(_LOWER)
    return plain if _LETTERS.fullmatch(plain) else ""


def _runs(text: str) -> list[str]:
    return _RUNS.findall(text.lower() if text.isascii() else text.translate(_LOWER))


def _latin(run: str) -> Iterator[Clause]:
    if len(run) == 2:
        yield (run, *(run + more for more in _PLAIN))
    yield from ((run[at : at + 3],) for at in range(len(run) - 2))


def _signs(run: str) -> Iterator[Clause]:
    """Pairs; a sign that has no pair alone. One that has a capital may stand there in the other case: it says nothing."""
    fixed = [sign.lower() == sign == sign.upper() for sign in run]
    for at, sign in enumerate(run):
        if fixed[at] and at + 1 < len(run) and fixed[at + 1]:
            yield (run[at : at + 2],)
        elif fixed[at] and not (at and fixed[at - 1]):
            yield (sign,)


def _few(clauses: list[Clause]) -> Way:
    """The clauses, or the last and some spread over the others: enough to leave few records."""
    if len(clauses) <= MOST_CLAUSES:
        return tuple(clauses)
    step = (len(clauses) - 1) / (MOST_CLAUSES - 1)
    return tuple(clauses[round(place * step)] for place in range(MOST_CLAUSES))
