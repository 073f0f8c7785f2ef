"""What is about to change in a record: questions that the rules ask before it is saved."""

from __future__ import annotations

from sqlalchemy import inspect

from backoffice.declare import Model


def changed(record: Model, *names: str) -> bool:
    """Whether any of these fields or links differs from what is stored."""
    attributes = inspect(record).attrs
    return any(attributes[name].history.has_changes() for name in names)


def settle_links(record: Model, *names: str) -> None:
    """Let a link follow its key column where only the key was set, so that a rule may trust the link."""
    mapper = inspect(type(record))
    for name in names:
        relation = mapper.relationships[name]
        key = mapper.get_property_by_column(relation.local_remote_pairs[0][0]).key
        if changed(record, key) and not changed(record, name):
            value = getattr(record, key)
            setattr(record, name, None if value is None else record.session.get(relation.mapper.class_, value))
