"""One box over everything that the person may read: the first of each noun, best match first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template, request
from markupsafe import Markup, escape

from backoffice.access import can, fields_for, scoped_query
from backoffice.db import db
from backoffice.declare import Model, Verb
from backoffice.plan import Field, Plan
from backoffice.views import cells, links
from backoffice.views.common import person, titled
from backoffice.views.matching import cleaned, matching, needs_more
from backoffice.views.pickers import best_first

search = Blueprint("search", __name__)
PER_NOUN = 5
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
    """What was found, grouped by noun in menu order."""
    text = cleaned(request.args.get("q"))
    missing = needs_more(text)
    groups = [] if missing else list(found(person(), text))
    return render_template("search.html", words=text, missing=missing if text else None, groups=groups, most=PER_NOUN)


def found(who: Any, text: str) -> Iterator[Group]:
    """The nouns in which something was found. Only nouns with a key of their own are searched: the journal is not."""
    for plan in current_app.extensions["plans"].values():
        if plan.resource.search and plan.key and can(who, Verb.READ, plan):
            records = _records(who, plan, text)
            if records:
                yield Group(plan, hits(who, plan, records[:PER_NOUN], text), len(records) > PER_NOUN)


def _records(who: Any, plan: Plan, text: str) -> list[Model]:
    query = best_first(scoped_query(who, plan).where(matching(who, plan, text)), plan, text)
    query = query.options(*links.loading(plan, facts(who, plan)), *links.naming(plan))
    return list(db.session.scalars(query.limit(PER_NOUN + 1)))


def hits(who: Any, plan: Plan, records: Iterable[Model], text: str = "", first: Sequence[str] = ()) -> list[Hit]:
    """The records as lines to click on; ``first`` are fields that matter before those of the list."""
    shown, nobody = facts(who, plan, first), frozenset[int]()
    return [
        Hit(
            cells.address(plan, one.id), marked(str(one) or plan.key_of(one), text),
            [(fact, cells.cell(who, plan, fact, one, nobody)) for fact in shown if getattr(one, fact.name) not in (None, "")],
        )
        for one in records
    ]


def facts(who: Any, plan: Plan, first: Sequence[str] = ()) -> list[Field]:
    """The first columns of the list that the name does not say already, after those that matter more."""
    seen, said = set(fields_for(who, plan)), set(titled(plan))
    wanted = dict.fromkeys((*(plan.fields[name.removeprefix("-")] for name in first if name != "-id"), *plan.columns))
    return [one for one in wanted if one in seen and one not in said][:MOST_FACTS]


def marked(name: str, text: str) -> Markup:
    """The name with the words of the search marked in it."""
    words = sorted(map(re.escape, text.split()), key=len, reverse=True)
    pieces = re.split(f"({'|'.join(words)})", name, flags=re.IGNORECASE) if words else [name]
    return Markup("").join(Markup("<mark>{}</mark>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces))
