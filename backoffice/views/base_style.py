"""The style sheet of every page in one piece: what our pages use of Bootstrap, then our own.

A page is drawn when its styles are there. Bootstrap holds seven times what we use; its rules for classes that stand in no
template, script or page of ours are left out, when the first page asks.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import flask_bootstrap
from flask import Flask, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

ENDPOINT = "base_style"
ROOT = Path(__file__).parents[1]
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/css/bootstrap.min.css"
OWN = ("aftercare.css", "picker.css", "search.css")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_COMMA = re.compile(r",(?![^(]*\))")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
_WORD = re.compile(r"[A-Za-z][\w-]*")


def register(app: Flask) -> None:
    """Give it an address, and the templates a way to name it."""
    app.add_url_rule("/base.css", ENDPOINT, answer)
    app.jinja_env.globals["base_style"] = address


def address() -> str:
    """Its address, which changes with its content."""
    return url_for(ENDPOINT, v=_version())


@functools.cache
def _version() -> str:
    return hashlib.sha256(sheet().encode()).hexdigest()[:10]


def answer() -> AnyResponse:
    """The sheet; the same for everybody."""
    response = Response(sheet(), mimetype="text/css")
    response.add_etag()
    return response.make_conditional(request)


@functools.cache
def sheet() -> str:
    """All of it."""
    own = (ROOT / "static" / name for name in OWN)
    return "\n".join([trimmed(_COMMENT.sub("", _read(BOOTSTRAP)), used()), *map(_read, own)])


def used() -> frozenset[str]:
    """Every word that may be a class in a page of ours."""
    files = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/*.js"), *ROOT.glob("views/**/*.py")]
    return frozenset(word for file in files for word in _WORD.findall(_read(file)))


def trimmed(css: str, words: frozenset[str]) -> str:
    """The rules whose classes are all among the words; of a rule with many selectors those that are."""
    kept = []
    for head, body in _rules(css):
        if head.startswith(("@media", "@supports")):
            inside = trimmed(body, words)
            kept += [f"{head}{{{inside}}}"] if inside else []
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        elif fit := [one for one in _COMMA.split(head) if words.issuperset(_CLASS.findall(one))]:
            kept.append(f"{','.join(fit)}{{{body}}}")
    return "".join(kept)


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Each rule of a sheet without comments: what stands before its braces, and inside."""
    at = 0
    while (opens := css.find("{", at)) >= 0:
        depth, end = 1, opens
        while depth:
            end += 1
            depth += {"{": 1, "}": -1}.get(css[end], 0)
        yield css[at:opens].rpartition(";")[2].strip(), css[opens + 1 : end]
        at = end + 1


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
