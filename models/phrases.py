"""Phrases that call for attention in what a customer says, and the longer words that only look like them. Pure functions."""

from __future__ import annotations

import functools
import re

from backoffice.declare import fold


@functools.lru_cache(maxsize=256)
def phrases(text: str | None) -> tuple[str, ...]:
    """The phrases of a list, one on each line or with commas between, each once, as they are compared."""
    return tuple(dict.fromkeys(word for one in re.split(r"[\n,，、;；]", text or "") if (word := fold(one))))


def found(words: str | None, wanted: tuple[str, ...], harmless: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The wanted phrases that the words hold outside of harmless ones: 安全 is in 不安全, and not in 安全带.

    Both lists are as :func:`phrases` gives them.
    """
    left = _folded(words or "")
    for one in sorted(harmless, key=len, reverse=True):
        left = left.replace(one, "\n")
    return tuple(one for one in wanted if one in left)


@functools.lru_cache(maxsize=64)
def _folded(words: str) -> str:
    """What is said of one complaint is asked for the phrases of all triggers, one after the other."""
    return fold(words)
