"""Values on the page of a record: as the person may see them, with what a click may do with each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from backoffice.access import Access, fields_for
from backoffice.declare import Code, Model
from backoffice.declare.journal import AuditEntry
from backoffice.declare.kinds import Verbatim
from backoffice.plan import Field, Plan
from backoffice.views import cells
from backoffice.views.answers import in_full
from backoffice.views.common import person
from backoffice.views.contacts import contacts

SHORT = 24  # characters of a text that fits beside other facts
DIALED = {"tel": "tel", "email": "mailto"}


@dataclass(frozen=True)
class Shown:
    """A field on the page: its value as the person may see it, whether a click may show it in full, and what a click copies."""

    name: str
    label: object
    html: Markup
    may_reveal: bool = False
    is_wide: bool = False
    copies: str = ""


def shown(plan: Plan, record: Model, fields: Iterable[Field], hidden: Iterable[str], *, may_reveal: bool) -> list[Shown]:
    """The fields that hold something; those that are ``hidden`` as masks."""
    masked = set(hidden)
    return [_of(plan, one, record, one.name in masked, may_reveal=may_reveal) for one in fields if not is_empty(one, record)]


def _of(plan: Plan, one: Field, record: Model, is_masked: bool, *, may_reveal: bool) -> Shown:
    is_known = not is_masked and (one.kind.control in DIALED or one.name in plan.resource.copies or (isinstance(one.kind, Code) and one in plan.key))
    return Shown(
        one.name, one.label, html_of(one, record, is_masked=is_masked), is_masked and may_reveal, _is_wide(one, record),
        one.kind.write(getattr(record, one.name)) if is_known else "",
    )


def beside(plan: Plan, record: Model, revealed: frozenset[str]) -> dict[str, list[Shown]]:
    """What stands beside a link: how to reach the record that it leads to."""
    found: dict[str, list[Shown]] = {}
    for one in contacts(plan, record):
        is_masked = one.name not in revealed
        html = html_of(one.field, one.record, is_masked=is_masked)
        copies = "" if is_masked else one.field.kind.write(getattr(one.record, one.field.name))
        found.setdefault(one.beside, []).append(Shown(one.name, one.path.label, html, is_masked and one.may_reveal, copies=copies))
    return found


def html_of(one: Field, record: Model, *, is_masked: bool) -> Markup:
    """A value; a telephone number that may be seen in full is dialed by a click."""
    value = getattr(record, one.name)
    words = cells.in_words(one, record) if isinstance(record, AuditEntry) else None
    html = words or in_full(one, value, is_masked=is_masked)
    if value is not None and not is_masked and one.kind.control in DIALED:
        return Markup('<a href="{}:{}">{}</a>').format(DIALED[one.kind.control], value, html)
    return html


def personal(plan: Plan, record: Model) -> list[str]:
    """The personal fields that hold something and that the person sees masked."""
    open_ones = {one.name for one in fields_for(person(), plan, least=Access.READ)}
    masked = [one.name for one in fields_for(person(), plan) if one.name not in open_ones]
    return [name for name in masked if getattr(record, name) is not None]


def is_empty(one: Field, record: Model) -> bool:
    """Whether there is nothing to show."""
    return getattr(record, one.name) in (None, "")


def _is_wide(one: Field, record: Model) -> bool:
    """Whether a text needs the width of the page."""
    return isinstance(one.kind, Verbatim) and len(getattr(record, one.name) or "") > SHORT
