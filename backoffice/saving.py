"""What happens to every new or changed record before it is written, on whatever channel it comes."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnDefault, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.base import NO_CHANGE

from backoffice.declare import Model, clock
from backoffice.declare.fields import FieldSpec
from backoffice.declare.journal import NumberSeries


def register(sessions: Any) -> None:
    """Run the rules before each flush of these sessions."""
    event.listen(sessions, "before_flush", _before_flush)


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    """Let the rules run once for each record, and for the records that they make."""
    done: set[int] = set()
    while waiting := [*_new(session, done), *_changed(session, done)]:
        for record in waiting:
            done.add(id(record))
            is_new = inspect(record).pending
            if is_new:
                give_numbers(session, record)  # before the rules: they name the record in what they tell and ask
            record.before_save(is_new=is_new)
            if is_new:
                _give_defaults(record)


def _new(session: Session, done: set[int]) -> Iterator[Model]:
    return (one for one in session.new if id(one) not in done and isinstance(one, Model))


def _changed(session: Session, done: set[int]) -> Iterator[Model]:
    return (one for one in session.dirty if id(one) not in done and isinstance(one, Model) and is_modified(one))


def is_modified(record: Model) -> bool:
    """Whether anything in a record differs from what is stored; looks at what was set alone, for a flush may hold thousands."""
    state = inspect(record)
    return any(state.get_history(name, NO_CHANGE).has_changes() for name in tuple(state.committed_state))


def give_numbers(session: Session, record: Model) -> None:
    """Fill each numbered field that is empty with the next number of its series."""
    for name, prefix in numbered(type(record)):
        if getattr(record, name) is None:
            setattr(record, name, next_number(session, prefix))


@functools.cache
def numbered(model: type[Model]) -> tuple[tuple[str, str], ...]:
    """The fields that are filled with numbers, and the letters of their series."""
    specs = ((one.key, one.columns[0].info.get("field")) for one in inspect(model).column_attrs)
    return tuple((name, spec.numbered) for name, spec in specs if isinstance(spec, FieldSpec) and spec.numbered)


def _give_defaults(record: Model) -> None:
    """Set plain defaults now: records that all have the same columns go to the database in one statement."""
    values = record.__dict__
    for name, value in _defaults(type(record)):
        if values.get(name) is None:
            setattr(record, name, value)


@functools.cache
def _defaults(model: type[Model]) -> tuple[tuple[str, Any], ...]:
    columns = ((one.key, one.columns[0].default) for one in inspect(model).column_attrs)
    return tuple((name, one.arg) for name, one in columns if isinstance(one, ColumnDefault) and one.is_scalar and name != "version")


def next_number(session: Session, prefix: str) -> str:
    """The next number of a series: ``WT20261121-0001``. Two writers never get the same one."""
    day = clock.today().strftime("%Y%m%d")
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(NumberSeries)
    one_more = insert.values(prefix=prefix, day=day, last=1).on_conflict_do_update(
        index_elements=["prefix", "day"], set_={"last": NumberSeries.last + 1}
    )
    last = session.execute(one_more.returning(NumberSeries.last)).scalar_one()
    return f"{prefix}{day}-{last:04d}"
