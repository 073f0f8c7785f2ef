"""The first letters of Chinese signs as people say them: 王欣 is ``wx``.

A surname that is read otherwise than the sign alone counts both ways: 单丽 is ``sl dl``.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import unicodedata
from pathlib import Path

FIRST, LAST = 0x4E00, 0x9FFF
"""The signs that have a letter; others have none."""
NONE = "."
SURNAMES = dict(zip("单解曾仇查区乐翟覃尉种秘折召长重厦番", "sxzqzoyzqycbssccxp", strict=True))
"""Signs that begin with another letter where a surname, or a place, begins with them."""
_READING = re.compile(rb'"(\d+)":\s*"([^",]+)')


@functools.cache
def letters() -> str:
    """One letter for each sign from FIRST to LAST, ``.`` where nobody knows one."""
    spec = importlib.util.find_spec("pypinyin")  # its table alone: the whole library takes 40 MB
    folder = Path(next(iter((spec and spec.submodule_search_locations) or ())))
    found = [NONE] * (LAST - FIRST + 1)
    for match in _READING.finditer((folder / "pinyin_dict.json").read_bytes()):
        if FIRST <= (point := int(match[1])) <= LAST:
            found[point - FIRST] = _letter(match[2].decode())
    return "".join(found)


def initials_of(name: str) -> str:
    """The letters of a name; Latin ones and digits stay, all else is left out. Two readings stand apart."""
    if name.isascii():
        return ""
    known = letters()
    usual = "".join(known[ord(sign) - FIRST] if FIRST <= ord(sign) <= LAST else sign.lower() if _is_plain(sign) else "" for sign in name)
    usual = usual.replace(NONE, "")
    surname = SURNAMES.get(name[0])
    return f"{surname}{usual[1:]} {usual}" if surname and surname != usual[:1] else usual


def spans_of(text: str, word: str) -> list[tuple[int, int]]:
    """Where the first signs stand whose letters are the word, as (first, end)."""
    for name in re.finditer(r"\S+", text) if word else ():
        places = [name.start() + at for at, sign in enumerate(name[0]) if initials_of(sign) or _is_plain(sign)]
        for reading in initials_of(name[0]).split():
            at = reading.find(word)
            if at >= 0 and len(reading) == len(places):
                return [(places[at], places[at + len(word) - 1] + 1)]
    return []


def _is_plain(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


def _letter(reading: str) -> str:
    first = unicodedata.normalize("NFD", reading[:1])[:1].lower()
    return first if first.isascii() and first.isalpha() else NONE
