"""Staged rows against stored records: which record a row means, and which of its columns change."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from backoffice.declare.columns import Utc
from backoffice.exchange.options import Options
from backoffice.exchange.stage import UNCHANGED, UPDATE, Part, Stage, stored_column
from backoffice.plan import Field


def match(stage: Stage, part: Part, options: Options, where: sa.ColumnElement[bool], ruled: sa.ColumnElement[bool]) -> sa.Update:
    """The statement that finds the record that each row means by its key, and marks the columns that differ.

    Rows without a record stay what they are: to be created. ``ruled`` says of a changed row whether the model's rules concern it.
    """
    rows, table = part.rows, part.plan.table
    changed = changes(stage, part, options)
    return rows.update().values(
        record_id=table.c.id, record_version=table.c.version, changed=changed, is_ruled=ruled,
        verdict=sa.case((changed == 0, UNCHANGED), else_=UPDATE),
    ).where(where, *same_key(part, options.keys(part.plan), rows, table))


def same_key(part: Part, keys: Sequence[Field], rows: Any, table: Any) -> Iterator[sa.ColumnElement[bool]]:
    """The conditions under which a staged row means a stored record."""
    for one in keys:
        place = part.place(one)
        stored = table.c[stored_column(part.plan, one).name]
        if place is None:
            yield stored.is_(None)
        elif one.nullable and len(keys) > 1:
            is_blank = rows.c[f"c{place}"].is_(None)
            if one.is_link:
                is_blank &= rows.c[f"t{place}"].is_(None)  # a record that is still to be made is not none
            yield (stored == rows.c[f"c{place}"]) | (stored.is_(None) & is_blank)
        else:
            yield stored == rows.c[f"c{place}"]


def changes(stage: Stage, part: Part, options: Options) -> sa.ColumnElement[int]:
    """A number with one bit for each column whose cell differs from what the record holds."""
    bits = [_bit(stage, part, options, place) for place in range(len(part.mapped.columns))]
    return functools.reduce(operator.add, bits)


def _bit(stage: Stage, part: Part, options: Options, place: int) -> sa.ColumnElement[int]:
    value, stored, bit = part.value(place), part.target(place), sa.literal_column(str(1 << place), sa.BigInteger)
    one = part.mapped.columns[place].field
    differs = value.is_not(None) & _apart(stage, value, stored)
    if one.is_link:
        differs |= part.text(place).is_not(None)
    if options.policy(one) == "fill":
        differs &= stored.is_(None)
    if options.policy(one) in {"clear", "null"}:
        differs |= (part.rows.c.empties.op("&")(bit) != 0) & stored.is_not(None)
    return sa.case((differs, bit), else_=sa.literal_column("0", sa.BigInteger))


def _apart(stage: Stage, value: sa.ColumnElement[Any], stored: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether two values are written differently; a stored moment may be finer than a file can say."""
    if not isinstance(stored.type, Utc):
        return stored.is_distinct_from(value)
    if stage.is_sqlite:
        return sa.func.substr(sa.type_coerce(stored, sa.String), 1, 19).is_distinct_from(sa.func.substr(sa.type_coerce(value, sa.String), 1, 19))
    return sa.func.date_trunc("second", stored).is_distinct_from(value)


def ambiguous(part: Part, options: Options, where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Rows whose match fields fit several records."""
    rows, table = part.rows.alias("one"), part.plan.table
    counted = (
        sa.select(rows.c.row).where(*same_key(part, options.keys(part.plan), rows, table))
        .group_by(rows.c.row).having(sa.func.count() > 1)
    )
    return where & part.rows.c.row.in_(counted.scalar_subquery())
