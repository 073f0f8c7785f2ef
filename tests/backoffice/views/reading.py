"""Reads a page as a person does: rows, chips, sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

from sqlalchemy import event

from backoffice.db import db


class _Texts(HTMLParser):
    def __init__(self, wanted):
        super().__init__()
        self.wanted, self.depth, self.found = wanted, 0, []

    def handle_starttag(self, tag, attrs):
        if tag in {"input", "br", "meta", "link"}:
            return
        if self.depth:
            self.depth += 1
        elif self.wanted in dict(attrs).get("class", "").split():
            self.depth = 1
            self.found.append("")

    def handle_startendtag(self, tag, attrs):
        """A tag that closes itself holds no text."""

    def handle_endtag(self, tag):
        if self.depth:
            self.depth -= 1
            self.found[-1] += " " * (tag in {"a", "button", "li", "p"})

    def handle_data(self, data):
        if self.depth:
            self.found[-1] += data


def texts(answer, wanted: str) -> list[str]:
    """The text of each element with this class."""
    parser = _Texts(wanted)
    parser.feed(answer.get_data(as_text=True))
    return [" ".join(text.split()) for text in parser.found]


def names(answer) -> list[str]:
    """The first cell of each row of a list."""
    return texts(answer, "row-name")


def sentence(answer) -> str:
    """What an error page says."""
    return " ".join(texts(answer, "trouble"))


class _Sent(HTMLParser):
    """What a browser sends of a form of class ``filter-bar``; it holds no day that is not written ``2026-11-22``."""

    pairs: list[tuple[str, str]]
    is_inside = False

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            self.is_inside = said.get("class") == "filter-bar"
            self.pairs = [] if self.is_inside else self.pairs
        kind, value = said.get("type"), said.get("value") or ""
        if not self.is_inside or tag != "input" or (kind == "checkbox" and "checked" not in said):
            return
        if kind != "date" or re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            self.pairs.append((said["name"], value))


def sent(answer) -> list[tuple[str, str]]:
    """What sending the filters of a list again asks for."""
    parser = _Sent()
    parser.pairs = []
    parser.feed(answer.get_data(as_text=True))
    return parser.pairs


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the database gets in the length of a block."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
