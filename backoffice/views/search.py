"""One box over everything that the person may read: the first of each noun, best match first."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import groupby
from typing import Any

from flask import Blueprint, current_app, render_template, request
from markupsafe import Markup, escape
from sqlalchemy.orm.interfaces import ORMOption

from backoffice.access import can, fields_for
from backoffice.declare import Model, Verb
from backoffice.plan import Field, Plan
from backoffice.search import Look, first_letters, spans_of
from backoffice.views import cells, links
from backoffice.views.common import person, titled
from backoffice.views.drawing import drawn, joined
from backoffice.views.finding import best
from backoffice.views.matching import cleaned, needs_more

search = Blueprint("search", __name__)
_TAGS = re.compile("(<[^>]*>)")
PER_NOUN = 5
IN_BOX, MOST_IN_BOX = 3, 6
MOST_FACTS = 4


@dataclass(frozen=True)
class Hit:
    """One record that was found: its page, its name with the match marked, and what else the list says of it."""

    address: str
    name: Markup
    facts: list[tuple[Field, Markup]]


@dataclass(frozen=True)
class Group:
    """What was found of one noun; ``has_more`` where its list has the rest."""

    plan: Plan
    hits: list[Hit]
    has_more: bool


@search.get("/search")
def results() -> str:
    """What was found, grouped by noun in menu order; ``part=box`` is the list below the box, while somebody types."""
    text, is_box = cleaned(request.args.get("q")), request.args.get("part") == "box"
    missing = needs_more(text)
    groups = [] if missing else list(found(person(), text, IN_BOX if is_box else PER_NOUN))
    if is_box:
        return render_template("search_box.html", words=text, groups=groups[:MOST_IN_BOX])
    return render_template("search.html", words=text, missing=missing if text else None, groups=groups)


def found(who: Any, text: str, most: int = PER_NOUN) -> Iterator[Group]:
    """The nouns in which something was found. Only nouns with a key of their own are searched: the journal is not."""
    look = Look()
    for plan in current_app.extensions["plans"].values():
        if plan.resource.search and plan.key and can(who, Verb.READ, plan):
            records = best(who, plan, text, most + 1, look=look, loads=functools.partial(_loads, who, plan))
            if records:
                yield Group(plan, hits(who, plan, records[:most], text), len(records) > most)


def _loads(who: Any, plan: Plan) -> list[ORMOption]:
    """What a line of the page is made of."""
    return [*links.loading(plan, facts(who, plan)), *links.naming(plan)]


def hits(who: Any, plan: Plan, records: Iterable[Model], text: str = "", first: Sequence[str] = ()) -> list[Hit]:
    """The records as lines to click on; ``first`` are fields that matter before those of the list."""
    shown, nobody = facts(who, plan, first), frozenset[int]()
    draws = [(fact, cells.column(who, plan, fact, nobody)) for fact in shown]
    return [
        Hit(
            cells.address(plan, one.id), marked(str(one) or plan.key_of(one), text),
            [(fact, marked_within(draw(one), text)) for fact, draw in draws if getattr(one, fact.name) not in (None, "")],
        )
        for one in records
    ]


def facts(who: Any, plan: Plan, first: Sequence[str] = ()) -> list[Field]:
    """The first columns of the list that the name does not say already, after those that matter more."""
    seen, said = set(fields_for(who, plan)), set(titled(plan))
    wanted = dict.fromkeys((*(plan.fields[name.removeprefix("-")] for name in first if name != "-id"), *plan.columns))
    return [one for one in wanted if one in seen and one not in said][:MOST_FACTS]


def marked(name: str, text: str) -> Markup:
    """The name with the words of the search marked in it, and the signs whose first letters they are."""
    return joined(drawn("<mark>%s</mark>", piece) if is_hit else escape(piece) for piece, is_hit in pieces(name, text))


def pieces(name: str, text: str) -> list[tuple[str, bool]]:
    """The name in pieces, and which of them are what the search means."""
    hit = [False] * len(name)
    for word in text.split():
        found = [match.span() for match in re.finditer(re.escape(word), name, re.IGNORECASE)]
        for first, end in found or spans_of(name, first_letters(word)):
            hit[first:end] = [True] * (end - first)
    if True not in hit:
        return [(name, False)] if name else []
    parts = groupby(zip(name, hit, strict=True), key=lambda pair: pair[1])
    return [("".join(sign for sign, _hit in pairs), is_hit) for is_hit, pairs in parts]


def marked_within(html: Markup, text: str) -> Markup:
    """The same in the texts between tags."""
    if not text:
        return html
    parts = (one for one in _TAGS.split(str(html)) if one)
    return joined(Markup(one) if one.startswith("<") else marked(unescape(one), text) for one in parts)  # noqa: S704  # tags of what was safe already
