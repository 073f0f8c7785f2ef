"""Rows that a person leaves out: they change nothing, and nobody is asked about them again."""

from __future__ import annotations

from collections.abc import Collection

from backoffice.exchange.stage import CREATE, DECIDE, UNCHANGED, UPDATE, Part, Stage

AT_ONCE = 1_000


def leave(stage: Stage, part: Part, rows: Collection[int | str]) -> None:
    """Let these rows of a part say nothing; names of rows of other parts are passed over."""
    staged, numbers = part.rows, [number for number in rows if isinstance(number, int)]
    for start in range(0, len(numbers), AT_ONCE):
        some = staged.c.row.in_(numbers[start:start + AT_ONCE])
        to_be_written = staged.c.verdict.in_((CREATE, UPDATE, DECIDE)) & staged.c.applied.is_(False)
        stage.connection.execute(staged.update().values(verdict=UNCHANGED).where(some, to_be_written))
    stage.connection.commit()
