"""The cells as they stand in the file: kept for rows that are refused, to be decided or doubtful, so that they can be shown and corrected."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import orjson
import sqlalchemy as sa

from backoffice.exchange.guard import unguarded
from backoffice.exchange.sources.base import Chunk
from backoffice.exchange.stage import DECIDE, REFUSE, Part, Stage

AT_ONCE = 2_000


def keep(stage: Stage, part: Part, source: Any) -> None:
    """Read the file once more, as far as rows are to be kept, and give the findings their texts."""
    wanted = _wanted(stage, part)
    first = next(wanted, None)
    if first is None:
        return
    for chunk in source.chunks():
        numbers, kept = chunk.numbers, []
        last = numbers[-1]
        places = {number: at for at, number in enumerate(numbers)}
        while first is not None and first <= last:
            if first in places:
                kept.append((first, chunk.cells[places[first]]))
            first = next(wanted, None)
        _put(stage, part, kept)
        if first is None:
            return


def put(stage: Stage, part: Part, chunk: Chunk) -> None:
    """Keep those rows of a chunk that are to be kept."""
    wanted = set(_wanted(stage, part))
    _put(stage, part, [(number, cells) for number, cells in zip(chunk.numbers, chunk.cells, strict=True) if number in wanted])


def _wanted(stage: Stage, part: Part) -> Iterator[int]:
    """The rows to be kept that are not kept yet, in order, some thousands at a time."""
    rows, findings, last = part.rows, stage.findings, 0
    said = sa.select(findings.c.row).where(findings.c.part == part.plan.name)
    kept = sa.select(stage.raws.c.row).where(stage.raws.c.part == part.plan.name)
    is_wanted = rows.c.verdict.in_((REFUSE, DECIDE)) | rows.c.row.in_(said)
    query = sa.select(rows.c.row).where(is_wanted, rows.c.row.not_in(kept)).order_by(rows.c.row).limit(AT_ONCE)
    while some := stage.connection.scalars(query.where(rows.c.row > last)).all():
        yield from some
        last = some[-1]


def _put(stage: Stage, part: Part, kept: list[tuple[int, list[str]]]) -> None:
    if not kept:
        return
    entries = [{"part": part.plan.name, "row": number, "cells": orjson.dumps(cells).decode()} for number, cells in kept]
    stage.connection.execute(stage.raws.insert(), entries)
    by_row = dict(kept)
    findings, mapped = stage.findings, {column.word: column.index for column in part.mapped.columns}
    for start in range(0, len(kept), AT_ONCE):
        numbers = [number for number, _cells in kept[start:start + AT_ONCE]]
        open_ones = sa.select(findings.c.id, findings.c.row, findings.c.field).where(
            findings.c.part == part.plan.name, findings.c.row.in_(numbers), findings.c.value.is_(None), findings.c.field.in_(list(mapped)),
        )
        cells = [(one.id, _cell(by_row[one.row], mapped[one.field])) for one in stage.connection.execute(open_ones)]
        if texts := [{"finding": number, "text": text} for number, text in cells if text]:
            stage.connection.execute(findings.update().where(findings.c.id == sa.bindparam("finding")).values(value=sa.bindparam("text")), texts)


def _cell(cells: list[str], index: int) -> str:
    return unguarded(cells[index]).strip() if index < len(cells) else ""


def said(stage: Stage, part: Part, code: str) -> list[int]:
    """The rows of which something is said."""
    findings = stage.findings
    return list(stage.connection.scalars(sa.select(findings.c.row).where(findings.c.part == part.plan.name, findings.c.code == code)))


def chunk(stage: Stage, part: Part, numbers: Collection[int]) -> Chunk:
    """Kept rows as a chunk of a file."""
    rows, kept = part.rows, stage.raws
    query = (
        sa.select(rows.c.row, rows.c.line, kept.c.cells).join(kept, sa.and_(kept.c.part == part.plan.name, kept.c.row == rows.c.row))
        .where(rows.c.row.in_(list(numbers))).order_by(rows.c.row)
    )
    found = stage.connection.execute(query).all()
    return Chunk(0, [one.line for one in found], [orjson.loads(one.cells) for one in found], picked=[one.row for one in found])


def forget(stage: Stage, part: Part, numbers: Collection[int]) -> None:
    """Take rows off the stage, and what was said of them."""
    for table in (stage.findings, stage.raws):
        stage.connection.execute(table.delete().where(table.c.part == part.plan.name, table.c.row.in_(list(numbers))))
    stage.connection.execute(part.rows.delete().where(part.rows.c.row.in_(list(numbers))))
