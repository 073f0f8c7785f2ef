"""What happens to every new or changed record before it is written, on whatever channel it comes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backoffice.declare import Model, clock
from backoffice.declare.fields import FieldSpec
from backoffice.declare.journal import NumberSeries


def register(sessions: Any) -> None:
    """Run the rules before each flush of these sessions."""
    event.listen(sessions, "before_flush", _before_flush)


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    """Let the rules run once for each record, and for the records that they make."""
    done: set[int] = set()
    while waiting := [one for one in _touched(session) if id(one) not in done]:
        for record in waiting:
            done.add(id(record))
            is_new = inspect(record).pending
            record.before_save(is_new=is_new)
            if is_new:
                give_numbers(session, record)


def _touched(session: Session) -> list[Model]:
    records = [*session.new, *(one for one in session.dirty if session.is_modified(one))]
    return [one for one in records if isinstance(one, Model)]


def give_numbers(session: Session, record: Model) -> None:
    """Fill each numbered field that is empty with the next number of its series."""
    for attribute in inspect(type(record)).column_attrs:
        spec: FieldSpec | None = attribute.columns[0].info.get("field")
        if spec and spec.numbered and getattr(record, attribute.key) is None:
            setattr(record, attribute.key, next_number(session, spec.numbered))


def next_number(session: Session, prefix: str) -> str:
    """The next number of a series: ``WT20261121-0001``. Two writers never get the same one."""
    day = clock.today().strftime("%Y%m%d")
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(NumberSeries)
    one_more = insert.values(prefix=prefix, day=day, last=1).on_conflict_do_update(
        index_elements=["prefix", "day"], set_={"last": NumberSeries.last + 1}
    )
    last = session.execute(one_more.returning(NumberSeries.last)).scalar_one()
    return f"{prefix}{day}-{last:04d}"
