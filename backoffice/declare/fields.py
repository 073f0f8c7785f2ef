"""How a model says what is true of a field: its label, help, aliases, and who may write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import MappedColumn, Relationship, mapped_column, relationship

from backoffice.declare.choice import Choice
from backoffice.declare.text import Text


@dataclass(frozen=True)
class FieldSpec:
    """What a declaration says of one field beyond its column type.

    ``locked``: only methods (and an import of history) change it. ``needed``: required of new
    records, while records of an old system may lack it. ``numbered``: a prefix; a new record
    without a value gets ``PREFIX20261121-0001``. ``aliases``: further headers that an import takes.
    ``waiting``: of a state, the members in which the record still waits for somebody; only then is anything overdue.
    """

    label: Text
    help: Text | None = None
    aliases: tuple[str, ...] = ()
    locked: bool = False
    needed: bool = False
    numbered: str | None = None
    secret: bool = False
    waiting: tuple[Choice, ...] = ()


def field(
    label: Text,
    *sql: Any,
    help: Text | None = None,  # noqa: A002  # the word that a declaration reads best with
    aliases: tuple[str, ...] = (),
    locked: bool = False,
    needed: bool = False,
    numbered: str | None = None,
    secret: bool = False,
    waiting: tuple[Choice, ...] = (),
    default: Any = None,
    **column: Any,
) -> MappedColumn[Any]:
    """A column with its declaration; ``column`` goes to SQLAlchemy (``unique``, ``index`` …)."""
    spec = FieldSpec(label, help, aliases, locked, needed, numbered, secret, waiting)
    if default is not None:
        column["default"] = default
    return mapped_column(*sql, info={"field": spec}, active_history=True, **column)


def listed(table: str, *names: str, by: str) -> tuple[Index, ...]:
    """Indexes for a list that grows: its rows, and the rows of one value of each of these columns, in the order of the list.

    They end with the id, as lists do, so that rows which tie, or have no value, are found in their order too.
    """
    return (Index(f"ix_{table}_{by}_id", by, "id"), *(Index(f"ix_{table}_{name}_{by}", name, by, "id") for name in names))


def flagged(table: str, *names: str, by: str) -> tuple[Index, ...]:
    """Indexes of the few rows that bear a mark, in the order of the list; the many others cost nothing."""
    return tuple(
        Index(f"ix_{table}_{name}_marked", by, "id", sqlite_where=text(f"{name} = 1"), postgresql_where=text(name), info={"flag": name}) for name in names
    )


def link(
    label: Text,
    *,
    help: Text | None = None,  # noqa: A002  # the word that a declaration reads best with
    aliases: tuple[str, ...] = (),
    locked: bool = False,
    needed: bool = False,
    **relation: Any,
) -> Relationship[Any]:
    """A many-to-one relation, shown as the other record and picked from a search."""
    spec = FieldSpec(label, help, aliases, locked, needed)
    return relationship(info={"field": spec}, lazy=relation.pop("lazy", "select"), **relation)


@dataclass(frozen=True)
class ChildrenSpec:
    """What a declaration says of the records on the other end of a link."""

    label: Text


def children(label: Text, *, back: str, order_by: str | Callable[[], Any] | None = None, **relation: Any) -> Relationship[Any]:
    """The records that point here by their link ``back``; a detail page lists them, paged."""
    order: Any = order_by if order_by is not None else False
    return relationship(info={"children": ChildrenSpec(label)}, back_populates=back, order_by=order, **relation)
