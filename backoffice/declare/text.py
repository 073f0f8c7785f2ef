"""Sentences in two languages, chosen when they are shown, not when they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

CHINESE: Final = "zh_Hans_CN"
ENGLISH: Final = "en"
LOCALES: Final = (CHINESE, ENGLISH)

_locale: ContextVar[str] = ContextVar("locale", default=CHINESE)
_catalog: dict[str, str] = {}


class Text:
    """A sentence whose language is decided by ``str()``.

    The Chinese stands beside the English where a model declares it; a sentence of the generator
    has only its English and is looked up in the catalog.
    """

    __slots__ = ("en", "params", "zh")

    def __init__(self, en: str, zh: str | None = None, /, **params: object) -> None:
        self.en, self.zh, self.params = en, zh, params

    def format(self, **params: object) -> Text:
        """The same sentence with its ``{names}`` filled in."""
        return Text(self.en, self.zh, **{**self.params, **params})

    def in_locale(self, locale: str) -> str:
        """The sentence in one of :data:`LOCALES`."""
        with use_locale(locale):
            return str(self)

    def __str__(self) -> str:
        template = self.en if _locale.get() == ENGLISH else self.zh or _catalog.get(self.en, self.en)
        return template.format(**self.params) if self.params else template

    def __repr__(self) -> str:
        return f"Text({self.en!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.en, self.zh, self.params) == (other.en, other.zh, other.params)

    def __hash__(self) -> int:
        return hash((self.en, self.zh))


_ = Text


def locale() -> str:
    """The locale that sentences are shown in now."""
    return _locale.get()


def set_locale(name: str) -> None:
    """Show sentences in this locale from now on, in this context (one request, one command)."""
    _locale.set(name if name in LOCALES else CHINESE)


@contextmanager
def use_locale(name: str) -> Iterator[None]:
    """Show sentences in another locale for the length of a block."""
    token = _locale.set(name)
    try:
        yield
    finally:
        _locale.reset(token)


def load_catalog(chinese: Mapping[str, str]) -> None:
    """Add Chinese sentences (English: Chinese) for those that stand in the generator."""
    _catalog.update(chinese)


COMMA = _(", ", "、")


def series(parts: Iterable[object]) -> str:
    """Words one after the other, as the reader's language sets them apart."""
    return str(COMMA).join(map(str, parts))
