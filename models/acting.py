"""Small helpers of the rules: who acts, what is filled in, what may never be rewritten."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import inspect

from backoffice.declare import Model, Refused, Text, _, actor
from models.staff import Staff

Noun = TypeVar("Noun", bound=Model)


def me() -> Staff | None:
    """The colleague who acts, or None where the system does."""
    person = actor()
    return person if isinstance(person, Staff) else None


def somebody() -> Staff:
    """The colleague who acts; a decision needs a person, so the system is refused."""
    person = me()
    if person is None:
        raise Refused(_("A person has to decide this; sign in first.", "须由具体人员决定，请先登录。"))
    return person


def fill(record: Model, **values: Any) -> None:
    """Set the fields that are still empty."""
    for name, value in values.items():
        if getattr(record, name) is None:
            setattr(record, name, value)


def linked(record: Model, name: str, noun: type[Noun]) -> Noun | None:
    """The record at the end of a link, also while only its id is known."""
    found: Noun | None = getattr(record, name)
    key = getattr(record, f"{name}_id")
    return record.session.get(noun, key) if found is None and key is not None else found


def rewritten(record: Model, names: Iterable[str]) -> list[str]:
    """The names whose stored value is about to be replaced by another."""
    state = inspect(record)
    found = []
    for name in names:
        history = state.attrs[name].history
        old = history.deleted[0] if history.deleted else None
        if old is not None and history.added and history.added[0] != old:
            found.append(name)
    return found


def keep(record: Model, *names: str, why: Text) -> None:
    """Refuse a change of facts that are there to stay; ``why`` says what to do instead."""
    if changed := rewritten(record, names):
        raise Refused(why, field=changed[0], code="immutable")
