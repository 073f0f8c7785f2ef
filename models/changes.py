"""What is about to change in a record: questions that the rules ask before it is saved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE

from backoffice.declare import Model


def changed(record: Model, *names: str) -> bool:
    """Whether any of these fields or links differs from what is stored; a link does as soon as its key column does."""
    state = inspect(record)
    return any(_differs(state, one) for name in names for one in (name, _key(state, name)) if one)


def settle_links(record: Model, *names: str) -> None:
    """Let a link follow its key column where only the key was set, so that a rule may trust the link."""
    state = inspect(record)
    for name in names:
        key = _key(state, name)
        if _differs(state, key) and not _differs(state, name):
            value, known = getattr(record, key), state.dict.get(name)
            if known is None or known.id != value:
                setattr(record, name, None if value is None else record.session.get(state.mapper.relationships[name].mapper.class_, value))


def _differs(state: InstanceState[Any], name: str) -> bool:
    return state.get_history(name, PASSIVE_NO_INITIALIZE).has_changes()


def _key(state: InstanceState[Any], name: str) -> str:
    """The key column of a link; nothing for a plain field."""
    link = state.mapper.relationships.get(name)
    return state.mapper.get_property_by_column(link.local_remote_pairs[0][0]).key if link is not None and link.local_remote_pairs else ""
