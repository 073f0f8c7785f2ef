"""The same key in several rows of one file: all of them are refused, since nobody knows which one is meant."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from backoffice.declare import _
from backoffice.exchange.stage import Part, Stage
from backoffice.exchange.staging.noting import Notebook

SHOWN = 8


def refuse_duplicates(stage: Stage, part: Part, notes: Notebook, keys: Sequence[int]) -> None:
    """Say so of each row whose key stands in other rows too; all rows of the file count."""
    rows = part.rows
    same = [_identity(part, place) for place in keys]
    filled = sa.or_(*(one.is_not(None) for one in same))
    repeated = sa.select(sa.literal(1)).select_from(rows).where(filled).group_by(*same).having(sa.func.count() > 1).limit(1)
    if stage.connection.execute(repeated).first() is None:
        return
    counted = sa.select(
        rows.c.row, rows.c.line, sa.func.count().over(partition_by=same).label("many"), sa.func.dense_rank().over(order_by=same).label("key"),
    ).where(filled).subquery()
    found = stage.connection.execute(sa.select(counted).where(counted.c.many > 1).order_by(counted.c.key, counted.c.row))
    for _key, group in itertools.groupby(found, lambda one: one.key):
        _refuse(notes, part, keys[0], list(group))
    notes.write()


def _refuse(notes: Notebook, part: Part, place: int, rows: Sequence[Any]) -> None:
    lines = ", ".join(str(one.line) for one in rows[:SHOWN]) + (" …" if len(rows) > SHOWN else "")
    why = _("The same key stands in several rows of the file (lines {lines}).", lines=lines)
    for one in rows:
        notes.add(one.row, one.line, part.mapped.columns[place], None, "duplicate_in_file", why)


def _identity(part: Part, place: int) -> sa.ColumnElement[str]:
    """What is compared: the value, or the text of a link that names nobody yet."""
    value = sa.cast(part.value(place), sa.Text)
    return sa.func.coalesce(value, "?" + part.text(place)) if part.mapped.columns[place].field.is_link else value
