"""What a rule or a type says when something cannot be."""

from __future__ import annotations

from backoffice.declare.text import Text


class Refused(Exception):
    """A rule of the domain says no, in words for the person at the screen; nothing was changed."""

    def __init__(self, why: Text, *, field: str | None = None, code: str = "refused") -> None:
        super().__init__(str(why))
        self.why, self.field, self.code = why, field, code


class Invalid(ValueError):
    """A text is no value of its type. ``code`` is stable, for machines; ``why`` is for people."""

    def __init__(self, code: str, why: Text) -> None:
        super().__init__(code)
        self.code, self.why = code, why

    def __str__(self) -> str:
        return str(self.why)


class BadDeclaration(Exception):
    """A model is declared wrongly. Raised at start-up only, never in a request."""
