"""What all pages share: who is looking, and how numbers in an address are read."""

from __future__ import annotations

from typing import Any, cast

from flask import request
from flask_login import current_user

from backoffice.declare import Model, _
from backoffice.errors import BadRequest, NotFound
from backoffice.plan import Field, Plan, plan_of

LARGEST = 2**31 - 1
DIGITS = 10


def person() -> Any:
    """The signed-in person: the record itself, not the stand-in that follows the request."""
    return current_user._get_current_object()  # noqa: SLF001  # how Flask-Login's stand-in gives it away


def whole_number(text: str | None) -> int | None:
    """A number from 1 to 2³¹-1, written plainly; None for anything else."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        return None
    number = int(text)
    return number if 1 <= number <= LARGEST else None


def record_id(text: str | int | None) -> int:
    """The internal id in an address; raises :class:`NotFound` for what cannot be one."""
    number = whole_number(str(text))
    if number is None:
        raise NotFound
    return number


def record_ids(texts: list[str]) -> list[int]:
    """The ids of ticked rows, each once; raises :class:`BadRequest` for what cannot be an id."""
    numbers = [whole_number(text) for text in texts]
    if None in numbers:
        raise BadRequest(_("A ticked row has no valid number. Reload the list and try again."))
    return list(dict.fromkeys(number for number in numbers if number is not None))


def page_number(name: str = "page") -> int:
    """The page asked for, 1 without one; raises :class:`BadRequest` for what is no page number."""
    text = request.args.get(name)
    number = whole_number(text) if text else 1
    if number is None:
        raise BadRequest(_("“{text}” is no page number.", text=clipped(text)))
    return number


def clipped(text: object, most: int = 40) -> str:
    """The beginning of a text that somebody sent, short enough to be repeated in a sentence."""
    whole = str(text)
    return whole if len(whole) <= most else whole[: most - 1] + "…"


def target_of(link: Field) -> Plan:
    """The plan of the noun that a link leads to."""
    return plan_of(cast("type[Model]", link.target))


def titled(plan: Plan) -> list[Field]:
    """The fields that name a record."""
    names = plan.resource.title or plan.resource.key
    return [plan.fields[name] for name in names if name in plan.fields]
