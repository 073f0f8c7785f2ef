"""Texts that SQL puts together, of constants and of values, and how a statement says them."""

from __future__ import annotations

from dataclasses import dataclass

MOST_VALUES = 60
"""So many values one call takes; SQLite allows a little over a hundred."""


@dataclass(frozen=True)
class Sql:
    """The SQL of a value that is not NULL, and how SQLite is to print it."""

    text: str
    form: str = "%s"


Wording = tuple[str | Sql, ...]
"""Constants and values, one after the other; no two constants are neighbors, and none is empty."""


def wording(*parts: str | Sql) -> Wording:
    """Such a text."""
    joined: list[str | Sql] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(last := joined[-1], str):
            joined[-1] = last + part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def literal(text: str) -> str:
    """A text in SQL; a colon in it names no parameter."""
    return "'" + text.replace("'", "''").replace(":", "\\:") + "'"


def chained(words: Wording) -> str:
    """A link between each two parts."""
    return "||".join(literal(part) if isinstance(part, str) else part.text for part in words) or "''"


def printed(words: Wording) -> str:
    """By SQLite's ``printf``, which makes the text at one go: a chain copies what it has at every link."""
    if not any(isinstance(part, Sql) for part in words):
        return chained(words)
    calls, form, values = [], "", list[str]()
    for part in words:
        if isinstance(part, str):
            form += part.replace("%", "%%")
            continue
        if len(values) == MOST_VALUES:
            calls.append((form, values))
            form, values = "", []
        form += part.form
        values.append(part.text)
    calls.append((form, values))
    return "||".join(f"printf({', '.join((literal(form), *values))})" for form, values in calls)
