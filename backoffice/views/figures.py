"""The figures of a report as conditions of the list: ``figure=late.not&part=branch:2``. What a report counts, its list shows.

Of a share, ``late`` are the records that meet it, ``late.not`` those that do not, ``late.of`` both.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_
from werkzeug.datastructures import MultiDict

from backoffice.access import Access, field_access
from backoffice.db import db
from backoffice.declare import Mean, Per, Share, Tally, _
from backoffice.errors import BadRequest
from backoffice.plan import Plan
from backoffice.views.common import clipped
from backoffice.views.filters import Chip, Filter
from backoffice.views.matching import cleaned
from backoffice.views.splits import Split, splits

FIGURE, PART = "figure", "part"
OF, NOT = ".of", ".not"
LONGEST = 300
AnyFigure = Tally | Share | Mean


def read(person: Any, plan: Plan, args: MultiDict[str, str]) -> list[Filter]:
    """What an address says of figures. Raises :class:`BadRequest` for what cannot be meant."""
    figure, part = (_one(args, name) for name in (FIGURE, PART))
    found, split, value = [], None, None
    if part:
        split, value = _part(person, plan, part)
        found.append(Filter(PART, split.has(value), (Chip(str(split.label), split.says(db.session(), value), PART, part),)))
    if figure:
        found.append(_figure(person, plan, figure, split, value))
    return found


def _one(args: MultiDict[str, str], name: str) -> str:
    texts = [text for one in args.getlist(name) if (text := cleaned(one, LONGEST))]
    if len(texts) > 1:
        raise BadRequest(_("An address has one “{name}”.", name=name))
    return texts[0] if texts else ""


def _part(person: Any, plan: Plan, text: str) -> tuple[Split, Any]:
    name, _colon, said = text.partition(":")
    split = splits(person, plan).get(name)
    if split is None:
        raise BadRequest(_("There is no filter “{name}” here.", name=clipped(text)))
    return split, split.value_of(said)


def _figure(person: Any, plan: Plan, text: str, split: Split | None, value: Any) -> Filter:
    name, dot, ending = text.partition(".")
    figure = next((one for one in (plan.resource.report.every if plan.resource.report else ()) if one.name == name and sees(person, plan, one)), None)
    if figure is None:
        raise BadRequest(_("There is no filter “{name}” here.", name=clipped(text)))
    per = next((one for one in plan.resource.report.by if isinstance(one, Per) and figure in one.figures), None) if plan.resource.report else None
    if per is not None and (split is None or split.said is not per):
        raise BadRequest(_("The figure “{label}” is about one {part}; the address does not say which.", label=figure.label, part=per.label))
    condition = conditions(figure, plan.model, *((value,) if per is not None else ())).get(dot + ending)
    if condition is None:
        raise BadRequest(_("There is no filter “{name}” here.", name=clipped(text)))
    return Filter(FIGURE, condition, (Chip(str(figure.label), said(figure, dot + ending), FIGURE, text),))


def sees(person: Any, plan: Plan, figure: AnyFigure) -> bool:
    """Whether the person sees all fields that a figure is made of."""
    return all(field_access(person, plan, plan.fields[name]) >= Access.MASKED for name in figure.tells)


def conditions(figure: AnyFigure, *about: Any) -> dict[str, ColumnElement[bool]]:
    """What each of its records meets, by the ending of its name in the address; ``about`` are the noun and, in a :class:`Per`, a value."""
    if isinstance(figure, Tally):
        return {"": figure.where(*about)}
    of = figure.of(*about)
    if isinstance(figure, Mean):
        return {"": of}
    met = func.coalesce(figure.met(*about), false())
    return {"": and_(of, met), OF: of, NOT: and_(of, not_(met))}


def said(figure: AnyFigure, ending: str = "") -> str:
    """Its records in a few words."""
    if isinstance(figure, Share):
        return str({"": figure.words[0], NOT: figure.words[1], OF: _("all that count")}[ending])
    return str(_("all that count"))
